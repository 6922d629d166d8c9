"""The parts of the gateway, put together once for a process."""

from collections.abc import Mapping

import msgspec

from headgate.core.clock import Clock
from headgate.dialects.faces import ClientFace
from headgate.exchange.exchange import Exchanges
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests
from headgate.web.routes import RouteTable


class GatewayParts(msgspec.Struct, frozen=True):
    """What the gateway is given."""

    routes: RouteTable
    faces: Mapping[str, ClientFace]
    exchanges: Exchanges
    authenticator: Authenticator
    clock: Clock
    body_bytes_max: int
    public_url: str = ""
    contact: str = ""  # whom to ask, on pages; the faces have it already
    denied: DeniedRequests | None = None
