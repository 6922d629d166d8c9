"""Where a command finds its gateway, and the token that it presents there. Every command that asks a gateway finds both here; nothing is asked or stored.

A token goes to its own gateway alone: that of a login to the address of the login, the one in HEADGATE_TOKEN to the address that was named, or else to
this machine's gateway.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from headgate.cli.logins import Login, plain_url, read_logins
from headgate.config.paths import data_directory
from headgate.core.errors import BadRequest, Unauthenticated
from headgate.core.secret import Secret
from headgate.core.time_text import moment_of
from headgate.storage.state.stated_address import read_address

TOKEN_VARIABLE, URL_VARIABLE, DATA_VARIABLE = "HEADGATE_TOKEN", "HEADGATE_URL", "HEADGATE_DATA"
_HERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # a gateway that listens on every address is reached at this machine's own


class GatewayAddress(NamedTuple):
    """The address of a gateway, without a slash at its end, and whether it is this machine's own because no other was named. `signed_in` says that the
    login there named it.
    """

    url: str
    is_own: bool
    signed_in: bool = False


def gateway_address(asked: str, environ: Mapping[str, str]) -> GatewayAddress:
    """The address in `--url`, else in HEADGATE_URL, else that of the login, else the one at which this machine's gateway listens.

    HEADGATE_DATA names a store of this machine, so the login does not count then. Raises BadRequest for a text that is no address.
    """
    for named, by in ((asked, "--url"), (environ.get(URL_VARIABLE, ""), URL_VARIABLE)):
        if named:
            return GatewayAddress(checked_url(named, by), is_own=False)
    login = None if environ.get(DATA_VARIABLE) else read_logins(environ).find()
    if login is not None:
        return GatewayAddress(login.url, is_own=False, signed_in=True)
    return GatewayAddress(own_url(environ), is_own=True)


def presented_token(asked: str, environ: Mapping[str, str], address: GatewayAddress | None = None) -> Secret | None:
    """The token in an option; else that of the login that named the address; else the one in HEADGATE_TOKEN; else that of the login for the address."""
    if asked:
        return Secret(asked)
    named = environ.get(TOKEN_VARIABLE, "")
    if named and not (address is not None and address.signed_in):
        return Secret(named)
    login = None if address is None or address.is_own else read_logins(environ).find(address.url)
    return None if login is None else secret_of(login)


def token_for(address: GatewayAddress, environ: Mapping[str, str], now_ms: int) -> Secret:
    """The token for an address. Raises Unauthenticated if there is none, or if that of the login has ended."""
    token = presented_token("", environ, address)
    if token is None and address.is_own:
        message = f"This asks a running gateway, and you are signed in to none: run `headgate login URL`, or set {TOKEN_VARIABLE}"
        raise Unauthenticated(f"{message}, and {URL_VARIABLE} if the gateway is not on this machine.")
    again = f"Run `headgate login {address.url}`, or set {TOKEN_VARIABLE} to your token."
    if token is None:
        raise Unauthenticated(f"You are not signed in to {address.url}. {again}")
    login = read_logins(environ).find(address.url) if uses_login(address, environ) else None
    end = moment_of(login.expires_at) if login is not None else None
    if end is not None and end.timestamp() * 1000 <= now_ms:
        raise Unauthenticated(f"Your token for {address.url} ended on {end:%Y-%m-%d}. Get another one. {again}")
    return token


def uses_login(address: GatewayAddress, environ: Mapping[str, str]) -> bool:
    """Whether the token for this address is that of a login."""
    return address.signed_in or not environ.get(TOKEN_VARIABLE)


def secret_of(login: Login) -> Secret:
    """The token of a login, from its file or the keyring."""
    if login.secret is not None:
        return login.secret
    from headgate.cli.keyring_tokens import read_token  # ruff: ignore[import-outside-top-level] only where a login is in the keyring

    return read_token(login.url)


def checked_url(url: str, by: str) -> str:
    """An address in its plain form. `by` is what named it, for the BadRequest that is raised for a text that is none."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.username or parts.query or parts.fragment)
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not url.isprintable():
        raise BadRequest(f"{by} is {url!r}; it should be like https://gate.example or http://127.0.0.1:8484.")
    return plain_url(url)


def own_url(environ: Mapping[str, str]) -> str:
    """Where the gateway of this machine's store listens; where its configuration has it listen if it was never started."""
    from headgate.config.load import server_settings  # ruff: ignore[import-outside-top-level] slow to load, and seldom needed

    stated = read_address(str(data_directory("", environ).root)).url
    if stated:
        return stated
    server = server_settings(environ.get("HEADGATE_CONFIG", ""), environ)
    host = _HERE.get(server.host, server.host)
    return f"http://[{host}]:{server.port}" if ":" in host else f"http://{host}:{server.port}"
