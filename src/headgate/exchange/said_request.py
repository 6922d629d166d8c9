"""The request of one exchange as one of its targets takes it. Decides nothing."""

import msgspec

from headgate.dialects.faces import Asked
from headgate.exchange.translated import TranslatedAnswer


class SaidRequest(msgspec.Struct, frozen=True):
    """The request for the target at a place, and how it was translated, if it was."""

    position: int
    sent: Asked
    translated: TranslatedAnswer | None
