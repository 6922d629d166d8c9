"""Streams whose first token is late are told so, once."""

import pytest

from headgate.exchange.first_token import FirstTokens
from tests.fakes.ports import FakeClock


class Late:
    """Counts how often it was late."""

    def __init__(self, *, broken: bool = False) -> None:
        self.times = 0
        self._broken = broken

    def late(self) -> None:
        """Count, or fail."""
        self.times += 1
        if self._broken:
            raise RuntimeError("a bug")


def test_each_has_its_own_moment() -> None:
    """Those that were forgotten are not late; one that expects again begins anew."""
    clock = FakeClock()
    tokens, one, other, forgotten = FirstTokens(clock), Late(), Late(), Late()
    tokens.expect(one, 5)
    tokens.expect(other, 10)
    tokens.expect(forgotten, 5)
    tokens.forget(forgotten)
    tokens.forget(forgotten)
    clock.now_s += 5
    tokens.tick()
    tokens.tick()
    assert (one.times, other.times, forgotten.times) == (1, 0, 0)
    tokens.expect(one, 5)
    clock.now_s += 5
    tokens.tick()
    assert (one.times, other.times) == (2, 1)


def test_a_bug_in_one_costs_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged."""
    clock = FakeClock()
    tokens, broken, other = FirstTokens(clock), Late(broken=True), Late()
    tokens.expect(broken, 1)
    tokens.expect(other, 1)
    clock.now_s += 1
    tokens.tick()

    assert (broken.times, other.times) == (1, 1)
    assert "first token is late" in caplog.text
