"""Fingerprints that stand for a text of the client's: the same text always has the same, and a fingerprint is known as one."""

import base64
import hashlib
from typing import Final

_LENGTH: Final = 32
_BODY: Final = 24  # the rest is a checksum of it


def identity(text: str) -> str:
    """32 hexadecimal digits for a name of a user or of a session; empty for none. A fingerprint is its own."""
    if not text or _is_identity(text):
        return text
    body = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:_BODY]
    return body + _checksum(body)


def suffix(text: str) -> str:
    """Six hexadecimal digits that make a name of a tool one of its own."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:6]


def call_id(text: str) -> str:
    """An id of a call that every dialect takes: `c_` and 32 letters and digits."""
    return "c_" + base64.b32encode(hashlib.sha256(text.encode(errors="replace")).digest()).decode().lower()[:32]


def _checksum(body: str) -> str:
    return hashlib.sha256(body.encode(errors="replace")).hexdigest()[: _LENGTH - _BODY]


def _is_identity(text: str) -> bool:
    return len(text) == _LENGTH and text[_BODY:] == _checksum(text[:_BODY])
