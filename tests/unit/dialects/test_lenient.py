"""Reading what providers write."""

import msgspec
import pytest

from headgate.dialects.lenient import characters, count, decoded, is_unreadable, items, mapping, text, texts, word


@pytest.mark.parametrize(
    ("value", "counted"),
    [
        (0, 0),
        (7, 7),
        (1 << 53, 1 << 53),
        (-1, None),
        (10**18, None),
        ("7", None),
        (7.0, 7),
        (5.5, None),
        (float("inf"), None),
        (True, None),
        (None, None),
    ],
)
def test_a_count_is_a_whole_number_of_sensible_size(value, counted):
    """Everything else was not reported; an explicit 0 was."""
    assert count(value) == counted


@pytest.mark.parametrize("data", [b"", b"nul", b"[" * 100_000, b"{}", b'"a" "b"', b'"a"}', b'"a', b"}", b'{"a":1}}', b'{"_":1}'])
def test_what_cannot_be_decoded_is_nothing(data):
    """Wrong shape, bad JSON and absurd nesting alike."""
    assert decoded(msgspec.json.Decoder(str), data) is None


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b'"\xff"', "\ufffd"),
        (b'"\\ud800"', "\ufffd"),
        (b'"a\x01"', "a\x01"),
        (b'"\\ud83d\\ude00\\ude00"', "\U0001f600\ufffd"),
        (b'"\\x"', "\\x"),
        (b'{"a":NaN,"b":[1,-Infinity,"c"],"d":1e999}', {"a": None, "b": [1, None, "c"], "d": None}),
        (b'{"a":' + b"9" * 5_000 + b',"b":01,"c":undefined}', {"a": None, "b": None, "c": None}),
        (b'[{"a":"\\ud800"},2,"x"]', [{"a": "\ufffd"}, 2, "x"]),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'{"a":' + b"[" * 200 + b"]" * 200 + b',"b":"\\ud800"}', {"b": "\ufffd"}),
    ],
)
def test_an_odd_value_costs_itself_alone(data, read):
    """What a strict decoder refuses becomes null or has U+FFFD; the values beside it are read."""
    decoder = msgspec.json.Decoder()
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
        decoder.decode(data)

    found = decoded(decoder, data)

    assert found == read or {**found, "a": None} == {**read, "a": None}


def test_a_member_of_another_type_is_not_there():
    """An empty value of the type that was asked for."""
    assert (mapping([]), items({}), text(1), word(True), word([])) == ({}, [], "", "", "")
    assert (mapping({"a": 1}), items([1]), text("a"), word("a"), word(429)) == ({"a": 1}, [1], "a", "a", "429")


def test_an_absurd_number_is_no_word():
    """A number of thousands of digits is not spelled out."""
    assert not word(10**5_000)


def test_characters_are_counted_not_bytes():
    """Of a JSON text as it stands."""
    assert characters(msgspec.Raw('["é"]'.encode())) == 5
    assert characters(None) == 0


@pytest.mark.parametrize("deep", [b'{"a":' * 200_000, b"[" * 200_000 + b"]" * 200_000, b'{"a":[' * 200_000 + b"1"])
def test_no_depth_is_too_deep(deep):
    """What is nested deeper than a reader goes is lost, and no more than that."""
    found = decoded(msgspec.json.Decoder(), deep)
    assert found is None or len(msgspec.json.encode(found)) < len(deep)


@pytest.mark.parametrize(
    ("data", "unreadable"),
    [(b"{", True), (b"<html>", True), (b"\xff", True), (b"[" * 200_000, True), (b"", False), (b" \n", False), (b"[DONE]", False), (b"5", False)],
)
def test_data_that_is_no_json_is_unreadable(data, unreadable):
    """Blank data and the mark of an end say nothing."""
    assert is_unreadable(data) is unreadable


def test_texts_are_those_of_a_list():
    """Whatever else is in it."""
    assert texts(["a", 1, "b"]) == ("a", "b")
    assert texts("a") == ()
