"""The request line of a provider's request, and what frames the request. What could change the framing or leave the base URL is refused, never repaired."""

import re
from typing import Final

from headgate.wire.head import TOKEN, BadHead

_TARGET: Final = re.compile(r"/[!-~]*")
_DOT_SEGMENT: Final = re.compile(r"/(?:\.|%2e){1,2}(?:[/?\\]|%2f|$)", re.IGNORECASE)
FRAMING: Final = frozenset({  # headers that the client alone sets
    b"connection",
    b"content-length",
    b"expect",
    b"host",
    b"http2-settings",
    b"keep-alive",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
})
_WITH_LENGTH: Final = frozenset({"POST", "PUT", "PATCH"})  # say content-length even for an empty body (RFC 9110 section 8.6)
_END: Final = b"\r\n\r\n"


def request_line(method: str, prefix: str, target: str, host_lines: bytes) -> bytes:
    """The request line and the lines that are the same for every request to one host, up to where the next line begins.

    `prefix` comes from the configuration, `target` from the journey.

    A dot segment is refused: a provider or a proxy may resolve it and so leave the prefix, with the provider's credential.
    """
    if not TOKEN.fullmatch(method.encode("latin-1", "replace")):
        raise BadHead("its method is not a token")
    if not _TARGET.fullmatch(target) or "#" in target:
        raise BadHead("its target is not a path of printable ASCII")
    if _DOT_SEGMENT.search(target.partition("?")[0]):
        raise BadHead("its target climbs out of the base URL")
    return f"{method} {prefix}{target} HTTP/1.1".encode("ascii") + host_lines


def head_end(method: str, length: int) -> bytes:
    """The end of a head: `content-length` where the request has a body or its method always has one, and the empty line."""
    return b"\r\ncontent-length: %d\r\n\r\n" % length if length or method in _WITH_LENGTH else _END
