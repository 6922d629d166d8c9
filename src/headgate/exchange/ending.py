"""What comes of an exchange, before it is written down."""

from typing import final

from headgate.core.errors import GatewayError


@final
class Ending:
    """How an exchange ended, as its record names it. `own_answer` is what the client is answered in the provider's place. It is not changed."""

    __slots__ = ("ended", "error", "own_answer", "status")

    def __init__(self, ended: str, status: int, error: GatewayError | None = None, own_answer: bytes = b"") -> None:
        self.ended = ended
        self.status = status
        self.error = error
        self.own_answer = own_answer
