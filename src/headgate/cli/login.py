"""`headgate login`: signs this user in to a gateway, so that later commands ask it. The token is checked there before it is kept, and never printed."""

import getpass
import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from headgate.cli.gateway import RemoteGateway
from headgate.cli.gateway_address import TOKEN_VARIABLE, URL_VARIABLE, checked_url
from headgate.cli.keyring_tokens import is_usable
from headgate.cli.login_keeping import keep_login
from headgate.cli.logins import login_path
from headgate.cli.options import JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text, printable
from headgate.core.errors import BadRequest, Unauthenticated
from headgate.core.loopback import is_loopback_url
from headgate.core.secret import Secret

app = typer_app("Sign in to a gateway.")

_TOKEN_CHARS_MAX = 512
_ROUTES = ("/anthropic", "/openai/v1", "/gemini", "/cursor/v1")  # what agents have behind the address


class Keeping(StrEnum):
    """Where a token can be kept."""

    KEYRING = "keyring"
    FILE = "file"


@app.command()
@reports_errors
def login(
    url: Annotated[
        str, typer.Argument(metavar="[URL]", help="The gateway's address, such as https://gate.example. By default HEADGATE_URL.", show_envvar=False)
    ] = "",
    token_stdin: Annotated[bool, typer.Option("--token-stdin", help="Read the token from standard input.")] = False,
    keep_in: Annotated[
        Keeping | None,
        typer.Option(
            "--keep-in",
            metavar="keyring|file",
            help="Where to keep the token. By default the system's keyring if headgate[keyring] finds one, else a file.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Sign in to a gateway with your token. Later commands ask that gateway.

    The token comes from standard input with --token-stdin, from HEADGATE_TOKEN, or from you: it is not shown as you type.
    """
    address = address_of(url or os.environ.get(URL_VARIABLE, ""))
    gateway = RemoteGateway(url=address, token=_token(address, from_stdin=token_stdin))
    me = gateway.me()
    kept = keep_login(gateway, me, (keep_in or (Keeping.KEYRING if is_usable() else Keeping.FILE)).value)
    if as_json:
        print(json_text({"url": kept.url, "principal": kept.principal, "token": me["token"], "kept_in": kept.kept_in}))
        return
    token = me["token"]
    end = f", ends {token['expires_at']}" if token["expires_at"] else ""
    where = "the keyring" if kept.kept_in == "keyring" else str(login_path())
    sys.stderr.write(
        f"Signed in to {kept.url} as {printable(kept.principal, 80)} (token {printable(token['name'], 80)}{end}). The token is in {where}.\n"
        "See what is left for you with `headgate whoami`; `headgate logout` signs you out.\n"
    )
    if address.startswith("http://") and not is_loopback_url(address):
        sys.stderr.write(f"Warning: {address} is not encrypted: anyone on the way can read your token.\n")


def address_of(url: str) -> str:
    """The gateway's address in what was typed or copied: a bare host gets its scheme, and the part that an agent's address ends in goes."""
    if not url:
        raise BadRequest(f"Name the gateway: headgate login https://gate.example (or set {URL_VARIABLE}).")
    if "://" not in url:
        url = f"{'http' if is_loopback_url(f'//{url}') else 'https'}://{url}"
    plain = checked_url(url, "The address")
    return next((plain.removesuffix(route) for route in _ROUTES if plain.endswith(route)), plain)


def _token(address: str, *, from_stdin: bool) -> Secret:
    named = os.environ.get(TOKEN_VARIABLE, "")
    if from_stdin:
        text = sys.stdin.readline(_TOKEN_CHARS_MAX * 2)
    elif named:
        sys.stderr.write(f"Using the token in {TOKEN_VARIABLE}.\n")
        text = named
    elif sys.stdin.isatty():
        text = _typed(f"Your token for {address} (make one at {address}/me/tokens, or ask your administrator): ")
    else:
        raise Unauthenticated(f"There is no terminal to ask for your token: set {TOKEN_VARIABLE}, or use --token-stdin.")
    token = text.strip()
    if not token or len(token) > _TOKEN_CHARS_MAX or not token.isascii() or not token.isprintable():
        raise Unauthenticated("That is no token. A token begins with hg_ and has 52 characters.")
    return Secret(token)


def _typed(prompt: str) -> str:
    try:
        return getpass.getpass(prompt)
    except EOFError:
        return ""
