"""The service of OTLP over gRPC: the three export services on a port of their own, the same journey behind them as over HTTP.

The library is an extra, looked for only when a port is configured. Messages are handed on as bytes: no service code is generated, and nothing is decoded
twice. Bodies come unpacked or not at all: a packed message could grow beyond its limit before it is checked.

The methods are served as if they took streams, which looks the same on the wire: so the caller is known by its metadata, and has one of a bounded number
of places, before its message is read. Until then the client may send no more than the window of its stream.
"""

import asyncio
import importlib
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import unquote

import msgspec

from headgate.core.audit_event import OTEL
from headgate.core.clock import Clock
from headgate.core.errors import GatewayError, TooLarge, Unavailable
from headgate.core.headers import Headers
from headgate.core.ids import new_id
from headgate.core.principal import Principal
from headgate.core.scopes import TELEMETRY
from headgate.policy.authenticate import token_tail
from headgate.policy.permit import require_scope
from headgate.telemetry.export_reading import Incoming
from headgate.telemetry.fair_slots import FairSlots
from headgate.telemetry.otlp import export_body
from headgate.web.denied_requests import Sender
from headgate.web.edge import Edge
from headgate.web.otlp import EXPORT, OtlpParts, RefusedExports, table_of
from headgate.web.rare_log import RareLog

_SERVICES = {
    "opentelemetry.proto.collector.metrics.v1.MetricsService": "metrics",
    "opentelemetry.proto.collector.logs.v1.LogsService": "logs",
    "opentelemetry.proto.collector.trace.v1.TraceService": "spans",
}
# HTTP's status -> the name of gRPC's. Of these a client repeats UNAVAILABLE alone.
_CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    415: "UNIMPLEMENTED",
    429: "UNAVAILABLE",
    503: "UNAVAILABLE",
}
_GRACE_S = 2.0
_KIND_CHARS_MAX = 500


class GrpcLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of the port. A message is held from its first byte to its answer: `held_bytes_max` bounds all of them, each counted as the largest allowed."""

    connections_max: int = 500
    streams_per_connection_max: int = 100
    metadata_bytes_max: int = 16 << 10
    window_bytes: int = 64 << 10
    held_bytes_max: int = 256 << 20
    waiting_per_caller_max: int = 64
    message_timeout_s: float = 30.0
    handshake_timeout_s: float = 10.0
    idle_timeout_s: float = 300.0
    connection_age_s: float = 3600.0

    def options(self, message_bytes_max: int) -> list[tuple[str, int]]:
        """The same in the words of the library."""
        return [
            ("grpc.max_receive_message_length", message_bytes_max),
            ("grpc.compression_enabled_algorithms_bitset", 1),  # none but identity
            ("grpc.so_reuseport", 0),
            ("grpc.max_allowed_incoming_connections", self.connections_max),
            ("grpc.max_concurrent_streams", self.streams_per_connection_max),
            ("grpc.max_metadata_size", self.metadata_bytes_max),
            ("grpc.absolute_max_metadata_size", self.metadata_bytes_max),
            ("grpc.http2.lookahead_bytes", self.window_bytes),
            ("grpc.http2.bdp_probe", 0),  # it would let the windows grow
            ("grpc.server_handshake_timeout_ms", int(self.handshake_timeout_s * 1000)),
            ("grpc.max_connection_idle_ms", int(self.idle_timeout_s * 1000)),
            ("grpc.max_connection_age_ms", int(self.connection_age_s * 1000)),
            ("grpc.max_connection_age_grace_ms", int(self.message_timeout_s * 2000)),
        ]

    def places(self, message_bytes_max: int) -> FairSlots:
        """FairSlots for messages, of which one caller never has more than a quarter."""
        total = max(4, self.held_bytes_max // message_bytes_max)
        return FairSlots(total, max(1, total // 4))


class Address(msgspec.Struct, frozen=True):
    """Where the service listens. Port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class OtlpGrpc:
    """The server. `start` and `stop` are called from the event loop that it lives in."""

    def __init__(self, parts: OtlpParts, address: Address, limits: GrpcLimits | None = None) -> None:
        self._parts = parts
        self._address = address
        self._limits = limits or GrpcLimits()
        self._places = self._limits.places(parts.body_bytes_max)
        self._edge = Edge(parts.clock)
        self._refused = RefusedExports(self._edge.rare_log)
        self._library_log = LibraryLog("the gRPC library", parts.clock)
        self._server: Any = None
        self.port = 0

    async def start(self) -> None:
        """Listen. Raises `Unavailable` where the library is missing or the port is taken."""
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # the library's core writes a line to standard error for what any stranger sends
        try:
            grpc: Any = importlib.import_module("grpc")
            aio: Any = importlib.import_module("grpc.aio")
        except ImportError as error:
            raise Unavailable("OTLP over gRPC needs a library: install headgate[grpc], or set telemetry.grpc_port to 0.") from error
        _library_logger().addFilter(self._library_log)
        self._server = aio.server(options=self._limits.options(self._parts.body_bytes_max))
        self._server.add_generic_rpc_handlers((self._services(grpc),))
        try:
            self.port = self._server.add_insecure_port(str(self._address))
        except RuntimeError as error:
            raise Unavailable(f"OTLP over gRPC cannot listen on {self._address}.") from error
        await self._server.start()

    async def stop(self) -> None:
        """Take nothing more; what is under way may end."""
        if self._server is not None:
            await self._server.stop(_GRACE_S)
            _library_logger().removeFilter(self._library_log)

    def _services(self, grpc: Any) -> Any:  # ruff: ignore[any-type] - the library is not there when types are checked
        handlers = {f"/{service}/Export": grpc.stream_unary_rpc_method_handler(self._method(grpc, signal)) for service, signal in _SERVICES.items()}

        class Services(grpc.GenericRpcHandler):  # type: ignore[misc]
            """Finds a method by its path."""

            def service(self, call: Any) -> Any:  # ruff: ignore[any-type] - see above
                """The method, or nothing."""
                return handlers.get(call.method)

        return Services()

    def _method(self, grpc: Any, signal: str) -> Callable[[object, Any], Awaitable[bytes]]:  # ruff: ignore[any-type] - see above
        async def export(_messages: object, context: Any) -> bytes:  # ruff: ignore[any-type] - see above
            try:
                return await self._serve(grpc, signal, context)
            except Exception as error:  # ruff: ignore[blind-except] the edge words it
                shown = self._edge.shown(error, new_id("req", self._parts.clock.wall_ns()))
                await context.abort(getattr(grpc.StatusCode, _CODES.get(shown.status, "INTERNAL")), shown.message)
                raise AssertionError from None  # abort does not return

        return export

    async def _serve(self, grpc: Any, signal: str, context: Any) -> bytes:  # ruff: ignore[any-type] - see above
        """One call: who it is, then a place, then its message."""
        headers = _headers(context.invocation_metadata())
        sender = Sender(headers, _address(context.peer()))
        try:
            principal = await self._parts.caller(headers, "", sender.address)
        except GatewayError as error:
            self._refused.tell_stranger(error, sender.address, token_tail(headers))
            self._deny(error, sender, "")
            raise
        table = ""
        try:
            require_scope(principal, TELEMETRY)
            self._parts.previews().require("opentelemetry")
            table, version = table_of(headers)
            if self._places.waiting_of(principal.name) >= self._limits.waiting_per_caller_max:
                raise Unavailable(f"{principal.name} has more exports waiting than may wait at once. Send the export again.", retry_after_s=1)
            await self._places.enter(principal.name)
            try:
                body = await self._message(grpc, context)
                return await self._take(
                    principal, Incoming(signal=signal, content_type=export_body.PROTOBUF, body=body, table=table, version=version)
                )
            finally:
                self._places.leave(principal.name)
        except GatewayError as error:
            self._refused.tell(principal.name, signal, table, error)
            self._deny(error, sender, table)
            raise

    def _deny(self, error: GatewayError, sender: Sender, table: str) -> None:
        if self._parts.denied is not None:
            self._parts.denied.tell(error, sender, OTEL, EXPORT, {"table": table} if table else {})

    async def _message(self, grpc: Any, context: Any) -> bytes:  # ruff: ignore[any-type] - see above
        try:
            body = await asyncio.wait_for(context.read(), self._limits.message_timeout_s)
        except TimeoutError as error:
            raise Unavailable(f"The export took longer than {self._limits.message_timeout_s:g} s to arrive. Send the export again.") from error
        if body is grpc.aio.EOF:
            raise TooLarge(f"No export of at most {self._parts.body_bytes_max} bytes came.")
        return bytes(body)

    async def _take(self, principal: Principal, incoming: Incoming) -> bytes:
        return export_body.answer(await self._parts.ingest.take(principal, incoming), export_body.PROTOBUF)


class LibraryLog(logging.Filter):
    """What a library logs of its callers, some of which they can cause: each kind once in a while, and no text from them."""

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__()
        self._name = name
        self._rare_log = RareLog(clock)

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell the kind in place of the record."""
        kind, cause = str(record.msg)[:_KIND_CHARS_MAX], record.exc_info[0] if record.exc_info else None
        self._rare_log.warn(kind, "%s reports %r%s", self._name, kind, f" ({cause.__name__})" if cause is not None else "", level=record.levelno)
        return False


def _library_logger() -> logging.Logger:
    """Where the library tells of metadata that it cannot decode: with a traceback for each, and what was sent."""
    return logging.getLogger("grpc._cython.cygrpc")


def _address(peer: str) -> str:
    """The client's address in gRPC's words: `ipv4:192.0.2.1:5000`, `ipv6:[2001:db8::1]:5000` or, escaped, `ipv6:%5B…%5D:5000`."""
    return unquote(peer).partition(":")[2].rpartition(":")[0].strip("[]")


def _headers(metadata: Iterable[tuple[str, str | bytes]]) -> Headers:
    return [(key.encode(), value.encode("latin-1", "replace") if isinstance(value, str) else value) for key, value in metadata]
