"""What is in the place for opaque states of a client of Gemini: the `thoughtSignature` of a part of text or of a call.

Gemini CLI drops thoughts and sends every other part back with its signature, so the states of thoughts travel on the part that follows them. A
place may have several: their envelopes, with commas between them. An envelope of another family is always a thought's; only Gemini hangs states on
texts and calls. Clients take base64 alone, so the whole is encoded once more.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.core.opaque_state import OpaqueState, enveloped, opened

FAMILY: Final = "gemini"
SKIPPED: Final = "skip_thought_signature_validator"
"""What replaces a signature that is not known (https://ai.google.dev/gemini-api/docs/thought-signatures)."""

_STAND_INS = frozenset({SKIPPED, "context_engineering_is_the_way_to_go"})
_SEALED = base64.b64encode(b"hgs1.")[:6].decode()


class Unsealed(msgspec.Struct, frozen=True):
    """The states of a place: those of the thoughts before the part, and the part's own."""

    thoughts: tuple[OpaqueState, ...] = ()
    own: OpaqueState | None = None


def is_envelope(text: str) -> bool:
    """Whether a state's text is an envelope, so of another provider."""
    return opened(text) is not None


def with_thought(text: str, thought: str) -> str:
    """The envelope of a signature with the thought in it that it proves: the client may not bring that back. Other states prove nothing but themselves."""
    state = opened(text)
    if state is None or state.kind != "signature" or state.text:
        return text
    return _coded(enveloped(msgspec.structs.replace(state, text=thought)))


def sealed(thoughts: Sequence[str], own: str = "") -> str:
    """The text of a place for the envelopes of thoughts and for the part's own signature. Alone it is written as it is."""
    states = [state for state in map(opened, thoughts) if state is not None]
    if not states:
        return own
    if own:
        states.append(opened(own) or OpaqueState(FAMILY, "signature", own))
    return _coded(",".join(map(enveloped, states)))


def unsealed(text: str) -> Unsealed:
    """The states in a place. A text that is no envelope is a native signature; one that only replaces a signature is none."""
    if not text or text in _STAND_INS:
        return Unsealed()
    states = _states(text)
    if not states:
        return Unsealed(own=OpaqueState(FAMILY, "signature", text))
    own = next((state for state in states if state.family == FAMILY), None)
    return Unsealed(tuple(state for state in states if state.family != FAMILY), own)


def is_sealed(text: str) -> bool:
    """Whether a place has states of other providers."""
    return bool(_states(text))


def _states(text: str) -> list[OpaqueState]:
    plain = _decoded(text)
    return [state for state in map(opened, plain.split(",") if plain else (text,)) if state is not None]


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(text: str) -> str:
    if not text.startswith(_SEALED):
        return ""
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
