"""The beginning of a JSON text, made readable."""

import json

from hypothesis import given
from hypothesis import strategies as st

from headgate.dialects.cut_json import completed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4), VALUES, min_size=1, max_size=4), st.booleans(), st.integers(0, 2), st.data())
def test_every_beginning_of_json_becomes_json(value: object, ascii_only: bool, indent: int, drawn: st.DataObject) -> None:
    """Cut anywhere, within characters and escapes too, and the whole stays the whole."""
    data = json.dumps(value, ensure_ascii=ascii_only, indent=indent or None).encode(errors="replace")

    json.loads(completed(data[: drawn.draw(st.integers(1, len(data)))]))
    assert json.loads(completed(data)) == json.loads(data)


def test_a_string_that_was_cut_keeps_what_came() -> None:
    """The texts of an answer are what is wanted of it."""
    assert json.loads(completed(b'{"content":[{"type":"text","text":"Hello th')) == {"content": [{"type": "text", "text": "Hello th"}]}


@given(st.binary(max_size=60))
def test_any_bytes_do_no_harm(data: bytes) -> None:
    """What is no JSON stays none, and nothing is raised."""
    assert isinstance(completed(data), bytes)
