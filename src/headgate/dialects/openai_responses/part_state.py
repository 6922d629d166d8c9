"""The states of other providers in the one place for a state that Responses has: the `encrypted_content` of a reasoning item.

The signature of a thought proves its text. The envelope has that text too, because clients drop the content of a reasoning item (Codex sends null).

A state that belongs to a text or a call (Gemini's signatures) is in a reasoning item of its own beside it, without a summary, in an envelope that says
where it belongs. Decoding brings it back there; agents show nothing of it.

The mark is the end of the state's `kind`, put on when the envelope is written and taken off when it is opened: `@call` (`item_id` is the call's id, so
the item may be before or after it), `@text` (the text right before it) and `@empty` (a text of its own, without a character).
"""

import msgspec

from headgate.core.opaque_state import OpaqueState, enveloped, opened

CALL, TEXT, EMPTY = "@call", "@text", "@empty"
_MARKS = (CALL, TEXT, EMPTY)


def marked(data: str, mark: str, call_id: str = "") -> str:
    """An envelope that says where its state belongs. A text that is no envelope stays as it is."""
    state = opened(data)
    if state is None:
        return data
    return enveloped(msgspec.structs.replace(state, kind=state.kind + mark, item_id=call_id))


def with_thought(data: str, thought: str) -> str:
    """The envelope of a signature with the thought in it that it proves. Other states prove nothing but themselves."""
    state = opened(data)
    if state is None or state.kind != "signature" or state.text:
        return data
    return enveloped(msgspec.structs.replace(state, text=thought))


def unmarked(state: OpaqueState) -> tuple[OpaqueState, str, str]:
    """The state as its provider made it, its mark (empty for the state of a thought), and the call's id."""
    for mark in _MARKS:
        if state.kind.endswith(mark):
            return msgspec.structs.replace(state, kind=state.kind.removesuffix(mark), item_id=""), mark, state.item_id
    return state, "", ""
