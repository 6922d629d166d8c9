"""The beginning of a JSON text, completed so that it can be read: for the estimate of an answer that broke off. Never raises on any bytes."""

import re

# A string (perhaps unfinished), or one character of structure. What stands between them is numbers and words.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)|[\[\]{},:]', re.DOTALL)
_CLOSING = {b"{": b"}", b"[": b"]"}
_HALF_ESCAPE = re.compile(rb"\\u[0-9A-Fa-f]{0,3}\Z")


def completed(data: bytes) -> bytes:
    """The text up to its last whole member, a string that was cut closed, and all that is open closed behind it."""
    closing: list[bytes] = []
    end, ends = 0, b""  # how far it can be read, and what closes it there
    before = b""  # the token before
    for found in _TOKEN.finditer(data):
        token = found[0]
        if token in _CLOSING:
            closing.append(_CLOSING[token])
            end = found.end()
        elif token in {b"}", b"]"}:
            if not closing:
                return data
            closing.pop()
            end = found.end()
        elif token == b",":
            end = found.start()
        elif token.startswith(b'"') and (before == b":" or (closing and closing[-1] == b"]")):
            if not found[1]:
                return _closed(token, data[: found.start()]) + b"".join(reversed(closing))
            end = found.end()
        else:
            before = token
            continue
        before = token
        ends = b"".join(reversed(closing))
    return data[:end] + ends


def _closed(string: bytes, before: bytes) -> bytes:
    """A string that was cut, without the half of a character or of an escape that it may end in."""
    string = string.decode(errors="ignore").encode()
    string = _HALF_ESCAPE.sub(b"", string)
    backslashes = len(string) - len(string.rstrip(b"\\"))
    if backslashes % 2:
        string = string[:-1]
    return before + string + b'"'
