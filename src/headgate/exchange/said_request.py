"""The request of one exchange as one of its targets takes it. Decides nothing."""

from typing import final

from headgate.dialects.asked import Asked
from headgate.exchange.translated import TranslatedAnswer


@final
class SaidRequest:
    """The request for the target at a place, and how it was translated, if it was. It is not changed."""

    __slots__ = ("position", "sent", "translated")

    def __init__(self, position: int, sent: Asked, translated: TranslatedAnswer | None) -> None:
        self.position = position
        self.sent = sent
        self.translated = translated
