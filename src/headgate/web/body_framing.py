"""The framing of a request's body (RFC 9112, section 6), as its head states it."""

import msgspec


class Framing(msgspec.Struct, frozen=True):
    """How a request's body is framed, once its head has been accepted."""

    length: int = 0
    chunked: bool = False
    expects_continue: bool = False
