"""The door of OTLP over gRPC: the three export services on a port of their own, the same journey behind them as over HTTP.

The library is an extra, looked for only when a port is configured. Messages are handed on as bytes: no service code is generated, and nothing is decoded
twice. Bodies come unpacked or not at all: a packed message could grow beyond its limit before anybody looks at it.
"""

import importlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from headgate.core.errors import GatewayError, Unavailable
from headgate.exchange.ports import Headers
from headgate.telemetry import otlp
from headgate.telemetry.opening import Incoming
from headgate.web.otlp import OtlpDoor, table_of

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
_log = logging.getLogger("headgate.web")


class Address(msgspec.Struct, frozen=True):
    """Where the door listens. Port 0 lets the system choose one."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class OtlpGrpc:
    """The server. `start` and `stop` are called from the event loop that it lives in."""

    def __init__(self, door: OtlpDoor, address: Address) -> None:
        self._door = door
        self._address = address
        self._server: Any = None
        self.port = 0

    async def start(self) -> None:
        """Listen. Raises `Unavailable` where the library is missing or the port is taken."""
        try:
            grpc: Any = importlib.import_module("grpc")
            aio: Any = importlib.import_module("grpc.aio")
        except ImportError as error:
            raise Unavailable("OTLP over gRPC needs a library: install headgate[grpc], or set telemetry.grpc_port to 0.") from error
        options = [
            ("grpc.max_receive_message_length", self._door.body_bytes_max),
            ("grpc.compression_enabled_algorithms_bitset", 1),  # none but identity
            ("grpc.so_reuseport", 0),
            ("grpc.max_concurrent_streams", 100),
            ("grpc.max_metadata_size", 16 << 10),
        ]
        self._server = aio.server(options=options)
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

    def _services(self, grpc: Any) -> Any:  # ruff: ignore[any-type] - the library is not there when types are checked
        handlers = {f"/{service}/Export": grpc.unary_unary_rpc_method_handler(self._method(grpc, signal)) for service, signal in _SERVICES.items()}

        class Services(grpc.GenericRpcHandler):  # type: ignore[misc]
            """Finds a method by its path."""

            def service(self, call: Any) -> Any:  # ruff: ignore[any-type] - see above
                """The method, or nothing."""
                return handlers.get(call.method)

        return Services()

    def _method(self, grpc: Any, signal: str) -> Callable[[bytes, Any], Awaitable[bytes]]:  # ruff: ignore[any-type] - see above
        async def export(body: bytes, context: Any) -> bytes:  # ruff: ignore[any-type] - see above
            try:
                return await self._take(signal, body, context.invocation_metadata())
            except GatewayError as error:
                await context.abort(getattr(grpc.StatusCode, _CODES.get(error.status, "INTERNAL")), error.message)
            except Exception:  # ruff: ignore[blind-except] the server's edge: a bug is told as one, without its text
                _log.exception("an OTLP export over gRPC failed")
                await context.abort(grpc.StatusCode.INTERNAL, "Headgate failed; its log has the reason.")
            raise AssertionError  # abort does not return

        return export

    async def _take(self, signal: str, body: bytes, metadata: Iterable[tuple[str, str | bytes]]) -> bytes:
        headers: Headers = [(key.encode(), value.encode("latin-1", "replace") if isinstance(value, str) else value) for key, value in metadata]
        asker = await self._door.caller(headers, "")
        table, version = table_of(headers)
        export = await self._door.ingest.take(asker, Incoming(signal=signal, content_type=otlp.PROTOBUF, body=body, table=table, version=version))
        return otlp.answer(export, otlp.PROTOBUF)
