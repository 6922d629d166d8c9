"""Requests that go on to OpenAI after a session had another provider's model."""

import json

from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.dialects.faces import Operation
from headgate.dialects.openai_responses.envelopes import without_envelopes
from headgate.dialects.openai_responses.parameters import bounded
from headgate.dialects.openai_responses.request import read

RESPONSES = Operation("responses", "openai/v1/responses")
SEALED = {"type": "reasoning", "summary": [], "encrypted_content": enveloped(OpaqueState("anthropic", "signature", "sig"))}
NATIVE = {"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}
SAID = {"role": "user", "content": f"what is {SEALED['encrypted_content']}?"}


def asked(items):
    """A request with these items in the middle of its body."""
    return read(json.dumps({"store": False, "input": items, "model": "m"}).encode(), RESPONSES, "")


def test_only_their_items_are_taken_out():
    """Native reasoning stays, and so does a text that has an envelope in it."""
    changed = without_envelopes(asked([SAID, SEALED, NATIVE, SEALED]))
    assert json.loads(changed.body) == {"store": False, "input": [SAID, NATIVE], "model": "m"}
    assert json.loads(changed.with_model("other")) == {"store": False, "input": [SAID, NATIVE], "model": "other"}
    assert json.loads(bytes(changed.fields["input"])) == [SAID, NATIVE]


def test_a_request_without_them_is_the_same_object():
    """Also one whose input is a text."""
    for items in ([SAID, NATIVE], "hi", None):
        request = asked(items)
        assert without_envelopes(request) is request


def test_a_bound_may_be_put_in_before_or_after():
    """A request that was edited is edited again."""
    expected = {"store": False, "input": [NATIVE], "model": "m", "max_output_tokens": 9}
    assert json.loads(bounded(without_envelopes(asked([SEALED, NATIVE])), 9).body) == expected
    assert json.loads(without_envelopes(bounded(asked([SEALED, NATIVE]), 9)).body) == expected
