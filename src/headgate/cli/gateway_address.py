"""Where a command finds its gateway, and the token that it presents there. Every command that asks a gateway finds both here; nothing is asked or stored."""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from headgate.config.load import server_settings
from headgate.core.errors import BadRequest
from headgate.core.secret import Secret

TOKEN_VARIABLE, URL_VARIABLE = "HEADGATE_TOKEN", "HEADGATE_URL"
_HERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # a gateway that listens on every address is reached at this machine's own


class GatewayAddress(NamedTuple):
    """The address of a gateway, without a slash at its end, and whether it is this machine's own because no other was named."""

    url: str
    is_own: bool


def gateway_address(asked: str, environ: Mapping[str, str]) -> GatewayAddress:
    """The address in `--url`, else in HEADGATE_URL, else the one at which this machine's configuration listens. Raises BadRequest if it is none."""
    for named, by in ((asked, "--url"), (environ.get(URL_VARIABLE, ""), URL_VARIABLE)):
        if named:
            parts = urlsplit(named)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise BadRequest(f"{by} is {named!r}; it should be like https://gate.example or http://127.0.0.1:8484.")
            return GatewayAddress(named.rstrip("/"), is_own=False)
    return GatewayAddress(_own_url(environ), is_own=True)


def presented_token(asked: str, environ: Mapping[str, str]) -> Secret | None:
    """The token in an option, else in HEADGATE_TOKEN; `None` if there is none."""
    named = asked or environ.get(TOKEN_VARIABLE, "")
    return Secret(named) if named else None


def _own_url(environ: Mapping[str, str]) -> str:
    server = server_settings(environ.get("HEADGATE_CONFIG", ""), environ)
    host = _HERE.get(server.host, server.host)
    return f"http://[{host}]:{server.port}" if ":" in host else f"http://{host}:{server.port}"
