"""The places for opaque states in blocks of thinking."""

import pytest

from headgate.core.opaque_state import OpaqueState, enveloped
from headgate.dialects.anthropic.state_slots import OF_LAST, OF_NEXT, OF_NONE, REDACTED, SIGNATURE, UNSIGNED, Slot, slot

GEMINI = OpaqueState("gemini", "signature", "c2ln")


def test_an_empty_slot_holds_nothing():
    """A thought without signature has no state."""
    assert slot("", SIGNATURE) == Slot(None)


def test_a_text_that_is_no_envelope_is_anthropics_own():
    """It is kept as it is, with its kind."""
    assert slot("EqQBCkYI", SIGNATURE) == Slot(OpaqueState("anthropic", "signature", "EqQBCkYI"))
    assert slot("Emw.next", REDACTED) == Slot(OpaqueState("anthropic", "redacted", "Emw.next"))


@pytest.mark.parametrize("owner", ["", OF_NEXT, OF_LAST, OF_NONE])
def test_an_envelope_says_to_which_part_its_state_belongs(owner):
    """By a mark after it."""
    assert slot(enveloped(GEMINI) + owner, REDACTED) == Slot(GEMINI, owner, sealed=True)


def test_the_mark_of_an_unsigned_thought_is_an_envelope_without_a_state():
    """So that it can be found and taken out."""
    assert slot(UNSIGNED, SIGNATURE) == Slot(None, sealed=True)
