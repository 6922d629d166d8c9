"""`headgate token create|list|show|update|rotate|revoke|get|sign-in`. They work on the store itself, whether the gateway runs or not, and a running gateway
notices within two seconds; or on a gateway that runs elsewhere.

What they need is loaded when it is used: programs run `token get` often, and wait for it.
"""

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from headgate.admin.token_ports import TokenChange, TokenRow
from headgate.admin.token_request import DAY_S, USUAL_SCOPES, TokenRequest
from headgate.cli.options import DataOption, JsonOption, UrlOption, reports_errors, typer_app
from headgate.cli.output import iso, print_table
from headgate.cli.spans import span_s
from headgate.cli.token_get import print_token
from headgate.cli.token_text import cells, described, lines, listed, state, summary
from headgate.core.clock import SystemClock
from headgate.core.scopes import ADMIN, SCOPES

if TYPE_CHECKING:
    from headgate.admin.tokens import CreatedToken

app = typer_app("Create, change, rotate and revoke tokens, and sign in.")

WhichArgument = Annotated[
    str, typer.Argument(metavar="ID|NAME", help="The token's id, or its name if no other live token has it.", show_envvar=False)
]
_SCOPE_HELP = f"What it may be used for: {', '.join(sorted(SCOPES))}; may be repeated."
_ALLOW_HELP = "Endpoints it may use, such as 'claude-*'; may be repeated."
_NETWORK_HELP = "A network or address it may be used from, such as 10.0.0.0/8; may be repeated."
_UNCHANGED = "By default those that it has."

ScopeOption = Annotated[list[str] | None, typer.Option("--scope", metavar="SCOPE", help=f"{_SCOPE_HELP} By default all but admin.")]
AllowOption = Annotated[list[str] | None, typer.Option("--allow", metavar="PATTERN", help=f"{_ALLOW_HELP} By default all.")]
NetworkOption = Annotated[list[str] | None, typer.Option("--network", metavar="CIDR", help=f"{_NETWORK_HELP} By default all.")]
FewerScopesOption = Annotated[list[str] | None, typer.Option("--scope", metavar="SCOPE", help=f"{_SCOPE_HELP} {_UNCHANGED}")]
OtherAllowOption = Annotated[list[str] | None, typer.Option("--allow", metavar="PATTERN", help=f"{_ALLOW_HELP} {_UNCHANGED}")]
OtherNetworkOption = Annotated[list[str] | None, typer.Option("--network", metavar="CIDR", help=f"{_NETWORK_HELP} {_UNCHANGED}")]


@app.command()
@reports_errors
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the token is for: a laptop, a pipeline.", show_envvar=False)],
    user: Annotated[
        str,
        typer.Option(
            "--user",
            metavar="USER",
            help="The user whose usage it is: an e-mail address or a name. By default NAME; at another machine's gateway you.",
        ),
    ] = "",
    service_principal: Annotated[
        str, typer.Option("--service-principal", metavar="ID|NAME", help="The service principal whose usage it is, instead of a user's.")
    ] = "",
    admin: Annotated[bool, typer.Option("--admin", help="Allow it to administer Headgate too.")] = False,
    scope: ScopeOption = None,
    allow: AllowOption = None,
    network: NetworkOption = None,
    expires: Annotated[int, typer.Option("--expires", metavar="DAYS", min=0, help="Days until it expires; 0 for never.")] = 0,
    url: UrlOption = "",
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Create a token. It is shown only now: the store has only a keyed hash of it."""
    from headgate.cli.token_access import tokens_of  # ruff: ignore[import-outside-top-level] see the module's head

    scopes = tuple(scope or (USUAL_SCOPES if admin else ()))
    request = TokenRequest(
        name=name,
        user=user,
        service_principal=service_principal,
        scopes=(*scopes, ADMIN) if admin and ADMIN not in scopes else scopes,
        endpoints=tuple(allow or ()),
        networks=tuple(network or ()),
        lifetime_s=expires * DAY_S,
    )
    with tokens_of(data, url) as tokens:
        created = tokens.create(request)
        _print_created(created, as_json)
        if not as_json:
            _say_namesakes(created.row, tokens.list())


@app.command("list")
@reports_errors
def list_tokens(
    url: UrlOption = "",
    data: DataOption = "",
    live: Annotated[bool, typer.Option("--live", help="Leave out tokens that are revoked or expired.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List tokens, oldest first. Only the last four characters of a token itself are known."""
    from headgate.cli.token_access import tokens_of  # ruff: ignore[import-outside-top-level] see the module's head

    clock = SystemClock()
    with tokens_of(data, url) as tokens:
        rows = [row for row in tokens.list() if not live or state(row, clock) == "live"]
    if as_json:
        print(json.dumps([listed(row) for row in rows]))
        return
    if not rows:
        sys.stderr.write("No tokens. `headgate token create NAME` makes one.\n")
        return
    head = ("ID", "NAME", "USER", "TOKEN", "SCOPES", "ENDPOINTS", "CREATED", "USED", "EXPIRES", "STATE")
    print_table(head, [cells(row, clock) for row in rows])


@app.command()
@reports_errors
def show(which: WhichArgument, url: UrlOption = "", data: DataOption = "", as_json: JsonOption = False) -> None:
    """Show a token: its user, what it allows, and when it was last used."""
    from headgate.cli.token_access import tokens_of  # ruff: ignore[import-outside-top-level] see the module's head

    with tokens_of(data, url) as tokens:
        row = tokens.get(which)
    if as_json:
        print(json.dumps(listed(row)))
        return
    for line in lines(row, SystemClock()):
        print(line)


