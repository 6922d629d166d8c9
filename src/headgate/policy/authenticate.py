"""Identifies the caller: the form of a token, the credential of a request, and the access token that it is. Pure: the caller passes the clock and the key.

A token is `hg_`, 43 characters that hold 256 random bits, and 6 characters of checksum, so that what is no token is refused before any look-up.
Tokens are known by their keyed hash alone: a copy of the store verifies no guess without the key, which is in another file.
"""

import hashlib
import hmac
import re
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

from headgate.core.access_token import AccessToken
from headgate.core.errors import Unauthenticated

PREFIX = "hg_"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LENGTH = 43  # 62**43 > 2**256
_CHECK_LENGTH = 6  # 62**6 > 2**32
_TOKEN = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_SECRET_LENGTH + _CHECK_LENGTH}}}")
_TOKEN_LENGTH = len(PREFIX) + _SECRET_LENGTH + _CHECK_LENGTH

_CREDENTIAL_MAX = 512
_BEARER = re.compile(rb"bearer ([\x21-\x7e]{1,%d})" % _CREDENTIAL_MAX, re.IGNORECASE)
_EMPTY_CHARS_MAX = 16
_NO_BEARER = re.compile(rb"(?:bearer)?[ \t]*", re.IGNORECASE)  # an agent whose variable is unset sends it beside another header
_PLAIN = re.compile(rb"[\x21-\x7e]{1,%d}" % _CREDENTIAL_MAX)
_KEY_HEADERS: Mapping[bytes, str] = {b"x-api-key": "x-api-key", b"x-goog-api-key": "x-goog-api-key", b"api-key": "api-key"}

_HOW = "Send a Headgate token as `Authorization: Bearer hg_…`; `headgate token create NAME` makes one."


def compose_token(secret: bytes) -> str:
    """The token that holds 32 random bytes."""
    if len(secret) != 32:
        raise ValueError("a token holds 32 bytes")
    body = _base62(int.from_bytes(secret), _SECRET_LENGTH)
    return PREFIX + body + _checksum(body)


def parse_token(text: str) -> str | None:
    """The token, if the text has a token's form and its checksum is right. Looks nothing up."""
    if _TOKEN.fullmatch(text) is None:
        return None
    body, check = text[len(PREFIX) : -_CHECK_LENGTH], text[-_CHECK_LENGTH:]
    return text if _checksum(body) == check else None


def digest(pepper: bytes, token: str) -> bytes:
    """What a token is known by: HMAC-SHA256 under the pepper."""
    keyed = _keyed(pepper).copy()
    keyed.update(token.encode())
    return keyed.digest()


@lru_cache(4)
def _keyed(pepper: bytes) -> hmac.HMAC:
    """The key's part of the work, done once: it costs more than the hash of a token."""
    return hmac.new(pepper, digestmod=hashlib.sha256)


class TokenTable:
    """All tokens that are not revoked, by digest and by id. Immutable."""

    def __init__(self, tokens: Mapping[bytes, AccessToken]) -> None:
        self._tokens = dict(tokens)
        self._by_id = {token.id: token for token in self._tokens.values()}

    def find(self, key: bytes) -> AccessToken | None:
        """The token with this digest, expired or not."""
        return self._tokens.get(key)

    def live(self, token_id: str, now_s: float) -> AccessToken | None:
        """The token with this id, unless it has expired."""
        token = self._by_id.get(token_id)
        return None if token is None or 0 < token.expires_at_s <= now_s else token

    def __len__(self) -> int:
        return len(self._tokens)


def credential_of(headers: Sequence[tuple[bytes, bytes]], query_key: str = "") -> str:
    """The one credential of a request, from whichever of its places holds it. Names are in lower case; `query_key` is Gemini's `?key=`.

    The same credential in two places is fine (Gemini CLI sends it so); two different ones are refused, since one of them would be ignored silently.
    A place that is there and empty counts as absent, whichever it is.
    """
    sources: dict[str, str] = {}
    for name, value in headers:
        if name == b"authorization" and (len(value) > _EMPTY_CHARS_MAX or _NO_BEARER.fullmatch(value) is None):
            _add(sources, "Authorization", _of_authorization(value, sources))
        elif name in _KEY_HEADERS and value:
            _add(sources, _KEY_HEADERS[name], _of_key(_KEY_HEADERS[name], value))
    if query_key:
        _add(sources, "?key=", _of_key("?key=", query_key.encode()))
    if not sources:
        raise Unauthenticated(f"This request has no credential. {_HOW}", code="no_credential")
    return next(iter(sources.values()))


def authenticate(table: TokenTable, pepper: bytes, credential: str, now_s: float) -> AccessToken:
    """The token that a credential is at this time. It does not distinguish unknown, revoked and expired tokens."""
    # The keyed hash is cheaper than the checksum, and a known token needs no checksum; only what is unknown is looked at again, for its message.
    token = table.find(digest(pepper, credential)) if len(credential) == _TOKEN_LENGTH else None
    if token is None and parse_token(credential) is None:
        raise Unauthenticated(f"The credential is not a Headgate token. {_HOW}", code="not_a_token")
    if token is None or 0 < token.expires_at_s <= now_s:
        raise Unauthenticated(
            "This token is unknown, revoked or expired. Ask for another one; `headgate token create NAME` makes it.", code="unknown_token"
        )
    return token


def _of_authorization(value: bytes, sources: Mapping[str, str]) -> str:
    if "Authorization" in sources:
        raise Unauthenticated("This request has two Authorization headers. Send one.", code="two_credentials")
    match = _BEARER.fullmatch(value)
    if match is None:
        raise Unauthenticated(
            f"The Authorization header is not `Bearer`, one space and a token of at most {_CREDENTIAL_MAX} characters. {_HOW}", code="bad_credential"
        )
    return match[1].decode("ascii")


def _of_key(source: str, value: bytes) -> str:
    if _PLAIN.fullmatch(value) is None:
        raise Unauthenticated(f"The credential in {source} has characters or a length that no token has. {_HOW}", code="bad_credential")
    return value.decode("ascii")


def _add(sources: dict[str, str], source: str, credential: str) -> None:
    for other, seen in sources.items():
        if seen != credential:
            where = f"in {other} and in {source}" if other != source else f"both in {source}"
            raise Unauthenticated(f"This request has two different credentials, {where}. Send one Headgate token.", code="two_credentials")
    sources[source] = credential


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, remainder = divmod(number, 62)
        digits.append(_ALPHABET[remainder])
    return "".join(reversed(digits))
