"""A body that was read."""

import msgspec
import pytest

from headgate.dialects.scanned import Scanned


def test_the_range_of_a_field():
    """Where its value is in the body; a field that is not there has none."""
    scanned = Scanned(b'{"a":[1]}', {"a": msgspec.Raw(b"[1]")}, {"a": (5, 8)})

    assert scanned.body[slice(*scanned.span("a"))] == b"[1]"
    with pytest.raises(KeyError):
        scanned.span("b")
