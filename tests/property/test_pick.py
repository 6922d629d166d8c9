"""Picking against Python's own parser as the judge: whatever the text and however it is cut, the wanted members come out, and nothing else."""

import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from headgate.dialects.lenient import decoded
from headgate.dialects.pick import Bounds, Picker
from headgate.dialects.wanted import EVERYTHING, TEXT, Wanted
from tests.fakes.examples import examples

NAME = st.sampled_from(["id", "usage", "choices", "reason", "text", "x", 'q"', "\\", "é", ""])
SCALAR = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6)
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAME, inner, max_size=4), max_leaves=20)
OBJECT = st.dictionaries(NAME, VALUE, max_size=6)
WANTED = Wanted("id", "usage", choices=Wanted("reason"), text=TEXT)


def wanted_of(value, wanted=WANTED):
    """What is to be picked of a decoded value."""
    if isinstance(value, list):
        return [wanted_of(item, wanted) for item in value if not wanted.text or isinstance(item, list | dict)]
    if isinstance(value, dict):
        return {name: wanted_of(item, wanted.of(name)) for name, item in value.items() if wanted.of(name) is not None}
    return None if wanted.text else value


@st.composite
def pieces(draw, data):
    """The data, cut anywhere."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@st.composite
def texts(draw):
    """Any objects as JSON, compact or not, with or without escapes."""
    value = draw(OBJECT)
    return value, json.dumps(value, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1]))).encode("utf-8", "surrogatepass")


@given(texts(), st.data())
@examples(200)
def test_the_wanted_members_come_out(text, data):
    """As the other parser reads them."""
    value, written = text
    picker = Picker(WANTED)

    found = [picked for piece in data.draw(pieces(written)) for picked in picker.feed(piece)]

    assert picker.whole
    assert [json.loads(picked) for picked in found] == [wanted_of(value)]


@given(st.lists(texts(), max_size=4), st.data())
def test_a_list_gives_each_of_its_elements(listed, data):
    """Each as a text of its own."""
    written = b"[" + b" , ".join(text for _, text in listed) + b"]"
    picker = Picker(EVERYTHING)

    found = [picked for piece in data.draw(pieces(written)) for picked in picker.feed(piece)]

    assert picker.whole
    assert [json.loads(picked) for picked in found] == [value for value, _ in listed]


@given(st.binary(max_size=60) | texts().map(lambda text: text[1][:-1] + b'"\\'), st.data())
@examples(200)
def test_any_bytes_are_read_the_same_however_cut(data, drawn):
    """Nothing raises; what comes out is JSON within the bounds."""
    bounds = Bounds(string_bytes=8, items=3, list_bytes=40, text_bytes=60)
    whole, cut = Picker(EVERYTHING, bounds), Picker(EVERYTHING, bounds)

    found = list(whole.feed(data))
    assert [picked for piece in drawn.draw(pieces(data)) for picked in cut.feed(piece)] == found
    assert (cut.whole, cut.text_length) == (whole.whole, whole.text_length)
    for picked in found:
        json.loads(picked)
        assert len(picked) < 400


@given(texts(), st.sampled_from([b"NaN", b"-Infinity", rb'"\ud800"', b'"\xff"', b'"\x00"', b"01", b"1e999", b"nil", b""]))
def test_an_odd_value_costs_itself_alone(text, odd):
    """All other values are read as if it were not there."""
    value, written = text
    damaged = written.rstrip()[:-1] + (b"," if value else b"") + b'"odd":' + odd + b"}"

    found = decoded(msgspec.json.Decoder(), damaged)

    assert isinstance(found, dict)
    found.pop("odd")
    assert found == value
