"""Where the states of texts and calls are in Responses."""

import pytest

from headgate.core.opaque_state import OpaqueState, enveloped, opened
from headgate.dialects.openai_responses.part_state import CALL, EMPTY, TEXT, marked, unmarked

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
