"""Where the states of texts and calls are in Responses."""

import pytest

from headgate.core.opaque_state import OpaqueState, enveloped, opened
from headgate.dialects.openai_responses.part_state import CALL, EMPTY, TEXT, marked, unmarked, with_thought

STATE = OpaqueState("gemini", "signature", "c2ln", "gemini-3-pro")


@pytest.mark.parametrize(("mark", "call_id"), [(CALL, "call_1"), (TEXT, ""), (EMPTY, "")])
def test_a_mark_is_put_on_and_taken_off(mark, call_id):
    """The state is the same afterwards."""
    there = opened(marked(enveloped(STATE), mark, call_id))
    assert there is not None
    assert unmarked(there) == (STATE, mark, call_id)


def test_the_state_of_a_thought_has_no_mark():
    """It is left as it is, with its item's id."""
    state = OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1")
    assert unmarked(state) == (state, "", "")


def test_a_text_that_is_no_envelope_gets_no_mark():
    """A native state is passed on unread."""
    assert marked("gAAA", CALL, "call_1") == "gAAA"


def test_a_signature_has_the_thought_that_it_proves():
    """Other states, and texts that are no envelope, stay as they are."""
    signed = OpaqueState("anthropic", "signature", "sig")
    assert opened(with_thought(enveloped(signed), "I thought")) == OpaqueState("anthropic", "signature", "sig", text="I thought")
    for other in (
        enveloped(OpaqueState("anthropic", "redacted", "data")),
        enveloped(OpaqueState("anthropic", "signature", "s", text="x")),
        "gAAA",
        "",
    ):
        assert with_thought(other, "I thought") == other
