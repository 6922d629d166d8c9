"""Reading an unstreamed answer that comes in pieces."""

from headgate.core.event import Finished
from headgate.dialects.body_reader import WholeBody
from headgate.dialects.wanted import TEXT, Wanted


def test_events_come_with_the_last_piece():
    """Made of what was picked; text is counted as it passes."""
    seen = []

    def read(picked):
        seen.append(picked)
        return (Finished("x"),)

    reader = WholeBody(Wanted("id").counting(text=TEXT), read)

    assert list(reader.feed(b'{"text":"hel')) == []
    assert (reader.complete, reader.text_length) == (False, 3)
    assert list(reader.feed(b'lo","id":1,"x":2')) == []
    assert list(reader.feed(b"} ")) == [Finished("x")]
    assert (reader.complete, reader.text_length, reader.at_boundary) == (True, 5, False)
    assert seen == [b'{"text":null,"id":1}']


def test_what_is_no_json_is_never_complete():
    """It says nothing."""
    reader = WholeBody(Wanted("id"), lambda _: (Finished("x"),))

    assert list(reader.feed(b"<html>{}")) == []
    assert not reader.complete
