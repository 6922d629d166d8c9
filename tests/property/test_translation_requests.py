"""Requests of any shape: whatever a client sends is said to a provider, with its losses, or refused in words. It is never a crash."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.errors import GatewayError
from headgate.core.opaque_state import MARKS
from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS
from tests.fakes.examples import examples
from tests.golden.translation.cases import REQUESTS, operation_of, request_bytes
from tests.golden.translation.journey import Sent, decoded, translated
from tests.golden.translation.matrix import TARGETS

OWN = tuple(case for case in REQUESTS if case.partition("/")[0] in CLIENT_CODECS)
LABELS = tuple(label for label, target in TARGETS.items() if target.dialect in PROVIDER_CODECS)

pytestmark = pytest.mark.skipif(not OWN or not LABELS, reason="no codec is written yet")

ODD = st.sampled_from([
    None, True, 0, -1, 1.5, 1e300, "", "x", "text", "user", "assistant", "auto", "high", [], {}, [None], [[]], [{}], {"type": "x"}, {"type": None}, {"type": []},
    {"text": 1}, "data:image/png;base64,AA==", "hgs1.", "aGdzMS4=", {"type": "function", "name": "f"}, {"role": "user", "content": "é🚀\u2028"}, "\ud83d\ude80",
])  # fmt: skip


def _places(value, path=()):
    """The path of every value in a document."""
    yield path
    if isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(each, (*path, name))


def _copied(value):
    return json.loads(json.dumps(value))


def _at(value, path):
    for name in path:
        value = value[name]
    return value


@st.composite
def requests(draw):
    """A case with up to three values taken out, doubled, or put in another one's place."""
    case = draw(st.sampled_from(OWN))
    body = json.loads(request_bytes(case))
    for _ in range(draw(st.integers(1, 3))):
        places = [path for path in _places(body) if path]
        if not places:
            break
        path = draw(st.sampled_from(places))
        holder, name = _at(body, path[:-1]), path[-1]
        action = draw(st.sampled_from(["remove", "odd", "other", "double"]))
        if action == "remove":
            del holder[name]
        elif action == "odd":
            holder[name] = _copied(draw(ODD))
        elif action == "other":
            holder[name] = _copied(_at(body, draw(st.sampled_from(places))))
        elif isinstance(holder, list):
            holder.insert(name, _copied(holder[name]))
    return case, json.dumps(body).encode()


@given(requests(), st.sampled_from(LABELS or ("",)))
@examples(600)
def test_any_request_is_said_or_refused(request_, label):
    """A JSON object for the provider, without an envelope in it; or a GatewayError with words."""
    case, body = request_
    result = translated(case.partition("/")[0], operation_of(case), body, TARGETS[label])

    if isinstance(result, GatewayError):
        assert result.message
        assert 400 <= result.status < 500
    else:
        assert isinstance(json.loads(result.body), dict)
        assert not any(mark in result.body for mark in MARKS) or any(mark in body for mark in MARKS)
        assert all(loss.what and loss.why for loss in result.losses)


@given(st.sampled_from([case for case in OWN if "format_with" not in case]), st.sampled_from(LABELS))  # a schema in words is as the client spells it
@examples(100)
def test_the_spelling_of_json_changes_nothing(case, label):
    """White space and escapes in the client's body do not reach the provider; the same conversation gives the same bytes."""
    body = json.loads(request_bytes(case))
    spaced, tight = json.dumps(body, indent=3, ensure_ascii=True).encode(), msgspec.json.encode(body)
    first, second = (translated(case.partition("/")[0], operation_of(case), each, TARGETS[label]) for each in (spaced, tight))

    assert isinstance(first, Sent) == isinstance(second, Sent)
    if isinstance(first, Sent):
        assert _read(json.loads(first.body)) == _read(json.loads(second.body))
        assert first.losses == second.losses


def _read(value):
    """A value with the arguments of its calls, which stay as the client spells them, read too."""
    if isinstance(value, dict):
        return {name: _arguments(each) if name == "arguments" else _read(each) for name, each in value.items()}
    return [_read(each) for each in value] if isinstance(value, list) else value


def _arguments(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


@pytest.mark.parametrize("case", [case for case in OWN if case.partition("/")[0] in PROVIDER_CODECS and not case.endswith("/who")])
def test_saying_a_request_in_its_own_dialect_changes_nothing(case):
    """Decode ∘ encode ∘ decode is decode, up to the ids of items."""
    dialect, operation = case.partition("/")[0], operation_of(case)
    sent = translated(dialect, operation, request_bytes(case), TARGETS[dialect])
    if isinstance(sent, GatewayError):
        return

    again = translated(dialect, sent.operation, sent.body, TARGETS[dialect])
    assert isinstance(again, Sent)
    assert json.loads(again.body) == json.loads(sent.body)
    assert decoded(dialect, sent.operation, sent.body).model == "m"
