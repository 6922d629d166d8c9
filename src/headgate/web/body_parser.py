"""A parser for a body alone. llhttp leaves a request at its upgrade and takes the body for the new protocol's bytes, so another parser reads that."""

from collections.abc import Callable
from typing import NamedTuple

import httptools

from headgate.web.framing import Framing


class _Callbacks(NamedTuple):
    """What such a parser calls."""

    on_body: Callable[[bytes], None]
    on_message_complete: Callable[[], None]


def body_parser(
    framing: Framing, on_body: Callable[[bytes], None], on_message_complete: Callable[[], None]
) -> tuple[httptools.HttpRequestParser, bytes]:
    """The parser, and the head that it is to be fed before the body."""
    lines = b"transfer-encoding: chunked\r\n" if framing.chunked else b"content-length: %d\r\n" % framing.length
    return httptools.HttpRequestParser(_Callbacks(on_body, on_message_complete)), b"POST / HTTP/1.1\r\n" + lines + b"\r\n"
