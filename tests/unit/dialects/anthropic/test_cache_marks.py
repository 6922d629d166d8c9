"""Marks of prefixes to cache."""

from headgate.core.loss import Loss
from headgate.dialects.anthropic.cache_marks import CacheMarks

MARK = {"type": "ephemeral"}


def test_without_any_mark_the_whole_request_gets_one():
    """Agents whose providers cache without being asked would pay the full price."""
    marks = CacheMarks()
    assert marks.note({"a": 1}, False) == {"a": 1}

    assert marks.write(False) == ({"cache_control": MARK}, ())


def test_the_clients_marks_are_written():
    """Then the request has none of its own."""
    marks = CacheMarks()
    block = marks.note({"a": 1}, True)

    assert marks.write(False) == ({}, ())
    assert block == {"a": 1, "cache_control": MARK}


def test_the_last_marks_count():
    """The request's own is one of four."""
    marks = CacheMarks()
    blocks = [marks.note({"n": number}, True) for number in range(5)]

    assert marks.write(True) == ({"cache_control": MARK}, (Loss("cache_control", "Anthropic takes 4 marks: 2 left out."),))
    assert ["cache_control" in block for block in blocks] == [False, False, True, True, True]
