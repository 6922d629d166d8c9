"""Requests without the states of other providers."""

import json

import pytest

from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.dialects.anthropic.request import read
from headgate.dialects.anthropic.state_slots import OF_NEXT, UNSIGNED
from headgate.dialects.anthropic.without_envelopes import without_envelopes
from headgate.dialects.faces import Operation

MESSAGES = Operation("messages", "anthropic/v1/messages")
SEALED = enveloped(OpaqueState("openai", "encrypted", "gAAAA"))
THOUGHT = json.dumps({"type": "thinking", "thinking": "hm", "signature": SEALED}).encode()
UNPROVEN = json.dumps({"type": "thinking", "thinking": "hm", "signature": UNSIGNED}).encode()
REDACTED = json.dumps({"type": "redacted_thinking", "data": SEALED + OF_NEXT}).encode()
OWN = b'{"type":"thinking","thinking":"\\u0068m","signature":"EqQB"}'
TEXT = b'{ "type":"text","text":"' + SEALED.encode() + b'" }'


def cleaned(body):
    """The body that is sent."""
    return without_envelopes(read(body, MESSAGES, ""))


@pytest.mark.parametrize(
    ("content", "left"),
    [
        (THOUGHT + b" , " + TEXT, TEXT),
        (TEXT + b" , " + THOUGHT, TEXT),
        (OWN + b", " + THOUGHT + b" ," + REDACTED + b"," + TEXT, OWN + b"," + TEXT),
        (THOUGHT + b"," + UNPROVEN + b"," + TEXT + b"," + REDACTED, TEXT),
        (OWN + b" ," + TEXT, OWN + b" ," + TEXT),
    ],
)
def test_only_blocks_with_an_envelope_go(content, left):
    """Every other byte is as it came, also an envelope in a text."""
    before = b'{"model" :"m","max_tokens":1.0,"messages": [ {"role":"user","content":"\\ud83d"}, {"role":"assistant","content": [ '
    after = b' ]},{"role":"user","content":[]} ] , "stream":true}'

    asked = cleaned(before + content + after)

    assert asked.body == before + left + after
    assert bytes(asked.fields["stream"]) == b"true"
    start, end = asked.spans["stream"]
    assert asked.body[start:end] == b"true"
    assert asked.with_model("other").startswith(b'{"model" :"other"')


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_message_of_nothing_else_goes_too(place):
    """Anthropic refuses an empty one."""
    others = [b'{"role":"user","content":"a"}', b'{"role":"user","content":"b"}']
    message = b'{"role":"assistant","content":[' + THOUGHT + b"]}"

    asked = cleaned(b'{"model":"m","messages":[' + b",".join([*others[:place], message, *others[place:]]) + b"]}")

    assert asked.body == b'{"model":"m","messages":[' + b",".join(others) + b"]}"


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"m"}',
        b'{"model":"m","messages":5}',
        b'{"model":"m","messages":[5,"hgs1.",null,{"content":"hgs1."},{"content":["hgs1.",{"type":5}]},{"role":"hgs1."}]}',
        b'{"model":"m","messages":[{"content":[' + THOUGHT + b'],"content":[]}]}',
    ],
)
def test_what_is_no_conversation_stays_as_it_is(body):
    """The provider says what is wrong with it."""
    assert cleaned(body).body == body


def test_thoughts_that_were_cut_out_between_kept_ones_leave_one_comma():
    """The rest is valid JSON, in the same order."""
    blocks = [TEXT, THOUGHT, THOUGHT, OWN, REDACTED]

    asked = cleaned(b'{"model":"m","messages":[{"role":"assistant","content":[' + b",".join(blocks) + b"]}]}")

    assert json.loads(asked.body)["messages"][0]["content"] == [json.loads(TEXT), json.loads(OWN)]
