"""JSON of a client, read or refused."""

import msgspec
import pytest

from headgate.core.errors import BadRequest
from headgate.core.json_body import read_json

DEEP = b'{"name": "a", "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


class _Shape(msgspec.Struct):
    name: str


def test_values():
    """Any value, or an instance of a shape; what the shape does not name is left alone."""
    assert read_json(b'{"a": [1]}') == {"a": [1]}
    assert read_json('{"name": "x", "more": 1}', _Shape) == _Shape("x")


@pytest.mark.parametrize("shape", [object, _Shape])
@pytest.mark.parametrize("body", [b"", b"{", b"nothing", b'{"name": "\xff"}', b'{"name": "\\ud83d"}', b"\xff\xfe{\x00}\x00", DEEP])
def test_what_cannot_be_read_is_refused(body, shape):
    """Broken, not UTF-8, nested too deeply: a refusal, whether the fault is in a place that the shape names or not."""
    with pytest.raises(BadRequest) as refused:
        read_json(body, shape)
    assert refused.value.code == "MALFORMED_REQUEST"


@pytest.mark.parametrize("body", [b"{}", b'{"name": 7}', b"[]", b"1"])
def test_what_does_not_fit_is_refused(body):
    """JSON of another shape is told apart from what is no JSON."""
    with pytest.raises(BadRequest, match="does not fit") as refused:
        read_json(body, _Shape)
    assert refused.value.code == "INVALID_PARAMETER_VALUE"
