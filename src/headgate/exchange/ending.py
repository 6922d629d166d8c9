"""What comes of an exchange, before it is written down."""

import msgspec

from headgate.core.errors import GatewayError


class Ending(msgspec.Struct, frozen=True):
    """How an exchange ended, as its record names it. `own_answer` is what the client is answered in the provider's place."""

    ended: str
    status: int
    error: GatewayError | None = None
    own_answer: bytes = b""
