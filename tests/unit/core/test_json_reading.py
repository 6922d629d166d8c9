"""JSON from outside: read or refused, and decoded in steps of bounded length."""

import json

import msgspec
import pytest

from headgate.core import json_reading
from headgate.core.errors import BadRequest
from headgate.core.json_reading import read_json

DEEP = b'{"name": "a", "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
VALUE = {"a": [1, -2.5, None, True, "x" * 50, {"b": [], "c": {}}], "": {"ü": "é" * 40}, "n": [[[1, 2], [3]], []]}


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


@pytest.mark.parametrize("size", [0, 1, 5, 20, 100, 10_000])
def test_the_value_is_the_same_whatever_the_size_of_a_piece(size, monkeypatch):
    """Also of one that is no list or object."""
    monkeypatch.setattr(json_reading, "PIECE_BYTES", size)
    for value in (VALUE, [VALUE], "text" * 100, 17, None, [], {}):
        assert json_reading.decode_in_steps(json.dumps(value, ensure_ascii=False).encode(), 20) == value


def test_no_step_decodes_more_than_a_piece(monkeypatch):
    """But for a single text, which is one piece."""
    monkeypatch.setattr(json_reading, "PIECE_BYTES", 100)
    decoded = []
    decode = msgspec.json.decode
    monkeypatch.setattr(msgspec.json, "decode", lambda raw: decoded.append(memoryview(raw).nbytes) or decode(raw))
    json_reading.decode_in_steps(json.dumps([VALUE] * 50, ensure_ascii=False).encode(), 20)
    assert len(decoded) > 50
    assert max(decoded) <= 100


def test_depth_is_bounded_where_it_is_large(monkeypatch):
    """And what is no JSON is refused as the decoder refuses it."""
    monkeypatch.setattr(json_reading, "PIECE_BYTES", 10)
    with pytest.raises(json_reading.TooDeep):
        json_reading.decode_in_steps(b"[" * 50 + b"]" * 50, 20)
    with pytest.raises(msgspec.DecodeError):
        json_reading.decode_in_steps(b"[1, 2, 3, 4, 5, 6", 20)
