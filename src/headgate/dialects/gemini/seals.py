"""What is in the place for opaque states of a client of Gemini: the `thoughtSignature` of a part of text or of a call.

Gemini CLI drops thoughts and sends every other part back with its signature, so the states of thoughts travel on the part that follows them. A
place may hold several: each state of a thought is an envelope with a comma after it, and the part's own state, if it has one, comes last. One own
state alone is the plain envelope of `core.opaque_state`. Clients take base64 alone, so the whole is encoded once more.
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
    """The text of a place for the envelopes of thoughts and for the part's own state. A native state is alone in its place."""
    if not thoughts:
        return own
    own_state = opened(own)
    last = enveloped(own_state) if own_state is not None else ""
    states = [state for state in map(opened, thoughts) if state is not None]
    return _coded("".join(f"{enveloped(state)}," for state in states) + last)


def unsealed(text: str) -> Unsealed:
    """The states in a place. A text that is no envelope is a native signature; one that only replaces a signature is none."""
    if not text or text in _STAND_INS:
        return Unsealed()
    plain = _decoded(text)
    if "," not in plain:
        return Unsealed(own=opened(text) or OpaqueState(FAMILY, "signature", text))
    *thoughts, own = plain.split(",")
    states = tuple(state for state in map(opened, thoughts) if state is not None)
    return Unsealed(states, opened(own))


def is_sealed(text: str) -> bool:
    """Whether a place holds states of other providers."""
    found = unsealed(text)
    return bool(found.thoughts) or (found.own is not None and (found.own.data != text or found.own.family != FAMILY))


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(text: str) -> str:
    if not text.startswith(_SEALED):
        return ""
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
