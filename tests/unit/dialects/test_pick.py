"""Picking members out of JSON of any size."""

import json
import tracemalloc

import pytest

from headgate.dialects.pick import Bounds, Picker, pick
from headgate.dialects.wanted import EVERYTHING, Wanted

WANTED = Wanted("id", "usage", choices=Wanted("reason"), inner=Wanted("id"))


def picked(data, size=10**9, wanted=WANTED):
    """What is picked of bytes that come in pieces of a size, decoded; and whether the text has ended."""
    picker = Picker(wanted)
    texts = [text for at in range(0, len(data), size) for text in picker.feed(data[at : at + size])]
    return [json.loads(text) for text in texts], picker.whole


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10**9])
@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (b"{}", [{}]),
        (b' { "x" : [ 1 , {"id":2} ] , "id" : "a" } ', [{"id": "a"}]),
        (rb'{"x":"\\\"\\","id":"\"}\\","y":"\\"}', [{"id": '"}\\'}]),
        (rb'{"i\u0064":1,"usage":{"a":[1,{"b":null}],"c":true}}', [{"id": 1, "usage": {"a": [1, {"b": None}], "c": True}}]),
        (b'{"choices":[{"x":[[[[[["]"]]]]]],"reason":"stop"},null,{}],"inner":{"x":{"id":1},"id":2}}',
         [{"choices": [{"reason": "stop"}, None, {}], "inner": {"id": 2}}]),
        (b'{"choices":{"reason":"r"},"inner":"text"}', [{"choices": {"reason": "r"}, "inner": "text"}]),
        (b'[{"id":1}, {"id":2} ,{}]', [{"id": 1}, {"id": 2}, {}]),
        (b'{"id":1,"id":2}', [{"id": 2}]),
        (b'{"id":NaN,"x":-Infinity,"usage":{"a":01,"b":1e999,"c":5}}', [{"id": None, "usage": {"a": None, "b": None, "c": 5}}]),
        (rb'{"id":"\ud83d","x":"\ude00"}', [{"id": "\ufffd"}]),
        (b'{"id":"a\x00\xff","x":"\n\xff"}', [{"id": "a\0\ufffd"}]),
        (b'{"id":,"usage":7}', [{"id": None, "usage": 7}]),
        (b'{"x":[{]},"id":3}', [{"id": 3}]),
        ('{"x":"é","id":"é🚀"}'.encode(), [{"id": "é🚀"}]),
    ],
)  # fmt: skip
def test_the_wanted_members_are_picked(data, texts, size):
    """However the bytes are cut; an odd value costs itself alone."""
    assert picked(data, size) == (texts, True)


@pytest.mark.parametrize(("data", "whole"), [(b"", False), (b"[DONE]", True), (b"<html>", False), (b'"x"', False), (b'{"id":1', False), (b'{"id" 1}', False),
                                            (b'{"id":"a" "b"}', False), (b"[1,2]", True), (b"[", False), (b"{1:2}", False)])  # fmt: skip
def test_what_is_no_object_gives_nothing(data, whole):
    """Nor does one whose end is missing."""
    assert picked(data) == picked(data, 1) == ([], whole)


def test_what_comes_after_the_end_is_passed_over():
    """One text is read."""
    assert picked(b'{"id":1}{"id":2}', 3) == ([{"id": 1}], True)


def test_memory_is_bounded():
    """Whatever is long: what nobody wants, a wanted string, a name, a list, a number, and all of it together."""
    picker = Picker(WANTED)
    tracemalloc.start()
    pieces = [b"{", *[b'"x":"' + b"x" * 50_000 + b'",'] * 8, b'"id":"', *[b"i" * 50_000] * 4, b'","', *[b"n" * 50_000] * 4, b'":1,']
    pieces += [b'"choices":[', *[b'{"reason":1},' * 2_000] * 8, b"1],", b'"id":', *[b"1" * 50_000] * 4, b',"y":', *[b"[" * 50_000] * 4]
    for piece in pieces:
        assert picker.feed(piece) == []
    for piece in (*[b"]" * 50_000] * 4, b',"usage":{"a":1}'):
        assert picker.feed(piece) == []
    (text,) = picker.feed(b"}")
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < 1_500_000
    found = json.loads(text)
    assert (found["usage"], found["id"], len(found["choices"])) == ({"a": 1}, None, 10_000)


def test_beyond_the_bounds_the_beginning_is_kept():
    """Of strings and lists; of the whole, values are left out, and the text stays JSON."""
    picker = Picker(EVERYTHING, Bounds(string_bytes=3, items=2, list_bytes=20, text_bytes=20))
    (text,) = picker.feed(b'{"a":"12345","b":[1,2,3],"c":{"d":1},"e":5}')

    assert json.loads(text) == {"a": "123", "b": [1, 2]}


def test_a_value_that_is_held_is_picked_whole():
    """Objects, lists and scalars, without bounds."""
    long = {"id": "x" * 100_000, "usage": list(range(5_000)), "other": 1}

    assert json.loads(pick(json.dumps(long).encode(), WANTED)) == {"id": long["id"], "usage": long["usage"]}
    assert json.loads(pick(b'[1,"a",{"id":1,"x":2}]', WANTED)) == [1, "a", {"id": 1}]
    assert (pick(b"7 ", WANTED), pick(b"", WANTED), pick(b"}", WANTED), pick(b"[1", WANTED)) == (b"7", b"", b"", b"")
