"""Failures in every shape that servers of OpenAI's formats report them in."""

import pytest

from headgate.core.event import Failed
from headgate.dialects.openai_read import failed


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
