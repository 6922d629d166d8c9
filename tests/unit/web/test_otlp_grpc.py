"""The door of OTLP over gRPC, as far as no library is needed; the rest is in the end-to-end tests."""

import importlib

import pytest

from headgate.core.errors import Unavailable
from headgate.telemetry.ingest import Ingest, IngestRules
from headgate.web.otlp import OtlpDoor
from headgate.web.otlp_grpc import Address, OtlpGrpc
from tests.fakes.ingest_ports import FakeAsker, FakeBatchJournal, FakeTables
from tests.fakes.ports import FakeClock


def door() -> OtlpDoor:
    """Over stand-ins."""

    async def caller(_headers: object, _key: str) -> FakeAsker:
        return FakeAsker()

    clock = FakeClock()
    return OtlpDoor(Ingest(FakeTables(), FakeBatchJournal(), IngestRules, clock), caller, lambda _headers: FakeAsker(), clock, 1000)


async def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install; everything else is served."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    grpc = OtlpGrpc(door(), Address("127.0.0.1", 0))
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
    first = OtlpGrpc(door(), Address("127.0.0.1", 0))
    await first.start()
    second = OtlpGrpc(door(), Address("127.0.0.1", first.port))
    with pytest.raises(Unavailable, match="cannot listen"):
        await second.start()
    await first.stop()
