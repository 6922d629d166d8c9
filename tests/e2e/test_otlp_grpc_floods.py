"""Floods of HTTP/2 frames against the gRPC port: others are served meanwhile, and nothing of them is kept."""

import contextlib
import socket
import struct

import pytest

from tests.e2e.lab import free_port, running
from tests.e2e.test_otlp_grpc import House
from tests.fakes import exports

pytest.importorskip("grpc", reason="the library is an extra")
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 8, 9
END_HEADERS = 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PATH = b"/opentelemetry.proto.collector.trace.v1.TraceService/Export"
# HPACK without a table of its own (RFC 7541 6.2.2): POST, http, the path, an authority, what gRPC asks for.
HEAD = b"\x83\x86\x04" + bytes([len(PATH)]) + PATH + b"\x01\x01x\x00\x02te\x08trailers\x0f\x10\x10application/grpc"
GROWTH_BYTES_MAX = 48 << 20
LOG_CHARS_MAX = 2000


def frame(kind: int, payload: bytes = b"", stream: int = 0, flags: int = 0) -> bytes:
    """One frame (RFC 9113 4.1)."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def opened(stream: int) -> bytes:
    """A request's head."""
    return frame(HEADERS, HEAD, stream, END_HEADERS)


COUNT = 20_000
STREAMS = range(1, 2 * COUNT, 2)
FLOODS = {
    "streams that are reset at once": b"".join(opened(stream) + frame(RST_STREAM, b"\0\0\0\x08", stream) for stream in STREAMS),
    "streams that the server is made to reset": b"".join(opened(stream) + frame(WINDOW_UPDATE, bytes(4), stream) for stream in STREAMS),
    "a head without end": frame(HEADERS, HEAD, 1) + frame(CONTINUATION, b"\x00\x01a\x7f\x80\x06" + b"v" * 895, 1) * COUNT,
    "settings": frame(SETTINGS) * COUNT,
    "pings": frame(PING, bytes(8)) * COUNT,
    "priorities": frame(PRIORITY, bytes(5), 1) * COUNT,
    "empty data": opened(1) + frame(DATA, b"", 1) * COUNT,
    "metadata that cannot be read": b"".join(frame(HEADERS, HEAD + b"\x00\x01a\x03\xffno" * 100, stream, END_HEADERS) for stream in range(1, 20, 2)),
    "a window beyond 2^31": opened(1) + frame(WINDOW_UPDATE, b"\x7f\xff\xff\xff", 1) * COUNT,
}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One gateway for all floods."""
    port = free_port()
    with running(tmp_path_factory.mktemp("floods"), None, f"[telemetry]\ngrpc_port = {port}\n", arguments=("--demo",)) as gateway:
        yield House(gateway, port)


def resident_bytes(pid: int) -> int:
    """How much memory a process has."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_stops_nobody_else(house, name):
    """From eight connections that read nothing: an export beside them is taken, and neither the process nor its log has grown by what was sent."""
    pid = house.gateway.serving_pid()
    assert house.send(exports.spans("before"))[0] == "OK"
    before, logged = resident_bytes(pid), len(house.gateway.log)
    with contextlib.ExitStack() as held:
        for _ in range(8):
            flooding = held.enter_context(socket.create_connection(("127.0.0.1", house.port), timeout=2))
            with contextlib.suppress(OSError):  # the other side has had enough
                flooding.sendall(PREFACE + frame(SETTINGS) + FLOODS[name])
        assert house.send(exports.spans(f"beside {name}")) == ("OK", b"")
        grown = resident_bytes(pid) - before
    assert house.send(exports.spans(f"after {name}")) == ("OK", b"")
    assert grown < GROWTH_BYTES_MAX or name == "a head without end"  # the library holds much of it before it gives up, whatever its limit
    assert len(house.gateway.log) - logged < LOG_CHARS_MAX
    assert house.gateway.serving_pid() == pid
