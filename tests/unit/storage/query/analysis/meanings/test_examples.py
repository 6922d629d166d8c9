"""The examples of the allow-list, which are documentation too."""

import pytest

from headgate.storage.query.analysis.meanings import encodings, patterns, texts
from tests.fakes.expressions import evaluated

_SHOWN = {True: "true", False: "false", None: "NULL"}


def _text(value):
    if isinstance(value, list):
        return "[" + ",".join(f'"{one}"' if isinstance(one, str) else _text(one) for one in value) + "]"
    return _SHOWN[value] if value is None or isinstance(value, bool) else str(value)


_MEANINGS = [meaning for module in (encodings, patterns, texts) for meaning in module.MEANINGS if meaning.example]


@pytest.mark.parametrize("meaning", _MEANINGS, ids=[meaning.names[0] for meaning in _MEANINGS])
def test_each_example_gives_what_it_says(meaning):
    """Run as a query."""
    assert _text(evaluated(meaning.example)) == meaning.gives
