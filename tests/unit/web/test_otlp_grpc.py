"""The service of OTLP over gRPC, as far as no library is needed; the rest is in the end-to-end tests."""

import asyncio
import contextlib
import importlib
import logging
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from headgate.core.errors import Unauthenticated, Unavailable
from headgate.core.principal import Principal
from headgate.policy.previews import Previews
from headgate.telemetry.ingest import Ingest, IngestRules
from headgate.web import otlp_grpc
from headgate.web.otlp import OtlpParts
from headgate.web.otlp_grpc import Address, GrpcLimits, LibraryLog, OtlpGrpc
from tests.fakes import exports
from tests.fakes.ingest_ports import FakeBatchJournal, FakeTables
from tests.fakes.ports import FakeClock
from tests.fakes.principals import user

LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
_CLIENT_GAVE_UP = "Internal error from Core"  # the details that grpc.aio itself gives a call whose writing failed, in place of the server's


def parts(previews: Previews | None = None) -> OtlpParts:
    """Over stand-ins. Whoever names itself is who it says; one table of logs is there."""

    async def caller(headers: list[tuple[bytes, bytes]], _key: str, _address: str) -> Principal:
        name = dict(headers).get(b"authorization", b"").decode()
        if not name:
            raise Unauthenticated("The credential is not a Headgate token.", code="not_a_token")
        return user(name)

    clock = FakeClock()
    tables = FakeTables()
    tables.add("main.default.logs", "logs")
    ingest = Ingest(tables, FakeBatchJournal(), IngestRules, clock)
    ingest.recalled()
    return OtlpParts(ingest, caller, lambda _headers, _address: user("ada@example.com"), lambda: previews or Previews(), clock, 100_000)


@asynccontextmanager
async def serving(previews: Previews | None = None, **limits: Any) -> AsyncGenerator[OtlpGrpc, None]:
    """A server on a port of its own."""
    pytest.importorskip("grpc", reason="the library is an extra")
    server = OtlpGrpc(parts(previews), Address("127.0.0.1", 0), GrpcLimits(**limits))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


class Calls:
    """Calls whose messages come when they are sent, if ever."""

    def __init__(self, server: OtlpGrpc) -> None:
        self._aio = importlib.import_module("grpc.aio")
        self._channel = self._aio.insecure_channel(f"127.0.0.1:{server.port}")
        self._method = self._channel.stream_unary(LOGS)

    def begin(self, name: str, table: str = "main.default.logs") -> Any:
        """A call that has sent its metadata alone."""
        return self._method(metadata=[("x-databricks-uc-table-name", table)] + ([("authorization", name)] if name else []), timeout=20)

    async def send(self, name: str, body: bytes, table: str = "main.default.logs") -> str:
        """A whole call; the name of its code. Where the call ends while it writes, the client may answer itself: it is asked again then."""
        while True:
            call = self.begin(name, table)
            try:
                await call.write(body)
                await call.done_writing()
            except (asyncio.InvalidStateError, self._aio.AioRpcError):  # it has ended already
                pass
            if await call.details() != _CLIENT_GAVE_UP:
                return (await call.code()).name

    async def close(self) -> None:
        """End them all."""
        await self._channel.close()


async def test_a_stranger_is_refused_before_its_message_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    """None was sent, and the answer is there; one line of the log says it, however often it happens."""
    async with serving() as server:
        calls = Calls(server)
        for _ in range(3):
            assert (await calls.begin("").code()).name == "UNAUTHENTICATED"
        assert await calls.send("", bytes(90_000)) == "UNAUTHENTICATED"
        assert await calls.send("ada", exports.logs()) == "OK"
        await calls.close()
    assert [record.getMessage() for record in caplog.records if record.name == "headgate.web"] == [
        "exports from 127.0.0.1 without a valid token are refused with 401"
    ]


async def test_no_export_is_taken_while_the_preview_is_off() -> None:
    """The call ends before its message is sent; a stranger learns nothing of it."""
    async with serving(Previews(opentelemetry=False)) as server:
        calls = Calls(server)
        assert (await calls.begin("ada").code()).name == "NOT_FOUND"
        assert (await calls.begin("").code()).name == "UNAUTHENTICATED"
        await calls.close()


async def test_refusals_are_in_the_log_at_a_bounded_rate(caplog: pytest.LogCaptureFixture) -> None:
    """With who was refused and why."""
    async with serving() as server:
        calls = Calls(server)
        for number in range(3):
            assert await calls.send("ada", exports.logs(), f"main.default.nothing{number}") == "NOT_FOUND"
        assert await calls.send("bob", b"\xff") == "INVALID_ARGUMENT"
        await calls.close()
    lines = [record.getMessage() for record in caplog.records if record.name == "headgate.web"]
    assert [line[:70] for line in lines] == [
        "logs of 'ada' for the table 'main.default.nothing0' were refused with 4"[:70],
        "logs of 'bob' for the table 'main.default.logs' were refused with 400: "[:70],
    ]


