"""`headgate logout`: forgets a gateway and its token on this machine, and revokes the token if asked to."""

import sys
from typing import Annotated

import typer

from headgate.cli.gateway import RemoteGateway
from headgate.cli.gateway_address import checked_url, secret_of
from headgate.cli.keyring_tokens import delete_token
from headgate.cli.logins import read_logins, write_logins
from headgate.cli.options import JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text
from headgate.core.errors import NotFound

app = typer_app("Sign out of a gateway.")


@app.command()
@reports_errors
def logout(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="The gateway's address. By default the one signed in to last.", show_envvar=False)] = "",
    revoke: Annotated[bool, typer.Option("--revoke", help="Revoke the token at the gateway too: agents that use it are refused.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Sign out of a gateway: its token is removed from this machine. The token itself goes on working elsewhere, unless --revoke ends it."""
    logins = read_logins()
    login = logins.find(checked_url(url, "The address") if url else "")
    if login is None:
        named = f" to {url}" if url else ""
        raise NotFound(f"You are not signed in{named}. `headgate login URL` signs you in.")
    if revoke:
        gateway = RemoteGateway(url=login.url, token=secret_of(login), signed_in=True)
        gateway.ask("POST", "/api/2.0/token/delete", {"token_id": login.token_id})
    if login.kept_in == "keyring":
        delete_token(login.url)
    write_logins(logins.without(login.url))
    if as_json:
        print(json_text({"url": login.url, "principal": login.principal, "revoked": revoke}))
    else:
        sys.stderr.write(
            f"Signed out of {login.url}. The token {login.token_id} {'is revoked' if revoke else 'is not revoked: --revoke does that'}.\n"
        )
