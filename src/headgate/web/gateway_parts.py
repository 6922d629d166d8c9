"""The parts of the gateway, put together once for a process."""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from headgate.core.clock import Clock
from headgate.dialects.faces import ClientFace
from headgate.exchange.inbound import Inbound
from headgate.exchange.ports import ClientStream
from headgate.exchange.response_calls import ResponseCalls
from headgate.web.authenticator import Authenticator
from headgate.web.denied_requests import DeniedRequests
from headgate.web.routes import RouteTable


class ExchangeRunner(Protocol):
    """Runs exchanges, as `exchange.exchange.Exchanges` does."""

    def run(self, inbound: Inbound, client: ClientStream, on_released: Callable[[], None]) -> None:
        """Take one request to its end. Raises GatewayError where it is refused before anything was sent."""

    def response_calls(self) -> ResponseCalls:
        """What requests for kept responses are answered with."""


class GatewayParts(msgspec.Struct, frozen=True):
    """What the gateway is given."""

    routes: RouteTable
    faces: Mapping[str, ClientFace]
    exchanges: ExchangeRunner
    authenticator: Authenticator
    clock: Clock
    body_bytes_max: int
    public_url: str = ""
    contact: str = ""  # whom to ask, on pages; the faces have it already
    denied: DeniedRequests | None = None
