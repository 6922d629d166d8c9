"""The strict look at a request body."""

import json

import msgspec
import pytest

from headgate.core.errors import BadRequest
from headgate.dialects.scan import DEPTH_MAX, ELEMENTS_MAX, has_more_objects, is_model_name, read_model, read_stream, scan, spell, splice


def nested(levels, opening, closing, core=b"1"):
    """A body of so many levels: the object itself, then what is asked for."""
    return b'{"a":' + opening * (levels - 1) + core + closing * (levels - 1) + b"}"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \n", "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b'"model"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'\xef\xbb\xbf{"a":1}', "byte-order mark"),
        ('{"a":1}'.encode("utf-16"), "byte-order mark"),
        ('{"a":1}'.encode("utf-16-le"), "not valid JSON"),
        (b'{"a":"\xff"}', "UTF-8"),
        (b'{"\xff":1}', "UTF-8"),
        (b'{"a":{"b":["\xc3("]}}', "UTF-8"),
        (b'{"a":"\xed\xa0\x80"}', "UTF-8"),
        (b'{"a":"' + b"x" * 5_000 + b"\xe2\x82" + b'"}', "UTF-8"),
        (b'{"a":' + b'[{"b":"c"},' * 99 + b'"\xff"' + b"]" * 99 + b"}", r"UTF-8|deeper"),
        (b'{"a":[' + b'{"b":"c"},' * 99 + b'"\xff"]}', "UTF-8"),
        (b'{"a":"\\ud800","b":NaN}', "not valid JSON"),
        (b'{"a":"\\ud80"}', "not valid JSON"),
        (b'{"\\ud800":1,"\\uD800":2}', "twice"),
        (b'{"a":"\\ud800","a":2}', "twice"),
        (b'{"a":"\\q"}', "not valid JSON"),
        (b'{"a":"line\nbreak"}', "not valid JSON"),
        (b'{"a":NaN}', "not valid JSON"),
        (b'{"a":[1,{"b":-Infinity}]}', "not valid JSON"),
        (b'{"a":01}', "not valid JSON"),
        (b'{"a":1,}', "not valid JSON"),
        (b'{"a":1 /* one */}', "not valid JSON"),
        (b'{"a":1}{"a":2}', "not valid JSON"),
        (b'{"a":1}\x00', "not valid JSON"),
        (b'{"a":1', "not valid JSON"),
        (b'{"' + b"a" * 1_000_000 + b'":1}', "top-level fields"),
        (b"{" + b",".join(b'"f%d":1' % number for number in range(2_000)) + b"}", "top-level fields"),
    ],
)
def test_what_is_not_one_plain_object_is_refused(body, says):
    """Every spelling that two readers could take differently is a 400 that says what is wrong, and repeats nothing of the body."""
    with pytest.raises(BadRequest, match=says) as refused:
        scan(body)

    assert refused.value.status == 400
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"cheap","model":"expensive"}',
        b'{"model":"same","model":"same"}',
        b'{"model":"cheap","\\u006dodel":"expensive"}',
        b'{"\\u006dodel":"cheap","model":"expensive"}',
        b'{"a":12,"b":1,"a":1}',
        b'{"a":1,"b":1,"a":12}',
        b'{"a":[1,2],"b":{"a":[1]},"a":[1]}',
        b'{ "a" : 1 , "a" : 1 }',
        b'{"":1,"":1}',
        # the last value is as long as the way to a nested object that repeats the rest of the body
        b'{"a":1,"b":{"x":"......","b":{},"c":1},"c":1,"a":"%s"}' % (b"." * 22),
    ],
)
def test_a_field_named_twice_is_refused(body):
    """No reader further down may take another value than the one that was checked."""
    with pytest.raises(BadRequest, match="twice"):
        scan(body)


def test_spans_are_where_the_values_stand():
    """Each span is the value's own bytes, whatever the spacing, and whatever looks like structure inside of strings."""
    body = ' {\n"model" :\t"gpt" , "t\\u00e9":[1, {"model":"}"}],"é":"\\"}{,\\\\" ,"n":-1.5e3,"e":{}}\r\n'.encode()

    scanned = scan(body)

    values = {name: body[slice(*scanned.span(name))].decode() for name in scanned.fields}
    assert values == {"model": '"gpt"', "té": '[1, {"model":"}"}]', "é": '"\\"}{,\\\\"', "n": "-1.5e3", "e": "{}"}
    assert all(bytes(scanned.fields[name]).decode() == value for name, value in values.items())


def test_an_empty_object_is_an_object():
    """An object without fields passes; that it names no model is said elsewhere."""
    assert scan(b" { } ").fields == {}


