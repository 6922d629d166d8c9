"""JSON decoded in steps of bounded length."""

import json

import msgspec
import pytest

from headgate.core import json_pieces

VALUE = {"a": [1, -2.5, None, True, "x" * 50, {"b": [], "c": {}}], "": {"ü": "é" * 40}, "n": [[[1, 2], [3]], []]}


@pytest.mark.parametrize("size", [0, 1, 5, 20, 100, 10_000])
def test_the_value_is_the_same_whatever_the_size_of_a_piece(size, monkeypatch):
    """Also of one that is no list or object."""
    monkeypatch.setattr(json_pieces, "PIECE_BYTES", size)
    for value in (VALUE, [VALUE], "text" * 100, 17, None, [], {}):
        assert json_pieces.decode(json.dumps(value, ensure_ascii=False).encode(), 20) == value


def test_no_step_decodes_more_than_a_piece(monkeypatch):
    """But for a single text, which is one piece."""
    monkeypatch.setattr(json_pieces, "PIECE_BYTES", 100)
    decoded = []
    decode = msgspec.json.decode
    monkeypatch.setattr(msgspec.json, "decode", lambda raw: decoded.append(memoryview(raw).nbytes) or decode(raw))
    json_pieces.decode(json.dumps([VALUE] * 50, ensure_ascii=False).encode(), 20)
    assert len(decoded) > 50
    assert max(decoded) <= 100


def test_depth_is_bounded_where_it_is_large(monkeypatch):
    """And what is no JSON is refused as the decoder refuses it."""
    monkeypatch.setattr(json_pieces, "PIECE_BYTES", 10)
    with pytest.raises(json_pieces.TooDeep):
        json_pieces.decode(b"[" * 50 + b"]" * 50, 20)
    with pytest.raises(msgspec.DecodeError):
        json_pieces.decode(b"[1, 2, 3, 4, 5, 6", 20)
