"""Tolerant reading: whatever a server writes, nothing raises."""

import msgspec
import pytest

from headgate.core.event import Failed
from headgate.dialects.openai_read import decoded, failed, text


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"nul", b"[" * 100_000, msgspec.Raw()])
def test_what_is_not_json_is_none(data):
    """Also where it is nested deeper than any stack."""
    assert decoded(msgspec.json.Decoder(), data) is None


def test_the_wrong_shape_is_none():
    """A decoder's type is asked for, not hoped for."""
    assert decoded(msgspec.json.Decoder(list[int]), b'{"a":1}') is None
    assert decoded(msgspec.json.Decoder(list[int]), b"[1]") == [1]


@pytest.mark.parametrize(("value", "expected"), [("a", "a"), (429, "429"), (1.5, "1.5"), (True, ""), (None, ""), ([], ""), ({}, "")])
def test_text(value, expected):
    """Codes come as strings and as numbers."""
    assert text(value) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (({"code": "c", "type": "t", "message": "m"},), Failed("c", "m")),
        (({"code": None, "type": "t", "message": "m"},), Failed("t", "m")),
        (({"code": 429, "message": None},), Failed("429", "")),
        (({},), Failed("", "")),
        (("it broke",), Failed("", "it broke")),
        ((None, "PERMISSION_DENIED", "no"), Failed("PERMISSION_DENIED", "no")),
        ((None,), None),
        (("",), None),
        ((7,), None),
        (([],), None),
    ],
)
def test_failures_in_every_shape(arguments, expected):
    """OpenAI's object, a bare text, Databricks' pair; anything else is no failure."""
    assert failed(*arguments) == expected
