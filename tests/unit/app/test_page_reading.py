"""The queries of pages: turns, sharing, time limits and readers that leave."""

import asyncio

import msgspec
import pytest

from headgate.admin.page_queries import PageColumn, PageQuery, PageRows
from headgate.app.page_reading import PageReading
from headgate.core.errors import BadRequest, Unavailable
from tests.fakes.principals import user

ADA, BEN = user("ada"), user("ben")


class Service:
    """The statement process: answers when it is let go, and notes who left."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.ended: list[str] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def call(self, call) -> bytes:
        """One row: the text that was asked."""
        text = msgspec.msgpack.decode(call.body, type=PageQuery).text
        self.asked.append((call.principal.name, text))
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.ended.append(text)
            raise
        if self.error is not None:
            raise self.error
        return msgspec.msgpack.encode(PageRows(columns=(PageColumn("a", "STRING"),), values=[[text]]))


async def settle() -> None:
    """Let everything go on that can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_same_query_of_the_same_principal_is_asked_once():
    """Two tabs of one person ask once; another person asks for itself."""
    service = Service()
    reading = PageReading(service, places=8)
    tasks = [asyncio.ensure_future(reading.rows(PageQuery(text="q"), who)) for who in (ADA, ADA, BEN)]
    await settle()
    assert sorted(service.asked) == [("ada", "q"), ("ben", "q")]
    service.gate.set()
    answers = await asyncio.gather(*tasks)
    assert [list(answer.rows()) for answer in answers] == [[("q",)]] * 3
    await reading.rows(PageQuery(text="q"), ADA)
    assert len(service.asked) == 3  # an answer that was given is not remembered


async def test_one_principal_leaves_room_for_another():
    """Two dozen tiles of one page wait for each other, and another person's first tile does not wait for them."""
    service = Service()
    reading = PageReading(service, places=3)
    tasks = [asyncio.ensure_future(reading.rows(PageQuery(text=str(number)), ADA)) for number in range(24)]
    await settle()
    assert len(service.asked) == 2
    tasks.append(asyncio.ensure_future(reading.rows(PageQuery(text="mine"), BEN)))
    await settle()
    assert service.asked[-1] == ("ben", "mine")
    service.gate.set()
    assert len(await asyncio.gather(*tasks)) == 25


async def test_the_last_reader_that_leaves_ends_the_query():
    """One that leaves takes nothing from the other."""
    service = Service()
    reading = PageReading(service, places=2)
    first, second = (asyncio.ensure_future(reading.rows(PageQuery(text="q"), ADA)) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    assert service.ended == []
    second.cancel()
    await settle()
    assert service.ended == ["q"]
    assert (first.cancelled(), second.cancelled()) == (True, True)
    service.gate.set()
    assert list((await reading.rows(PageQuery(text="q"), ADA)).rows()) == [("q",)]


async def test_a_reader_that_leaves_while_it_waits_is_never_asked_for():
    """Its turn goes to the next."""
    service = Service()
    reading = PageReading(service, places=1)
    running = asyncio.ensure_future(reading.rows(PageQuery(text="1"), ADA))
    waiting = asyncio.ensure_future(reading.rows(PageQuery(text="2"), ADA))
    await settle()
    waiting.cancel()
    service.gate.set()
    await running
    await settle()
    assert service.asked == [("ada", "1")]


async def test_time_is_up():
    """Waiting for a turn is part of the time; the work is ended."""
    service = Service()
    reading = PageReading(service, places=1)
    running = asyncio.ensure_future(reading.rows(PageQuery(text="1", timeout_s=0.02), ADA))
    waiting = asyncio.ensure_future(reading.rows(PageQuery(text="2", timeout_s=0.01), ADA))
    for task in (running, waiting):
        with pytest.raises(BadRequest) as told:
            await task
        assert told.value.code == "QUERY_TIMEOUT"
    await settle()
    assert service.ended == ["1"]


async def test_a_refusal_reaches_all_who_wait():
    """Each of them is given the error."""
    service = Service()
    service.error = Unavailable("no")
    reading = PageReading(service, places=2)
    tasks = [asyncio.ensure_future(reading.rows(PageQuery(text="q"), ADA)) for _ in range(2)]
    await settle()
    service.gate.set()
    for answer in await asyncio.gather(*tasks, return_exceptions=True):
        assert answer is service.error


async def test_a_text_that_took_long_begins_after_the_quick_ones():
    """By the least time that it has taken, other queries' time apart; a text that was never asked counts as quick."""

    class Timed(Service):
        async def call(self, call) -> bytes:
            text = msgspec.msgpack.decode(call.body, type=PageQuery).text
            rows = msgspec.msgpack.decode(await super().call(call), type=PageRows)
            return msgspec.msgpack.encode(msgspec.structs.replace(rows, took_ms=920.0, waited_ms=20.0 if text == "slow" else 900.0))

    service = Timed()
    reading = PageReading(service, places=2)
    service.gate.set()
    for text in ("slow", "quick"):
        await reading.rows(PageQuery(text=text), ADA)
    service.gate.clear()
    asked = [asyncio.ensure_future(reading.rows(PageQuery(text=text), ADA)) for text in ("running", "slow", "quick", "new")]
    await settle()
    service.gate.set()
    await asyncio.gather(*asked)
    assert [text for _, text in service.asked[2:]] == ["running", "new", "quick", "slow"]
