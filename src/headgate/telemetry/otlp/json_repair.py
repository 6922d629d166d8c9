"""Odd texts in JSON, made readable: what a strict reader refuses within a string or a number, at the cost of that value alone. It judges no structure.

Bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD, control characters their escapes, and the bare words NaN and Infinity strings, as
OTLP writes them. A body is worked on in steps of at most about 64 KB each, so that other threads are never kept waiting for long.
"""

import codecs
import re

_PIECE_BYTES = 64 << 10
_PAIR = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
# Outside of strings, with strings in which there is nothing to do.
_OUTSIDE = re.compile(rb'(?:[^"NI\-]{1,1024}+|"[^"\\\x00-\x1f]{0,1024}+"){1,64}+|"|-?(?:NaN|Infinity)|.', re.DOTALL)
_INSIDE = re.compile(rb'(?:[^"\\]{1,64}+|' + _PAIR + rb"|\\.){1,1024}+|\"|.", re.DOTALL)
_ODD = re.compile(_PAIR + rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.|([\x00-\x1f])", re.DOTALL)
_WORDS = frozenset({b"NaN", b"Infinity", b"-Infinity"})


def repaired(body: bytes) -> bytes:
    """The body with every odd text made readable."""
    text = _utf8(body)
    out: list[bytes] = []
    at, inside = 0, False
    while at < len(text):
        found = (_INSIDE if inside else _OUTSIDE).match(text, at)
        if found is None:  # cannot be: the last alternative takes any byte
            break
        token = found[0]
        at = found.end()
        if token == b'"':
            inside = not inside
        elif inside:
            token = _ODD.sub(_readable, token)
        elif token in _WORDS:
            token = b'"%b"' % token
        out.append(token)
    return b"".join(out)


def _utf8(body: bytes) -> bytes:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pieces = [decoder.decode(body[at : at + _PIECE_BYTES]).encode() for at in range(0, len(body), _PIECE_BYTES)]
    return b"".join((*pieces, decoder.decode(b"", final=True).encode()))


def _readable(found: re.Match[bytes]) -> bytes:
    if found[1] is not None:
        return rb"\ufffd"
    return rb"\u%04x" % ord(found[2]) if found[2] is not None else found[0]
