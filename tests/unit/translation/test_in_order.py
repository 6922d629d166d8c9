"""Parts of an answer that overlap come out one after the other."""

from headgate.core.event import Cited, Failed, Finished, PartClosed, PartGrew, PartOpened, Started
from headgate.translation.in_order import InOrder


def _ordered(*events):
    order = InOrder()
    return [ordered for event in events for ordered in order.feed(event)]


def test_a_part_that_opens_inside_another_waits_for_its_end():
    """The open one is passed on as it grows; what waited follows whole, then grows on."""
    assert _ordered(
        Started("", "m"),
        PartOpened(3, "text"),
        PartOpened(5, "call", "c", "f"),
        PartGrew(3, "a"),
        PartGrew(5, "{"),
        Cited(3, "https://a.example"),
        PartClosed(3),
        PartGrew(5, "}"),
        PartClosed(5),
        Finished("stop", "tool_use"),
    ) == [
        Started("", "m"),
        PartOpened(0, "text"),
        PartGrew(0, "a"),
        Cited(0, "https://a.example"),
        PartClosed(0),
        PartOpened(1, "call", "c", "f"),
        PartGrew(1, "{"),
        PartGrew(1, "}"),
        PartClosed(1),
        Finished("stop", "tool_use"),
    ]


def test_parts_that_are_whole_while_they_wait_follow_at_once():
    """Up to the first that is still open."""
    assert _ordered(
        PartOpened(0, "text"), PartOpened(1, "text"), PartClosed(1), PartOpened(2, "text"), PartGrew(2, "c"), PartClosed(0), PartGrew(2, "d")
    )[1:] == [PartClosed(0), PartOpened(1, "text"), PartClosed(1), PartOpened(2, "text"), PartGrew(2, "c"), PartGrew(2, "d")]


def test_an_end_closes_what_is_open():
    """Also parts that wait, and only once."""
    assert _ordered(PartOpened(1, "text"), PartOpened(2, "text"), Finished("stop"), Failed("late", "")) == [
        PartOpened(0, "text"),
        PartClosed(0),
        PartOpened(1, "text"),
        PartClosed(1),
        Finished("stop"),
    ]


def test_what_belongs_to_no_open_part_is_nothing():
    """A part that opens again ends first."""
    assert _ordered(PartGrew(1, "a"), PartClosed(1), PartOpened(1, "text"), PartOpened(1, "call")) == [
        PartOpened(0, "text"),
        PartClosed(0),
        PartOpened(1, "call"),
    ]
