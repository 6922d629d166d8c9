"""The strict look at a body, against Python's own parser as the judge: the same bodies pass, and the spans are the values."""

import json
import re
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from headgate.core.errors import BadRequest
from headgate.dialects import scan_steps
from headgate.dialects.faces import Operation
from headgate.dialects.registry import CLIENTS, PROVIDERS
from headgate.dialects.scan import DEPTH_MAX, scan
from tests.fakes.examples import examples

SPACE = st.text(" \t\r\n", max_size=2)
SCALAR = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4), max_leaves=12)
KEY = st.sampled_from(["a", "b", "model", "stream", "é", "", '"', "\\"]) | st.text(max_size=3)


HALF = re.compile(r"[\ud800-\udfff]")  # of a surrogate pair: a field's name has a character for private use in its place


class Twice(Exception):
    """A key stands twice in the outermost object."""


@st.composite
def spelled(draw, text):
    """A string as JSON, some of its characters as escapes."""
    return '"' + "".join(draw(st.sampled_from([json.dumps(c)[1:-1], json.dumps(c, ensure_ascii=False)[1:-1], escape(c)])) for c in text) + '"'


def escape(character):
    r"""A character as `\uXXXX`, in a surrogate pair where it needs one."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


@st.composite
def bodies(draw):
    """Objects as any client might spell them, keys repeated or not."""
    members = []
    for key, value in draw(st.lists(st.tuples(KEY, VALUE), max_size=6)):
        parts = draw(SPACE), draw(spelled(key)), draw(SPACE), ":", draw(SPACE), json.dumps(value, ensure_ascii=draw(st.booleans())), draw(SPACE)
        members.append("".join(parts))
    return (draw(SPACE) + "{" + ",".join(members) + draw(SPACE if not members else st.just("")) + "}" + draw(SPACE)).encode("utf-8", "replace")


@st.composite
def damaged(draw):
    """A body with bytes cut out, put in or doubled."""
    body = draw(bodies())
    start, end = sorted(draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
    return body[:start] + draw(st.binary(max_size=4) | st.just(body[start:end])) + body[draw(st.sampled_from([start, end])) :]


def judged(body):
    """The decoded object, or `None` where it is not one plain JSON object."""

    def constant(word):
        raise ValueError(word)

    def pairs(members):
        return members

    try:
        members = json.loads(body.decode(), object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError):
        return None
    if not body.lstrip(b" \t\r\n").startswith(b"{") or len({key for key, _ in members}) < len(members):
        return None
    return {HALF.sub(lambda half: chr(ord(half[0]) + 0x1000), name): value for name, value in members}


def passes(body):
    """What scan says: its fields' bytes, or `None` for a refusal."""
    try:
        scanned = scan(body)
    except BadRequest:
        return None
    assert list(scanned.fields) == list(scanned.spans)
    return {name: body[slice(*scanned.span(name))] for name in scanned.fields}


@given(bodies() | damaged())
@example(b'{"a":1,"a":1}')
@example(b'{"a":"\\ud83d\\ude00","\\ud83d\\ude00":1}')
@example(b'{"a":"\\ud83d\\ud83d\\ude00\\ude00\\\\ud83d","\\ud83d":"\\udc00"}')
@example(b'{"a":12,"b":{"a":1},"a":1}')
def test_the_same_bodies_pass(body):
    """Whatever a strict reader takes passes, whatever it does not is refused, a repeated key is refused; and each span is its value's bytes."""
    expected = judged(body)
    found = passes(body)

    if expected is None:
        assert found is None
        return
    assert found is not None
    assert list(found) == list(expected)
    for name, value in found.items():
        assert json.loads(value, object_pairs_hook=list) == expected[name]
        assert value.strip(b" \t\r\n") == value


@given(bodies() | damaged(), st.integers(1, 40))
@examples(200)
def test_a_large_body_passes_as_a_small_one(body, window):
    """Looked at in steps, whatever they end in: the same bodies pass, with the same fields in the same places."""
    with patch.object(scan_steps, "_WINDOW_BYTES", window):
        steps = scan_steps.scan_steps(body)
        while (found := scan_steps.result(steps)) is None:
            pass
    try:
        expected = scan(body)
    except BadRequest:
        assert isinstance(found, BadRequest)
        return
    assert (found.body, found.spans) == (body, expected.spans)


@st.composite
def nests(draw):
    """Arrays and objects nested to about the limit, with strings full of brackets beside the way down."""
    levels = draw(st.integers(DEPTH_MAX - 6, DEPTH_MAX + 6))
    body, closing = "", ""
    for opening in draw(st.lists(st.sampled_from(["[", '{"a":']), min_size=levels, max_size=levels)):
        aside = draw(st.sampled_from(["", '"]}{[",', '"\\\\",', '"\\"[",', "[{}],", "1,"])) if opening == "[" else ""
        body, closing = body + opening + aside, ("]" if opening == "[" else "}") + closing
    return ('{"a":' + body + draw(st.sampled_from(["1", '"}"', "[]"])) + closing + "}").encode()


def depth(value):
    """How many levels a decoded value has."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if children is None else 1 + max(map(depth, children), default=0)


@given(nests())
def test_the_limit_of_nesting_is_exact(body):
    """Refused exactly above the limit."""
    assert (passes(body) is None) == (depth(json.loads(body)) > DEPTH_MAX)


OPERATIONS = {
    "anthropic": "messages",
    "openai_chat": "chat",
    "openai_responses": "responses",
    "gemini": "generateContent",
    "cursor": "chat",
}


@given(st.sampled_from(sorted(CLIENTS)), st.binary(max_size=60) | bodies() | damaged(), st.text(max_size=10))
@examples(300)
def test_any_bytes_are_answered_or_refused(name, body, path_model):
    """A dialect takes a body or says BadRequest; nothing else ever comes out."""
    refusal = None
    try:
        CLIENTS[name].read(body, Operation(OPERATIONS[name], "test"), path_model)
    except BadRequest as error:
        refusal = error
    if refusal is not None:
        status, _, answer = CLIENTS[name].error(refusal, "req_test")
        assert status == 400
        assert json.loads(answer)["message"] == refusal.message


@given(bodies(), st.sampled_from(["m", "claude-opus-4-6[1m]", 'odd"name\\é']), SPACE)
def test_passing_on_is_lossless(body, sent, space):
    """What is sent is the body with other bytes where the model stood, and nothing else."""
    rest = body.strip(b" \t\r\n").removeprefix(b"{").lstrip(b" \t\r\n")
    members = b"" if rest == b"}" else b"," + rest.removesuffix(b"}")
    body = b'{"x":"model",%s"model"%s:"asked"%s}' % (space.encode(), space.encode(), members)
    if judged(body) is None:
        return
    for name in ("anthropic", "openai_responses"):
        client = CLIENTS[name]
        try:
            asked = client.read(body, Operation(OPERATIONS[name], "test"), "")
        except BadRequest:
            continue
        start, end = asked.model_span
        assert body[start:end] == b'"asked"'
        assert PROVIDERS[client.speaks].body(asked, sent) == body[:start] + json.dumps(sent, ensure_ascii=False).encode() + body[end:]
