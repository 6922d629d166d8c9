"""Parts of an answer that overlap come out one after the other."""

from headgate.core.event import Finished, PartClosed, PartGrew, PartOpened, Started
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
        PartClosed(3),
        PartGrew(5, "}"),
        PartClosed(5),
        Finished("stop", "tool_use"),
    ) == [
        Started("", "m"),
        PartOpened(0, "text"),
        PartGrew(0, "a"),
        PartClosed(0),
        PartOpened(1, "call", "c", "f"),
        PartGrew(1, "{"),
        PartGrew(1, "}"),
        PartClosed(1),
        Finished("stop", "tool_use"),
    ]


def test_an_end_closes_what_is_open():
    """Also parts that wait."""
    assert _ordered(PartOpened(1, "text"), PartOpened(2, "text"), Finished("stop")) == [
        PartOpened(0, "text"),
        PartClosed(0),
        PartOpened(1, "text"),
        PartClosed(1),
        Finished("stop"),
    ]
