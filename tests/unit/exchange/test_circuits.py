"""Targets that are passed over for a while, and how they come back."""

import datetime as dt
from email.utils import format_datetime

import pytest

from headgate.core.endpoint import Provider, Target, target_of
from headgate.exchange.circuits import Circuits
from tests.fakes.ports import FakeClock

LAB = target_of(Provider(name="lab", dialect="anthropic", base_url="http://lab"), "m")
OTHER = target_of(LAB.provider, "other")


@pytest.fixture
def clock() -> FakeClock:
    """A clock that only moves when told to."""
    return FakeClock()


@pytest.fixture
def circuits(clock: FakeClock) -> Circuits:
    """Of one worker."""
    return Circuits(clock)


def fail(circuits: Circuits, times: int, target: Target = LAB) -> None:
    """Some failures in a row."""
    for _ in range(times):
        circuits.fails(target)


def test_five_failures_in_a_row_open_it(circuits: Circuits, clock: FakeClock) -> None:
    """Four do not, a good answer begins anew, and other models of the provider are not concerned."""
    fail(circuits, 4)
    assert not circuits.passes_over(LAB)
    circuits.works(LAB)
    assert not circuits.troubled
    fail(circuits, 4)
    assert not circuits.passes_over(LAB)
    fail(circuits, 1)
    assert circuits.passes_over(LAB)
    assert not circuits.passes_over(OTHER)
    clock.now_s += 4.9
    assert circuits.passes_over(LAB)
    clock.now_s += 0.2
    assert not circuits.passes_over(LAB)


def test_one_request_tries_whether_it_works_again(circuits: Circuits, clock: FakeClock) -> None:
    """While it is under way others pass the target over; its good answer closes the circuit."""
    fail(circuits, 5)
    clock.now_s += 5
    circuits.tries(LAB)
    assert circuits.passes_over(LAB)
    circuits.works(LAB)
    assert not circuits.passes_over(LAB)
    fail(circuits, 4)
    assert not circuits.passes_over(LAB)


def test_the_pause_grows_with_each_try_that_fails(circuits: Circuits, clock: FakeClock) -> None:
    """Twice as long each time, at most five minutes."""
    fail(circuits, 5)
    pauses = []
    for _ in range(8):
        begun_s = clock.now_s
        while circuits.passes_over(LAB):
            clock.now_s += 1
        pauses.append(clock.now_s - begun_s)
        circuits.tries(LAB)
        fail(circuits, 1)
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]


def test_requests_that_were_under_way_do_not_lengthen_the_pause(circuits: Circuits, clock: FakeClock) -> None:
    """A hundred that fail at once are one trouble."""
    fail(circuits, 100)
    clock.now_s += 5
    assert not circuits.passes_over(LAB)


def test_a_try_that_never_ends_does_not_close_the_target_for_ever(circuits: Circuits, clock: FakeClock) -> None:
    """Its client left: after the same pause the next request tries."""
    fail(circuits, 5)
    clock.now_s += 5
    circuits.tries(LAB)
    clock.now_s += 5
    assert not circuits.passes_over(LAB)


@pytest.mark.parametrize(
    ("status", "header", "paused_s"),
    [
        (429, (b"retry-after", b"7"), 7),
        (503, (b"retry-after", b"7"), 7),
        (529, (b"retry-after", b"1.5"), 1.5),
        (429, (b"retry-after-ms", b"2500"), 2.5),
        (429, (b"retry-after", b"86400"), 3600),
        (429, (b"x-other", b"7"), 0),
        (429, (b"retry-after", b"soon"), 0),
        (429, (b"retry-after", b"-7"), 0),
        (429, (b"retry-after", b"9" * 400), 3600),
        (429, (b"retry-after", b"nan"), 0),
    ],
)
def test_a_pause_that_is_asked_for_is_kept(circuits: Circuits, clock: FakeClock, status: int, header: tuple[bytes, bytes], paused_s: float) -> None:
    """Exactly, within an hour; a 429 alone is no failure."""
    for _ in range(10 if status == 429 else 1):
        circuits.refuses(LAB, status, [header])
    if paused_s:
        clock.now_s += paused_s - 0.1
        assert circuits.passes_over(LAB)
    clock.now_s += 0.2
    assert not circuits.passes_over(LAB)


def test_a_pause_may_be_asked_for_as_a_date(circuits: Circuits, clock: FakeClock) -> None:
    """By the wall clock, counted from there on by the other."""
    at = dt.datetime.fromtimestamp(clock.wall_ns() / 1e9 + 30, dt.UTC)
    circuits.refuses(LAB, 429, [(b"retry-after", format_datetime(at, usegmt=True).encode())])
    clock.now_s += 28
    assert circuits.passes_over(LAB)
    clock.now_s += 3
    assert not circuits.passes_over(LAB)


def test_those_that_failed_are_known_by_name(circuits: Circuits, clock: FakeClock) -> None:
    """For people; one that only asked for a pause does what it should."""
    circuits.refuses(OTHER, 429, [(b"retry-after", b"60")])
    fail(circuits, 5)
    assert circuits.passed_over() == ["lab/m"]
    clock.now_s += 6
    assert circuits.passed_over() == []


def test_what_is_remembered_is_bounded(circuits: Circuits) -> None:
    """However many models are asked for through a pattern."""
    for number in range(3000):
        circuits.fails(target_of(LAB.provider, f"m{number}"))
    assert len(circuits.troubled) <= 1024


def test_it_is_logged_once(circuits: Circuits, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    """When it opens, not with each pause."""
    caplog.set_level("INFO")
    for _ in range(5):
        fail(circuits, 5)
        clock.now_s += 300
        circuits.tries(LAB)
    assert caplog.text.count("target lab/m failed 5 times in a row") == 1
    circuits.works(LAB)
    assert "target lab/m works again" in caplog.text
