"""What is of one dialect in a mixed body, decoded by that dialect's own codec."""

import msgspec
import pytest

from headgate.core.conversation import Text, Turn
from headgate.core.errors import BadRequest
from headgate.dialects.cursor.one_dialect import decode_fields, decode_spoken, listed, runs
from headgate.dialects.cursor.shapes import ANTHROPIC, CHAT, RESPONSES


@pytest.mark.parametrize("dialect", [CHAT, RESPONSES, ANTHROPIC])
def test_messages_of_each_dialect(dialect):
    """As if they were alone."""
    assert decode_spoken(dialect, [b'{"role":"user","content":"hello"}']).turns == (Turn("user", (Text("hello"),)),)
    assert decode_fields(dialect, {}).turns == ()


def test_settings_of_each_dialect():
    """By their own names."""
    assert decode_fields(RESPONSES, {"max_output_tokens": msgspec.Raw(b"9")}).output_tokens_max == 9
    assert decode_fields(ANTHROPIC, {"stop_sequences": msgspec.Raw(b'["a"]')}).stop == ("a",)
    assert decode_fields(CHAT, {"stop": msgspec.Raw(b'"a"')}).stop == ("a",)


def test_what_is_none_of_its_dialect_is_refused():
    """In the words of that dialect."""
    with pytest.raises(BadRequest):
        decode_fields(RESPONSES, {"max_output_tokens": msgspec.Raw(b'"many"')})


def test_pieces_in_a_row_are_together():
    """In their order."""
    assert runs([("a", b"1"), ("a", b"2"), ("b", b"3"), ("a", b"4")]) == [("a", [b"1", b"2"]), ("b", [b"3"]), ("a", [b"4"])]
    assert bytes(listed([b"1", b"2"])) == b"[1,2]"
