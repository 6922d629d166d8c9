"""What is counted of failed authentications, and what is not."""

import pytest

from headgate.core.errors import LimitExceeded
from headgate.web.guesses import GUESSES_MAX, WINDOW_S, Guesses
from tests.fakes.ports import FakeClock


def refused(guesses: Guesses, address: str, credential: str = "new") -> bool:
    """Whether one more guess has to wait."""
    try:
        guesses.check(address, credential)
    except LimitExceeded:
        return True
    return False


def test_a_minute_of_guesses() -> None:
    """After the last one that is let pass an address waits for the rest of its minute."""
    clock = FakeClock()
    guesses = Guesses(clock)
    for number in range(GUESSES_MAX):
        assert not refused(guesses, "192.0.2.1")
        guesses.failed("192.0.2.1", f"guess {number}")
    assert refused(guesses, "192.0.2.1")
    assert not refused(guesses, "192.0.2.2")
    clock.now_s += WINDOW_S
    assert not refused(guesses, "192.0.2.1")
    guesses.failed("192.0.2.1", "another")
    assert not refused(guesses, "192.0.2.1")


def test_the_same_wrong_token_is_one_guess() -> None:
    """An agent that repeats a revoked token for hours is told 401 each time, also where its address has to wait with new ones."""
    guesses = Guesses(FakeClock())
    for _ in range(10 * GUESSES_MAX):
        guesses.failed("192.0.2.1", "revoked")
    assert not refused(guesses, "192.0.2.1")
    for number in range(GUESSES_MAX):
        guesses.failed("192.0.2.1", f"guess {number}")
    assert (refused(guesses, "192.0.2.1"), refused(guesses, "192.0.2.1", "revoked")) == (True, False)


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [("2001:db8::1", "2001:db8::ffff:1", True), ("2001:db8::1", "2001:db8:0:1::1", False), ("fe80::1%eth0", "fe80::2", True), ("x:y", "x:z", False)],
)
def test_addresses_of_one_host(first: str, second: str, one: bool) -> None:
    """A host with IPv6 has a /64 of addresses."""
    guesses = Guesses(FakeClock())
    for number in range(GUESSES_MAX):
        guesses.failed(first, f"guess {number}")
    assert refused(guesses, second) is one


def test_memory_is_bounded() -> None:
    """However many addresses there are; who has none is not counted."""
    guesses = Guesses(FakeClock())
    for number in range(5000):
        guesses.failed(f"10.0.{number >> 8}.{number & 255}", "guess")
    assert len(guesses._sources) == 4096
    for number in range(100):
        guesses.failed("", f"guess {number}")
    assert not refused(guesses, "")
