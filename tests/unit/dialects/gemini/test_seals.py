"""The place for opaque states of a client of Gemini."""

import base64

import pytest

from headgate.core.opaque_state import OpaqueState, enveloped_as_base64, opened
from headgate.dialects.gemini.seals import Unsealed, is_envelope, is_sealed, sealed, unsealed, with_thought

SIGNED = OpaqueState("anthropic", "signature", "c2ln", "claude")
HIDDEN = OpaqueState("anthropic", "redacted", "aGlk", "claude")
OWN = OpaqueState("gemini", "signature", "RWc9PQ==")
THEIRS = OpaqueState("openai", "encrypted", "gAAA", item_id="rs_1")


def seal(state):
    """Its envelope, as translation gives it to an encoder."""
    return enveloped_as_base64(state)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Unsealed()),
        ("skip_thought_signature_validator", Unsealed()),
        ("RWc9PQ==", Unsealed(own=OpaqueState("gemini", "signature", "RWc9PQ=="))),
        ("aGdzMS4!", Unsealed(own=OpaqueState("gemini", "signature", "aGdzMS4!"))),
        (seal(OWN), Unsealed(own=OWN)),
        (seal(THEIRS), Unsealed((THEIRS,))),
        (sealed([seal(SIGNED)]), Unsealed((SIGNED,))),
        (sealed([seal(SIGNED), seal(HIDDEN)]), Unsealed((SIGNED, HIDDEN))),
        (sealed([seal(SIGNED)], "RWc9PQ=="), Unsealed((SIGNED,), OWN)),
        (sealed([seal(SIGNED)], seal(OWN)), Unsealed((SIGNED,), OWN)),
    ],
)
def test_states_come_back_from_their_place(text, expected):
    """Thoughts' states, and the part's own; what is no envelope is native."""
    assert unsealed(text) == expected


def test_every_place_is_base64():
    """Gemini's clients refuse anything else, and send it in the alphabet for URLs."""
    text = sealed([seal(SIGNED), seal(HIDDEN)], seal(OWN))
    assert base64.b64encode(base64.b64decode(text, validate=True)).decode() == text
    assert base64.urlsafe_b64encode(base64.b64decode(text)).decode() == text


def test_one_state_is_the_plain_envelope():
    """Native ones are written as they are."""
    assert sealed([seal(THEIRS)]) == seal(THEIRS)
    assert sealed([], "RWc9PQ==") == "RWc9PQ=="


def test_the_thought_goes_with_the_signature_that_proves_it():
    """Not with a state that has everything in itself."""
    assert opened(with_thought(seal(SIGNED), "Hm.")) == OpaqueState("anthropic", "signature", "c2ln", "claude", text="Hm.")
    assert with_thought(seal(HIDDEN), "Hm.") == seal(HIDDEN)
    assert with_thought("native", "Hm.") == "native"


def test_states_of_other_providers_are_known():
    """A native signature is none of them."""
    assert is_sealed(seal(THEIRS))
    assert is_sealed(sealed([seal(SIGNED)]))
    assert not is_sealed("RWc9PQ==")
    assert not is_sealed("")
    assert is_envelope(seal(THEIRS))
    assert not is_envelope("RWc9PQ==")
