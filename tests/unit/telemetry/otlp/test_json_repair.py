"""Odd texts in JSON are made readable."""

import json

import pytest

from headgate.telemetry.otlp.json_repair import repaired


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb'{"a": "\ud83d"}', {"a": "\ufffd"}),
        (rb'{"a": "x\ud83dy\udc00z"}', {"a": "x\ufffdy\ufffdz"}),
        (rb'{"a": "\ud83d\ude00"}', {"a": "😀"}),
        (rb'{"a": "\\ud83d"}', {"a": "\\ud83d"}),  # a backslash and letters
        (rb'{"a\udead": 1}', {"a\ufffd": 1}),
        (b'{"a": "caf\xc3"}', {"a": "caf\ufffd"}),
        (b'{"a": "\x01\t"}', {"a": "\x01\t"}),
        (b'{"a": NaN, "b": [Infinity,-Infinity], "c": -1.5}', {"a": "NaN", "b": ["Infinity", "-Infinity"], "c": -1.5}),
        (rb'{"a": "NaN\"NaN", "b": "-Infinity"}', {"a": 'NaN"NaN', "b": "-Infinity"}),
    ],
)
def test_each_odd_value_costs_itself_alone(body, expected):
    """All else is as it was."""
    assert json.loads(repaired(body)) == expected


def test_long_strings_are_worked_on_in_pieces():
    """Also where a piece ends at a pair."""
    for before in (65_535, 65_536, 70_000):
        text = "x" * before + "😀" * 3000
        body = json.dumps({"a": text + "\n", "b": "\ud83d"}).encode()
        assert json.loads(repaired(body)) == {"a": text + "\n", "b": "\ufffd"}


@pytest.mark.parametrize("body", [b"", b'"', b'"\\', b"{", b"\xff", b'"abc\\', b"N", b"-I", b'{"a": "\\u12"}'])
def test_what_is_no_json_stays_none(body):
    """Nothing is added and nothing hangs."""
    with pytest.raises(json.JSONDecodeError):
        json.loads(repaired(body))
