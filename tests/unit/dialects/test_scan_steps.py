"""The look at a large body in steps."""

import json

import pytest

from headgate.core.errors import BadRequest
from headgate.dialects import scan_steps as module
from headgate.dialects.scan import DEPTH_MAX, ELEMENTS_MAX, scan
from headgate.dialects.scan_steps import result, scan_steps


def outcome(body):
    """What the steps come to, and how many there were."""
    steps = scan_steps(body)
    number = 1
    while (found := result(steps)) is None:
        number += 1
    return found, number


def nested(levels, aside=b""):
    """A body of so many levels, with something in a list at each."""
    return b'{"a":' + (b"[" + aside) * (levels - 1) + b"1" + b"]" * (levels - 1) + b',"model":"m"}'


TEXT = json.dumps('hello \\ "world"\n]}[{' * 40_000).encode()
BODIES = [
    b'{"messages":' + TEXT + b',"model":"m"}',
    b'{"messages":[' + b",".join([b'{"role":"user","content":[{"text":"\\\\\\""}]}'] * 20_000) + b'],"model":"m"}',
    json.dumps({"x": "é🚀" * 200_000, "model": "m"}, ensure_ascii=False).encode(),
    json.dumps({"x": [{"y": "é🚀" * 100_000}] * 2, "model": "m"}, ensure_ascii=False, indent=1).encode(),
    b'{"x":"' + rb"\ud83d" * 100_000 + b'","model":"m"}',
    nested(DEPTH_MAX, b'"' + b"x]" * 20_000 + b'",'),
]


@pytest.mark.parametrize("body", BODIES)
def test_the_steps_find_what_one_look_finds(body):
    """The same fields in the same places, and the body itself."""
    found, _ = outcome(body)
    expected = scan(body)

    assert found.body is body
    assert found.spans == expected.spans
    assert {name: bytes(raw) for name, raw in found.fields.items()} == {name: bytes(raw) for name, raw in expected.fields.items()}


@pytest.mark.parametrize("window", [1, 2, 3, 7, 64])
def test_where_a_window_ends_changes_nothing(monkeypatch, window):
    """Within a character, an escape, a string or a list."""
    monkeypatch.setattr(module, "_WINDOW_BYTES", window)
    passing = b'{"a":[' + rb'"\\\"]","\\",' + '"é🚀\u2028",'.encode() + b'[[]]],"b":' + b"[" * (DEPTH_MAX - 1) + b"]" * (DEPTH_MAX - 1) + b"}"
    too_deep = passing.replace(b'"b":', b'"b":[').replace(b"]}", b"]]}")

    assert outcome(passing)[0].spans == scan(passing).spans
    assert outcome(too_deep)[0].code == "nested_too_deep"
    assert outcome(passing.replace("🚀".encode(), b"\xf0\x9f\x9a"))[0].code == "invalid_json"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1,"a":2}',
        b'{"model":"cheap","x":' + TEXT + rb',"\u006dodel":"expensive"}',
        b'{"a":NaN,"x":' + TEXT + b"}",
        b'{"x":' + TEXT + b',"a":"\xff"}',
        b'{"x":["' + "é".encode() * 300_000 + b'\xc3"]}',
        b'{"x":' + TEXT,
        nested(DEPTH_MAX + 1, b'"' + b"x]" * 20_000 + b'",'),
        b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"a":[' + b"{}," * ELEMENTS_MAX + b"{}]}",
        b"{" + b",".join(b'"%d":1' % number for number in range(1_001)) + b"}",
    ],
)
def test_the_steps_refuse_what_one_look_refuses(body):
    """With the same words."""
    with pytest.raises(BadRequest) as expected:
        scan(body)
    found, _ = outcome(body)

    assert isinstance(found, BadRequest)
    assert (found.code, found.message) == (expected.value.code, expected.value.message)


def test_no_step_has_much_to_do():
    """What takes the longest for each byte is done in windows of 256 KiB."""
    _, number = outcome(b'{"x":[' + b",".join([b'"' + b"[" * 100 + b'",[]'] * 40_000) + b'],"model":"m"}')

    assert number > 4_000_000 // (256 << 10)


def test_a_checked_body_is_not_looked_at_again():
    """`scan` gives back what it is given."""
    found, _ = outcome(BODIES[0])

    assert scan(found) is found