@app.command()
@reports_errors
def update(
    which: WhichArgument,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Another name.")] = None,
    scope: FewerScopesOption = None,
    allow: OtherAllowOption = None,
    network: OtherNetworkOption = None,
    anywhere: Annotated[bool, typer.Option("--anywhere", help="Let it be used from every network again.")] = False,
    url: UrlOption = "",
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Change what a token allows. Scopes can only be taken away; the endpoints and networks that are given replace those that it has."""
    from headgate.cli.token_access import tokens_of  # ruff: ignore[import-outside-top-level] see the module's head

    change = TokenChange(
        name=name,
        scopes=tuple(scope) if scope else None,
        endpoints=tuple(allow) if allow else None,
        networks=() if anywhere else tuple(network) if network else None,
    )
    with tokens_of(data, url) as tokens:
        row = tokens.change(which, change)
    if as_json:
        print(json.dumps(listed(row)))
    else:
        sys.stderr.write(f"Changed {row.id}. A running gateway follows within two seconds.\n")


@app.command()
@reports_errors
def rotate(
    which: WhichArgument,
    overlap: Annotated[str, typer.Option("--overlap", metavar="SPAN", help="How long the old one still works: 30m, 24h, 7d.")] = "24h",
    url: UrlOption = "",
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a new secret for a token, with the same name and rights and the same lifetime again. The old one ends after the overlap."""
    from headgate.cli.token_access import tokens_of  # ruff: ignore[import-outside-top-level] see the module's head

    overlap_s = span_s(overlap)
    if overlap_s is None:
        raise typer.BadParameter(f"{overlap!r} is no span such as 30m, 24h or 7d", param_hint="'--overlap'")
    with tokens_of(data, url) as tokens:
        old = tokens.get(which)
        created = tokens.rotate(old.id, overlap_s)
    ends_at_ms = SystemClock().wall_ns() // 1_000_000 + overlap_s * 1000
    _print_created(created, as_json, replaces=msgspec.structs.replace(old, expires_at_ms=min(old.expires_at_ms or ends_at_ms, ends_at_ms)))


@app.command()
@reports_errors
def revoke(
    which: WhichArgument,
    url: UrlOption = "",
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Revoke a token. A running gateway refuses it within two seconds; answers in progress may finish."""
    from headgate.cli.token_access import tokens_of  # ruff: ignore[import-outside-top-level] see the module's head

    with tokens_of(data, url) as tokens:
        row = tokens.revoke(which)
    if as_json:
        print(json.dumps({"token_id": row.id, "name": row.name, "revoked": True}))
    else:
        sys.stderr.write(f"Revoked {row.id} ({row.name}) of {row.principal.name}.\n")


@app.command()
@reports_errors
def get(url: UrlOption = "") -> None:
    """Print your own token for a gateway: for programs that ask for it, such as Claude Code's apiKeyHelper and Codex's auth.command."""
    print_token(url)


@app.command("sign-in")
@reports_errors
def sign_in(
    user: Annotated[str, typer.Option("--user", metavar="USER", help="The user. By default the administrator with the oldest admin token.")] = "",
    url: Annotated[
        str,
        typer.Option(
            "--url", metavar="URL", help="Address of the gateway, as the browser reaches it. By default as configured: http://127.0.0.1:8484."
        ),
    ] = "",
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Print a link that signs a user in to the pages, by default an administrator. It works once, within ten minutes.

    It is made on the gateway's own machine, in its store.
    """
    from headgate.cli.token_access import stored_tokens  # ruff: ignore[import-outside-top-level] see the module's head

    with stored_tokens(data) as tokens:
        link = tokens.sign_in_link(url or _configured_url(), user)
    if as_json:
        print(json.dumps({"url": link.url, "user": link.user, "expires_at": iso(link.expires_at_ms)}))
        return
    print(link.url)
    sys.stderr.write(f"Signs {link.user} in, once, until {iso(link.expires_at_ms)}.\n")


def _configured_url() -> str:
    """The gateway's address in the configuration that is found here."""
    from headgate.config.load import server_settings  # ruff: ignore[import-outside-top-level] see the module's head

    server = server_settings("", os.environ)
    return server.public_url or f"http://127.0.0.1:{server.port}"


def _print_created(created: "CreatedToken", as_json: bool, replaces: TokenRow | None = None) -> None:
    row = created.row
    if as_json:
        made = {"token": created.token, **described(row)}
        print(json.dumps(made if replaces is None else {**made, "replaces": {"token_id": replaces.id, "expires_at": iso(replaces.expires_at_ms)}}))
        return
    print(created.token)
    sys.stderr.write(
        f"Token {row.id} ({row.name}) for {row.principal.name}: {summary(row)}.\n"
        f"It is shown only now. Agents send it as their API key or `Authorization: Bearer`. Revoke it with `headgate token revoke {row.id}`.\n"
    )
    if replaces is not None:
        sys.stderr.write(f"It takes the place of {replaces.id}, which works until {iso(replaces.expires_at_ms)}.\n")


def _say_namesakes(row: TokenRow, rows: Sequence[TokenRow]) -> None:
    """Commands refuse a name that several live tokens have."""
    clock = SystemClock()
    others = [each for each in rows if each.name == row.name and each.id != row.id and state(each, clock) == "live"]
    if others:
        users = ", ".join(sorted({each.principal.name for each in others}))
        sys.stderr.write(
            f"{row.name} is also the name of {len(others)} other live {'tokens' if len(others) > 1 else 'token'} ({users}): use the id.\n"
        )
