"""Opaque states in their envelopes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.core.opaque_state import MARKS, OpaqueState, enveloped, enveloped_as_base64, opened

STATE = OpaqueState("openai", "encrypted", "gAAAAB", "gpt-5.6", "rs_1", "Thought, with ü.")


@given(st.builds(OpaqueState, *[st.text()] * 6))
def test_an_envelope_gives_back_what_was_put_in(state):
    """In both forms; and a search for the marks finds each."""
    for text in (enveloped(state), enveloped_as_base64(state)):
        assert opened(text) == state
        assert any(mark in text.encode() for mark in MARKS)
    assert base64.b64decode(enveloped_as_base64(state), validate=True)


def test_the_same_state_has_the_same_envelope():
    """Else a prompt cache would be lost with each turn."""
    assert enveloped(STATE) == enveloped(OpaqueState("openai", "encrypted", "gAAAAB", "gpt-5.6", "rs_1", "Thought, with ü."))


@pytest.mark.parametrize("text", ["", "EqQBCgIYAhIM", "hgs1.", "hgs1.%%%", "hgs1.W10=", "hgs1.e30=", "aGdzMS", "aGdzMS4=", "hgs1.üü"])
def test_any_other_text_is_none(text):
    """Also what looks like one."""
    assert opened(text) is None
