"""The last uses of tokens on their way to the store."""

import pytest

from headgate.app.last_uses import LastUses
from headgate.core.errors import Unavailable
from tests.fakes.ports import FakeClock


class Store:
    """Keeps what is written, unless it is to fail; a request may come meanwhile."""

    def __init__(self):
        self.written = []
        self.fails = False
        self.meanwhile = lambda: None

    def write(self, last_used_at_ms):
        self.meanwhile()
        if self.fails:
            raise Unavailable("The control state cannot be used.")
        self.written.append(dict(last_used_at_ms))


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def clock():
    return FakeClock()


async def test_they_are_written_about_once_a_minute(store, clock):
    """The latest of each token, and nothing where none was used."""
    uses = LastUses(store.write, clock)
    uses.seen["a"] = 1.5
    await uses.follow()
    assert store.written == []
    clock.now_s += 60
    await uses.follow()
    clock.now_s += 60
    await uses.follow()
    uses.seen["b"] = 3.0
    await uses.follow()
    assert store.written == [{"a": 1500}, {"b": 3000}]
    assert uses.seen == {}


async def test_a_use_meanwhile_is_written_the_next_time(store, clock):
    """It is not forgotten with the earlier one."""
    uses = LastUses(store.write, clock)
    uses.seen["a"] = 1.0
    store.meanwhile = lambda: uses.seen.update(a=2.0)
    clock.now_s += 60
    await uses.follow()
    assert uses.seen == {"a": 2.0}
    uses.close()
    assert store.written == [{"a": 1000}, {"a": 2000}]


async def test_a_store_that_cannot_be_written(store, clock):
    """The uses are kept for the next time; the end does not fail with it."""
    uses = LastUses(store.write, clock)
    uses.seen["a"] = 1.0
    store.fails = True
    clock.now_s += 60
    with pytest.raises(Unavailable):
        await uses.follow()
    assert uses.seen == {"a": 1.0}
    uses.close()
