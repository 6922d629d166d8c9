"""`headgate token create|list|revoke|sign-in`. They work on the store itself, whether the gateway runs or not; a running gateway notices within two seconds."""

import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

from headgate.admin.token_ports import TokenRow
from headgate.admin.tokens import TokenAdmin, TokenRequest
from headgate.cli.options import DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import iso, printable, table
from headgate.cli.store import existing_store
from headgate.config.load import server_settings
from headgate.core.clock import Clock, SystemClock
from headgate.storage.state.store import open_state

app = typer_app("Create, list and revoke tokens, and sign in.")


@app.command()
@reports_errors
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the token is for: a laptop, a pipeline.", show_envvar=False)],
    user: Annotated[
        str, typer.Option("--user", metavar="USER", help="The user whose usage it is: an e-mail address or a name. By default NAME.")
    ] = "",
    admin: Annotated[bool, typer.Option("--admin", help="Allow it to administer Headgate too.")] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", metavar="PATTERN", help="Endpoints it may use, such as 'claude-*'; may be repeated. By default all."),
    ] = None,
    expires: Annotated[int, typer.Option("--expires", metavar="DAYS", min=0, help="Days until it expires; 0 for never.")] = 0,
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Create a token. It is shown only now: the store has only a keyed hash of it."""
    with _tokens(data) as tokens:
        request = TokenRequest(name=name, user=user, admin=admin, endpoints=tuple(allow or ["*"]), expires_days=expires)
        created = tokens.create(request)
    row = created.row
    if as_json:
        print(json.dumps({"token": created.token, "token_id": row.id, **_described(row)}))
        return
    print(created.token)
    until = f", until {iso(row.expires_at_ms)}" if row.expires_at_ms else ""
    sys.stderr.write(
        f"Token {row.id} ({row.name}) for {row.principal.name}: {', '.join(row.scopes)}, endpoints {' '.join(row.endpoints)}{until}.\n"
        f"It is shown only now. Agents send it as their API key or `Authorization: Bearer`. Revoke it with `headgate token revoke {row.id}`.\n"
    )


@app.command("list")
@reports_errors
def list_tokens(
    data: DataOption = "",
    live: Annotated[bool, typer.Option("--live", help="Leave out tokens that are revoked or expired.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List tokens, oldest first. Only the last four characters of a token itself are known."""
    clock = SystemClock()
    with _tokens(data) as tokens:
        rows = [row for row in tokens.list() if not live or _state(row, clock) == "live"]
    if as_json:
        print(json.dumps([{"token_id": row.id, **_described(row), "last4": row.last4, "revoked_at": iso(row.revoked_at_ms)} for row in rows]))
        return
    if not rows:
        sys.stderr.write("No tokens. `headgate token create NAME` makes one.\n")
        return
    head = ("ID", "NAME", "USER", "ENDS IN", "SCOPES", "ENDPOINTS", "CREATED", "STATE")
    for line in table(head, [_cells(row, clock) for row in rows]):
        print(line)


@app.command()
@reports_errors
def revoke(
    which: Annotated[str, typer.Argument(metavar="ID|NAME", help="The token's id, or its name if no other live token has it.", show_envvar=False)],
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Revoke a token. A running gateway refuses it within two seconds; answers in progress may finish."""
    with _tokens(data) as tokens:
        row = tokens.revoke(which)
    if as_json:
        print(json.dumps({"token_id": row.id, "name": row.name, "revoked": True}))
    else:
        sys.stderr.write(f"Revoked {row.id} ({row.name}) of {row.principal.name}.\n")


@app.command("sign-in")
@reports_errors
def sign_in(
    user: Annotated[str, typer.Option("--user", metavar="USER", help="The administrator. By default the owner of the oldest admin token.")] = "",
    url: Annotated[
        str,
        typer.Option(
            "--url", metavar="URL", help="Address of the gateway, as the browser reaches it. By default as configured: http://127.0.0.1:8484."
        ),
    ] = "",
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print a link that signs an administrator in to the pages. It works once, within ten minutes."""
    with _tokens(data) as tokens:
        link = tokens.sign_in_link(url or _configured_url(), user)
    if as_json:
        print(json.dumps({"url": link.url, "user": link.user, "expires_at": iso(link.expires_at_ms)}))
        return
    print(link.url)
    sys.stderr.write(f"Signs {link.user} in, once, until {iso(link.expires_at_ms)}.\n")


def _configured_url() -> str:
    """The gateway's address in the configuration that is found here."""
    server = server_settings("", os.environ)
    return server.public_url or f"http://127.0.0.1:{server.port}"


@contextmanager
def _tokens(data: str) -> Generator[TokenAdmin]:
    store, pepper = open_state(existing_store(data))
    try:
        yield TokenAdmin(store, pepper, SystemClock())
    finally:
        store.close()


def _described(row: TokenRow) -> dict[str, object]:
    return {
        "name": row.name,
        "user": row.principal.name,
        "scopes": list(row.scopes),
        "endpoints": list(row.endpoints),
        "created_at": iso(row.created_at_ms),
        "expires_at": iso(row.expires_at_ms),
    }


def _cells(row: TokenRow, clock: Clock) -> tuple[str, ...]:
    created = (iso(row.created_at_ms) or "")[:10]
    endpoints = printable(" ".join(row.endpoints), 40)
    return (
        row.id, printable(row.name, 32), printable(row.principal.name, 40), f"…{row.last4}", ",".join(row.scopes), endpoints, created, _state(row, clock),
    )  # fmt: skip


def _state(row: TokenRow, clock: Clock) -> str:
    if row.revoked_at_ms:
        return "revoked"
    return "expired" if 0 < row.expires_at_ms <= clock.wall_ns() // 1_000_000 else "live"
