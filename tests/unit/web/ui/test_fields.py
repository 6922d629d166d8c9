"""The fields of query strings and forms."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.web.ui.fields import NO_FIELDS, Fields


def test_values_of_a_name() -> None:
    """The first one as a mapping, all of them in order, none where the name is missing."""
    fields = Fields.parse("user=ada&user=bo&range=7d&empty=&plus=a+b%20c")
    assert dict(fields) == {"user": "ada", "range": "7d", "empty": "", "plus": "a b c"}
    assert fields.all("user") == ("ada", "bo")
    assert fields.all("model") == ()
    assert fields.get("model") is None
    assert dict(NO_FIELDS) == {}


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Nothing that a browser sends is an exception."""
    assert all(isinstance(value, str) for value in Fields.parse(text).values())
