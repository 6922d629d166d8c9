"""What leaves at the end of a step, in which order, and what happens to what waits when its connection ends."""

import asyncio
from typing import Any

import pytest

from headgate.wire.outbox import Outbox, Outgoing
from tests.fakes.transport import FakeTransport


class Told(FakeTransport):
    """A transport that tells a shared list of its writes."""

    def __init__(self, name: str, told: list[str], error: Exception | None = None) -> None:
        super().__init__()
        self._name, self._told, self._error = name, told, error

    def write(self, data: Any) -> None:
        self._told.append(f"{self._name} {bytes(data).decode()}")
        if self._error is not None:
            raise self._error


async def test_records_come_first_then_every_connection_in_order() -> None:
    """Nothing leaves within the step, all of it at its end."""
    told: list[str] = []
    outbox = Outbox(lambda: told.append("kept"))
    one, two = Outgoing(Told("one", told), outbox), Outgoing(Told("two", told), outbox)
    one.write(b"a")
    two.write(b"b")
    assert told == []
    await asyncio.sleep(0)

    assert told == ["kept", "one a", "two b"]


async def test_writes_of_one_step_are_one_write() -> None:
    """Pieces are gathered, not copied, in the order in which they were written."""
    transport = FakeTransport()
    outgoing = Outgoing(transport, Outbox())
    outgoing.write(b"a")
    outgoing.writelines((b"b", b"c"))
    assert outgoing.get_write_buffer_size() == 3
    await asyncio.sleep(0)
    outgoing.write(b"d")
    await asyncio.sleep(0)

    assert transport.writes == [b"abc", b"d"]
    assert outgoing.get_write_buffer_size() == 0


async def test_what_is_written_while_it_leaves_leaves_in_the_next_step() -> None:
    """A record that cannot be kept makes an exchange answer while the outbox is already leaving."""
    transport = FakeTransport()
    outbox = Outbox()
    outgoing = Outgoing(transport, outbox)
    outbox.before = lambda: outgoing.write(b"refused")
    Outgoing(FakeTransport(), outbox).write(b"x")
    await asyncio.sleep(0)
    outbox.before = None
    await asyncio.sleep(0)

    assert transport.written == b"refused"


@pytest.mark.parametrize(("how", "sent"), [("close", b"ab"), ("write_eof", b"ab"), ("abort", b"")])
async def test_the_end_of_a_connection(how: str, sent: bytes) -> None:
    """A clean end comes after what was written before it; an abort drops that."""
    transport = FakeTransport()
    outgoing = Outgoing(transport, Outbox())
    outgoing.writelines((b"a", b"b"))
    getattr(outgoing, how)()
    ended = transport.ended
    await asyncio.sleep(0)

    assert transport.written == sent
    assert ended == {"close": "closed", "write_eof": "eof", "abort": "aborted"}[how]


async def test_a_connection_that_was_lost_meanwhile_gets_nothing() -> None:
    """Its transport must not be touched any more."""
    transport = FakeTransport()
    Outgoing(transport, Outbox()).write(b"a")
    transport.ended = "aborted"
    await asyncio.sleep(0)

    assert transport.writes == []


async def test_one_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the next connection gets its bytes."""
    told: list[str] = []
    outbox = Outbox()
    Outgoing(Told("bad", told, RuntimeError("closed")), outbox).write(b"a")
    Outgoing(Told("good", told), outbox).write(b"b")
    await asyncio.sleep(0)

    assert told == ["bad a", "good b"]
    assert "writing to a connection failed" in caplog.text


async def test_a_mistake_before_the_bytes_keeps_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; the bytes of this step and of the next ones leave."""
    transport = FakeTransport()
    outbox = Outbox(lambda: {}["missing"])
    outgoing = Outgoing(transport, outbox)
    outgoing.write(b"a")
    await asyncio.sleep(0)
    outgoing.write(b"b")
    await asyncio.sleep(0)

    assert transport.writes == [b"a", b"b"]
    assert "KeyError" in caplog.text
