"""Where clients of Anthropic Messages keep opaque states: the `signature` of a thinking block and the `data` of a redacted one, both sent back unread.

A block of redacted thinking also has the states that other providers hang on texts and calls, because those blocks have no place for one here. A mark
after the envelope says to which part the state belongs.
"""

from typing import Final

import msgspec

from headgate.core.opaque_state import OpaqueState, enveloped, opened

FAMILY: Final = "anthropic"
SIGNATURE: Final = "signature"
REDACTED: Final = "redacted"

# After the envelope of a state that belongs to no thought.
OF_NEXT: Final = ".next"  # to the call that follows
OF_LAST: Final = ".last"  # to the text or the call before
OF_NONE: Final = ".none"  # to a text without any character
_OWNERS: Final = (OF_NEXT, OF_LAST, OF_NONE)

# Anthropic refuses a thought whose signature is not its own, also an empty one. This marks a thought that has none, so that it can be taken out later.
UNSIGNED: Final = enveloped(OpaqueState("", "", ""))


class Slot(msgspec.Struct, frozen=True):
    """What a slot holds: the state, to which part it belongs (empty: to the thought itself), and whether the text is one of Headgate's envelopes."""

    state: OpaqueState | None
    owner: str = ""
    sealed: bool = False


def slot(text: str, kind: str) -> Slot:
    """The content of a slot. A text that is no envelope is Anthropic's own state of this kind."""
    if not text:
        return Slot(None)
    owner = next((owner for owner in _OWNERS if text.endswith(owner)), "")
    found = opened(text.removesuffix(owner))
    if found is None:
        return Slot(OpaqueState(FAMILY, kind, text))
    return Slot(found if found.data else None, owner, sealed=True)