async def test_one_caller_has_a_share_of_the_places_and_a_message_a_time_to_arrive() -> None:
    """Calls that send nothing hold their caller's places alone, and not for ever."""
    async with serving(held_bytes_max=400_000, waiting_per_caller_max=1, message_timeout_s=2.0) as server:
        calls = Calls(server)
        silent = [calls.begin("mallory") for _ in range(2)]
        while server._places.waiting_of("mallory") < 1:
            await asyncio.sleep(0.01)
        assert await calls.send("mallory", exports.logs()) == "UNAVAILABLE"
        assert await calls.send("ada", exports.logs()) == "OK"
        assert [(await call.code()).name for call in silent] == ["UNAVAILABLE", "UNAVAILABLE"]
        assert await calls.send("mallory", exports.logs()) == "OK"
        await calls.close()


async def settings(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[int, int]:
    """What the server allows an HTTP/2 client, by the numbers of RFC 9113; empty if it closes the connection."""
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
    try:
        head = await asyncio.wait_for(reader.readexactly(9), 10)
        content = await reader.readexactly(int.from_bytes(head[:3], "big"))
    except (asyncio.IncompleteReadError, ConnectionError):
        return {}
    return dict(struct.iter_unpack("!HI", content))


async def test_connections_streams_and_windows_are_bounded() -> None:
    """As the settings of HTTP/2 say, and by closing a connection too many."""
    async with serving(connections_max=2, streams_per_connection_max=7, window_bytes=32 << 10) as server:
        pairs = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        found = [await settings(*pair) for pair in pairs]
        for _, writer in pairs:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
    assert [entry.get(3) for entry in found] == [7, 7, None]
    assert found[0].get(4, 65_535) <= 65_535


def test_what_the_library_says_of_its_callers_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """It logs each piece of metadata that it cannot decode, with a traceback: that is told once in a while, without what was sent."""
    clock, library = FakeClock(), logging.getLogger("tests.library")
    library.addFilter(LibraryLog("the gRPC library", clock))
    for number in range(1000):
        try:
            b"canary\xff".decode()
        except UnicodeDecodeError:
            library.exception("Invalid encoding on %s", f"canary {number}")
    library.error("another thing")
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["the gRPC library reports 'Invalid encoding on %s' (UnicodeDecodeError)", "the gRPC library reports 'another thing'"]
    assert "canary" not in caplog.text
    assert "Traceback" not in caplog.text
    clock.now_s += 10
    library.error("another thing")
    assert len(caplog.records) == 3


def test_the_limits_of_the_port() -> None:
    """As they are documented."""
    limits = GrpcLimits()
    assert (limits.connections_max, limits.streams_per_connection_max, limits.window_bytes) == (500, 100, 64 << 10)
    assert (limits.held_bytes_max, limits.waiting_per_caller_max, limits.message_timeout_s) == (256 << 20, 64, 30.0)
    assert ("grpc.max_receive_message_length", 5) in limits.options(5)


async def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install; everything else is served."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    grpc = OtlpGrpc(parts(), Address("127.0.0.1", 0))
    with pytest.raises(Unavailable, match=r"install headgate\[grpc\]"):
        await grpc.start()
    await grpc.stop()


def test_an_address_is_written_as_the_library_takes_it() -> None:
    """IPv6 in brackets."""
    assert str(Address("127.0.0.1", 4317)) == "127.0.0.1:4317"
    assert str(Address("::1", 4317)) == "[::1]:4317"


async def test_a_port_that_is_taken_is_told() -> None:
    """The gateway serves HTTP all the same."""
    pytest.importorskip("grpc", reason="the library is an extra")
    first = OtlpGrpc(parts(), Address("127.0.0.1", 0))
    await first.start()
    second = OtlpGrpc(parts(), Address("127.0.0.1", first.port))
    with pytest.raises(Unavailable, match="cannot listen"):
        await second.start()
    await first.stop()


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:192.0.2.1:5000", "192.0.2.1"),
        ("ipv6:[2001:db8::1]:5000", "2001:db8::1"),
        ("ipv6:%5B2001:db8::1%5D:5000", "2001:db8::1"),
        ("unix:", ""),
    ],
)
def test_the_address_of_a_peer(peer: str, address: str) -> None:
    """As gRPC words it; a socket without an address has none."""
    assert otlp_grpc._address(peer) == address
