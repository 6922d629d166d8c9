"""Writes the head of a request: request line and headers, strictly checked. What could end a line early or change the framing is refused, never repaired."""

import re

from headgate.core.headers import Headers

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_TARGET = re.compile(r"/[!-~]*")
_DOT_SEGMENT = re.compile(r"/(?:\.|%2e){1,2}(?:[/?\\]|%2f|$)", re.IGNORECASE)
_CONTROLS = bytes(code for code in (*range(32), 127) if code != 9)  # all but the tab
_FRAMING = frozenset({  # set by the client alone
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
_NAMES_MAX = 1024
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})  # say content-length even for an empty body (RFC 9110 section 8.6)


class BadHead(ValueError):
    """A request that must not be written; the message says which part, and repeats no value."""


def request_line(method: str, prefix: str, target: str, host_lines: bytes) -> bytes:
    """The request line and the lines that are the same for every request to one host, up to where the next line begins.

    `prefix` comes from the configuration, `target` from the journey.

    A dot segment is refused: a provider or a proxy may resolve it and so leave the prefix, with the provider's credential.
    """
    if not _TOKEN.fullmatch(method.encode("latin-1", "replace")):
        raise BadHead("its method is not a token")
    if not _TARGET.fullmatch(target) or "#" in target:
        raise BadHead("its target is not a path of printable ASCII")
    if _DOT_SEGMENT.search(target.partition("?")[0]):
        raise BadHead("its target climbs out of the base URL")
    return f"{method} {prefix}{target} HTTP/1.1".encode("ascii") + host_lines


class HeadWriter:
    """Joins a request line and headers; one for a client. Keeps each header name that was found sound, with what stands around it in a head."""

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: dict[bytes, bytes] = {}

    def write(self, line: bytes, headers: Headers, length: int | None) -> bytes:
        """The whole head, with `content-length` unless `length` is None. Raises BadHead."""
        names = self._names
        parts: list[bytes] = []
        for name, value in headers:
            parts.append(names.get(name) or self._admit(name))  # ruff: ignore[repeated-append] -- a third of the time of extend with a tuple
            parts.append(value)
        parts.append(b"\r\n\r\n" if length is None else b"\r\ncontent-length: %d\r\n\r\n" % length)
        fields = b"".join(parts)
        # Every line brings two control bytes, its CRLF. One more anywhere, and a value would end its line or hide something from one of its readers.
        lines = len(headers) + (2 if length is None else 3)
        if len(fields) - len(fields.translate(None, _CONTROLS)) != 2 * lines:
            raise BadHead("the value of a header holds a control character")
        return line + fields

    def _admit(self, name: bytes) -> bytes:
        if not _TOKEN.fullmatch(name):
            raise BadHead("the name of a header is not a token")
        if name.lower() in _FRAMING:
            raise BadHead(f"the header {name.decode('ascii')} is set by the client itself")
        if len(self._names) >= _NAMES_MAX:
            self._names.clear()
        between = self._names[name] = b"\r\n%b: " % name
        return between


def empty_length(method: str) -> int | None:
    """What `content-length` says of an empty body: nothing where the method has no use for one."""
    return 0 if method in _WITH_LENGTH else None
