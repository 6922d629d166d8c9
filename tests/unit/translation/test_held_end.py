"""The end of a part is held back until the answer goes on."""

from headgate.core.event import Failed, Finished, PartClosed, PartGrew, PartOpened
from headgate.translation.held_end import HeldEnd

CALL = PartOpened(0, "call", "c1", "now")


def test_an_end_comes_with_what_follows():
    """In the same piece of the stream or in the next one."""
    held = HeldEnd()
    assert held.feed([CALL, PartClosed(0)]) == [CALL]
    assert held.feed([PartOpened(1, "text"), PartGrew(1, "a"), PartClosed(1), Finished("stop")]) == [
        PartClosed(0),
        PartOpened(1, "text"),
        PartGrew(1, "a"),
        PartClosed(1),
        Finished("stop"),
    ]


def test_a_failure_takes_its_place():
    """A call whose arguments were cut has no end, whether the failure comes with it or after it."""
    failed = Failed("incomplete", "")
    assert HeldEnd().feed([CALL, PartGrew(0, '{"a'), PartClosed(0), failed]) == [CALL, PartGrew(0, '{"a'), failed]
    held = HeldEnd()
    assert held.feed([CALL, PartClosed(0)]) == [CALL]
    assert held.feed([failed]) == [failed]
