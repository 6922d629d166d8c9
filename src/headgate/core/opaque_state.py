"""State that a provider hides in an answer and wants back with the next request: signatures of thoughts, encrypted reasoning.

Every client gives an answer's parts one place for such a text, and sends it back unread. A state of another provider's travels there in an envelope, so
that it is known again and never taken for one of the client's own dialect.
"""

import base64
import binascii
from typing import Final

import msgspec

_PREFIX: Final = "hgs1."
# Gemini's clients require base64, so the envelope is encoded once more for them: every such text begins with this.
_CODED_PREFIX: Final = base64.b64encode(_PREFIX.encode()).decode()[:6]
MARKS: Final = (_PREFIX.encode(), _CODED_PREFIX.encode())
"""A body without any of these has no envelope in it."""


class OpaqueState(msgspec.Struct, frozen=True, array_like=True):
    """One such state. `family` is the dialect of the provider that made it (both of OpenAI's are `openai`), `model` the model, as far as it is known.

    `kind` is what it is there (`signature`, `redacted`, `encrypted`), `data` its text, `item_id` the id of its item, `text` the thought that it proves
    where the client may not bring that back.
    """

    family: str
    kind: str
    data: str
    model: str = ""
    item_id: str = ""
    text: str = ""


_DECODER = msgspec.json.Decoder(OpaqueState)


def enveloped(state: OpaqueState) -> str:
    """The text that carries a state through a client of another dialect. The same state always gives the same text."""
    return _PREFIX + base64.urlsafe_b64encode(msgspec.json.encode(state)).decode()


def enveloped_as_base64(state: OpaqueState) -> str:
    """The same where a client takes base64 alone."""
    return base64.b64encode(enveloped(state).encode()).decode()


def opened(text: str) -> OpaqueState | None:
    """The state in an envelope of either form; `None` for any other text."""
    if text.startswith(_CODED_PREFIX):
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, ValueError):
            return None
    if not text.startswith(_PREFIX):
        return None
    try:
        return _DECODER.decode(base64.urlsafe_b64decode(text[len(_PREFIX) :]))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None