def depth(value):
    """How many levels a decoded value has."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if children is None else 1 + max(map(depth, children), default=0)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'{"a": [', b"]}"), (b"[[0],", b"]"), (b'[{"b":"}"},', b"]")])
@pytest.mark.parametrize("padding", [b"", b'"{[{[\\"",' * 99, b'"[\\\\","[",' * 99, b"[],{}," * 99, b'{"b":1e999},' * 99])
def test_nesting_is_limited_exactly(opening, closing, padding):
    """64 levels pass and 65 do not, however many brackets stand beside them or in strings."""
    depths = set()
    for repeats in range(20, 70):
        body = b'{"p":[' + padding + b'0],"a":[' + padding + opening * repeats + b"0" + closing * repeats + b"]}"
        depths.add(levels := depth(json.loads(body)))
        if levels <= DEPTH_MAX:
            scan(body)
        else:
            with pytest.raises(BadRequest, match="deeper than 64"):
                scan(body)
    assert depths & {DEPTH_MAX, DEPTH_MAX - 1}
    assert depths & {DEPTH_MAX + 1, DEPTH_MAX + 2}


@pytest.mark.parametrize(
    "body",
    [
        nested(300, b"[", b"]"),
        nested(100_000, b'{"a":', b"}"),
        b'{"a":' + b"[" * 500_000,
        b"[" * 10_000_000,
        b'{"a":[' + b"{}," * 4_000_000 + b"{}]}",
        b'{"a":[' + b"0," * 4_000_000 + b"0]}",
        b"{" + b",".join(b'"%x":1' % number for number in range(1_200_000)) + b"}",
    ],
)
def test_absurd_bodies_are_refused(body):
    """Bodies made to cost memory or stack are refused before anything is built of them."""
    with pytest.raises(BadRequest, match=r"deeper|elements|not valid|object"):
        scan(body)


def test_large_plain_bodies_pass():
    """A long text, many messages, and more brackets and commas in text than a body may have elements are what agents send."""
    code = 'if (a["\\\\"]) { return [b, c]; }' * 200
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": code}] * 1_500, "text": "x" * 3_000_000}).encode()
    assert body.count(b",") + body.count(b"{") + body.count(b"[") > ELEMENTS_MAX

    assert read_model(scan(body)) == "m"


def test_the_model_is_read():
    """A plain name is taken, also with Claude Code's suffix and with a provider's path."""
    for name in ("gpt-5.2", "claude-opus-4-6[1m]", "openai/gpt-oss:20b", "m@1", "x" * 128):
        assert read_model(scan(json.dumps({"model": name}).encode())) == name


@pytest.mark.parametrize(
    "value", ["1", "null", '["a"]', '{"a":1}', '""', '" gpt"', '"gpt\\u0000"', '"gpt\u20115"', '"ｇpt"', '"' + "x" * 129 + '"', '"a\\nb"']
)
def test_an_odd_model_is_refused(value):
    """Anything but a short string of plain characters is no model name."""
    with pytest.raises(BadRequest, match="model"):
        read_model(scan(f'{{"model":{value}}}'.encode()))


def test_a_body_without_a_model_is_refused():
    """The model is never guessed."""
    with pytest.raises(BadRequest, match="names no `model`"):
        read_model(scan(b"{}"))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (rb"\ud83d", "\ue83d"),
        (rb"\uDE00", "\uee00"),
        (rb"\ud83d\ud83d\ude00\ude00", "\ue83d\U0001f600\uee00"),
        (rb"\ude00\ud83d", "\uee00\ue83d"),
        (rb"\\ud83d\ud83dx\\\\\ud83d", "\\ud83d\ue83dx\\\\\ue83d"),
        (rb"\ud83d\u0041\ud83d\\ude00", "\ue83dA\ue83d\\ude00"),
        ("é\\ud83d🚀".encode(), "é\ue83d🚀"),
    ],
)
def test_half_a_surrogate_pair_passes(text, read):
    """RFC 8259 allows the escape. The body stays as it came; in its fields another character stands for it."""
    body = b'{ "a" : "' + text + b'", "model":"m" }'
    scanned = scan(body)

    assert scanned.body is body
    assert msgspec.json.decode(scanned.fields["a"]) == read
    assert (body[slice(*scanned.span("a"))], body[slice(*scanned.span("model"))]) == (b'"' + text + b'"', b'"m"')


def test_stream_is_true_false_null_or_absent():
    """Absent and null mean no stream."""
    bodies = (b"{}", b'{"stream":null}', b'{"stream":false}', b'{"stream": true }')
    assert [read_stream(scan(body)) for body in bodies] == [False, False, False, True]


@pytest.mark.parametrize("value", [b'"true"', b"1", b"0", b'"null"', b"[]", b"{}"])
def test_an_odd_stream_is_refused(value):
    """Providers differ in how they take these, so nobody gets to."""
    with pytest.raises(BadRequest, match="`stream` must be"):
        read_stream(scan(b'{"stream":' + value + b"}"))


def test_splice_replaces_one_range():
    """All other bytes stay."""
    body = b'{ "model" : "a", "x":"a" }'

    assert splice(body, scan(body).span("model"), spell('b"')) == b'{ "model" : "b\\"", "x":"a" }'


def test_model_names_are_plain():
    """The same grammar serves names that come from elsewhere than a body."""
    assert is_model_name("a/b:c")
    assert not is_model_name("a b")


def test_objects_are_counted_outside_of_strings():
    """Braces in code are none."""
    body = b'{"a":[{},{}],"text":"{{{{{{ \\" {{{{"}'

    assert [has_more_objects(body, most) for most in (0, 2, 3, 100)] == [True, True, False, False]


def test_objects_of_a_large_body_are_counted_too() -> None:
    """One that is not copied for it."""
    body = b'{"text":"' + b"{" * (1 << 20) + b'","a":[{},{}]}'

    assert [has_more_objects(body, most) for most in (2, 3)] == [True, False]
