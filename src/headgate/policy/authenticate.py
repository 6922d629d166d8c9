"""Identifies the caller: the form of a token, the credential of a request, and the access token that it is. Pure: the caller passes the clock and the key.

A token is `hg_`, 43 characters that hold 256 random bits, and 6 characters of checksum, so that what is no token is refused before any look-up.
Tokens are known by their keyed hash alone: a copy of the store verifies no guess without the key, which is in another file.
"""

import hashlib
import hmac
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from headgate.core.access_token import AccessToken
from headgate.core.client_credential import ClientCredential
from headgate.core.errors import Forbidden, Unauthenticated
from headgate.core.headers import Headers
from headgate.core.late_tokens import LateTokens
from headgate.core.secret import Secret

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
_AUTHORIZATION = b"authorization"
_KEY_HEADERS: Mapping[bytes, str] = {b"x-api-key": "x-api-key", b"x-goog-api-key": "x-goog-api-key", b"api-key": "api-key"}
# In one of these a request has its Headgate token beside the client's own credential for the provider. The first is Databricks' name.
TOKEN_HEADERS: Mapping[bytes, str] = {b"x-databricks-ai-gateway-token": "X-Databricks-AI-Gateway-Token", b"x-headgate-token": "X-Headgate-Token"}
_PLACES = frozenset({_AUTHORIZATION, *_KEY_HEADERS, *TOKEN_HEADERS})
_OWN_MAX = 8192  # characters of a provider's token: those of ChatGPT have about 2,000
_OWN = re.compile(rb"[\x21-\x7e]{1,%d}" % _OWN_MAX)

_HOW = "Send a Headgate token as `Authorization: Bearer hg_…`. Your Headgate administrator gives you one."
_PLACEHOLDER = re.compile(r"<[a-z _-]{1,40}>|hg_(?:…|\.\.\.)|YOUR_TOKEN", re.IGNORECASE)  # as examples have it


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
    """All tokens that are not revoked, by digest and by id. What it is made of does not change. Tokens of inactive principals may do nothing.

    `applied` gives a token what its principal's groups and roles allow. That is done when a token is first used, and kept.
    """

    def __init__(self, tokens: Mapping[bytes, AccessToken], applied: Callable[[AccessToken], AccessToken] | None = None) -> None:
        self._stored = tokens
        self._applied = applied
        self._used: dict[bytes, AccessToken] = {}
        self._digests = tokens.digests if isinstance(tokens, LateTokens) else {token.id: key for key, token in tokens.items()}

    def find(self, key: bytes) -> AccessToken | None:
        """The token with this digest, expired or not."""
        token = self._used.get(key)
        return self._first_use(key) if token is None else token

    def inactive(self, key: bytes) -> AccessToken | None:
        """The token with this digest, if its principal is inactive."""
        token = self._stored.get(key)
        return None if token is None or token.principal.active else token

    def live(self, token_id: str, now_s: float) -> AccessToken | None:
        """The token with this id, unless it has expired or its principal is inactive."""
        key = self._digests.get(token_id)
        token = self.find(key) if key is not None else None
        return None if token is None or 0 < token.expires_at_s <= now_s else token

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[AccessToken]:
        """Those that may be used, expired or not."""
        for token in self._stored.values():
            if token.principal.active:
                yield self._with_groups(token)

    def _first_use(self, key: bytes) -> AccessToken | None:
        stored = self._stored.get(key)
        if stored is None or not stored.principal.active:
            return None
        token = self._used[key] = self._with_groups(stored)
        return token

    def _with_groups(self, token: AccessToken) -> AccessToken:
        return token if self._applied is None else self._applied(token)


def credential_of(headers: Headers, query_key: str = "") -> str:
    """The credential that says who asks, from whichever of its places has it. Names are in lower case; `query_key` is Gemini's `?key=`.

    The same credential in two places is fine (Gemini CLI sends it so); two different ones are refused, since one of them would be ignored silently.
    A place that is there and empty counts as absent. Beside a header of `TOKEN_HEADERS` the other places have the client's own credential.
    """
    places = [header for header in headers if header[0] in _PLACES]
    if len(places) == 1 and places[0][0] == _AUTHORIZATION and not query_key and (match := _BEARER.fullmatch(places[0][1])) is not None:
        return match[1].decode("ascii")  # as nearly all requests have it
    found = [header for header in places if not _is_empty(header)]
    for name, _ in found:
        if name in TOKEN_HEADERS:
            return _beside(found, query_key)[0]
    sources: dict[str, str] = {}
    for name, value in found:
        if name == _AUTHORIZATION:
            _add(sources, "Authorization", _of_authorization(value, sources))
        else:
            _add(sources, _KEY_HEADERS[name], _of_key(_KEY_HEADERS[name], value))
    if query_key:
        _add(sources, "?key=", _of_key("?key=", query_key.encode()))
    if not sources:
        raise Unauthenticated(f"This request has no credential. {_HOW}", code="no_credential")
    return next(iter(sources.values()))


def token_tail(headers: Headers, query_key: str = "") -> str:
    """The last four characters of the Headgate token that a request presents, known or not: enough to find it in a list. Empty for anything else."""
    try:
        credential = credential_of(headers, query_key)
    except Unauthenticated:
        return ""
    return credential[-4:] if parse_token(credential) is not None else ""


def client_credential_of(headers: Headers) -> ClientCredential | None:
    """The client's own credential for a provider. `None` without a header of `TOKEN_HEADERS`, and for a client that sends only its Headgate token."""
    found = [header for header in headers if header[0] in _PLACES and not _is_empty(header)]
    return _beside(found, "")[1] if any(name in TOKEN_HEADERS for name, _ in found) else None


def authenticate(table: TokenTable, pepper: bytes, credential: str, now_s: float) -> AccessToken:
    """The token that a credential is at this time. It does not distinguish unknown, revoked and expired tokens. Raises Forbidden for one whose principal
    is inactive.
    """
    # The keyed hash is cheaper than the checksum, and a known token needs no checksum; only what is unknown is looked at again, for its message.
    key = digest(pepper, credential) if len(credential) == _TOKEN_LENGTH else b""
    token = table.find(key)
    if token is None and (stopped := table.inactive(key)) is not None:
        require_active(stopped)
    if token is None and _PLACEHOLDER.fullmatch(credential) is not None:
        message = f"The placeholder {credential} is still in your settings. Put your Headgate token in its place; your administrator gives you one."
        raise Unauthenticated(message, code="placeholder_token")
    if token is None and parse_token(credential) is None:
        raise Unauthenticated(f"The credential is not a Headgate token. {_HOW}", code="not_a_token")
    if token is None or 0 < token.expires_at_s <= now_s:
        raise Unauthenticated("This token is unknown, revoked or expired. Ask your Headgate administrator for another one.", code="unknown_token")
    return token


def require_active(token: AccessToken) -> None:
    """Raise Forbidden if the principal of a token is deactivated."""
    if not token.principal.active:
        raise Forbidden(
            f"{token.principal.name} is deactivated, so this token may do nothing. Ask your Headgate administrator to activate it again.",
            code="principal_inactive",
        )


def _is_empty(header: tuple[bytes, bytes]) -> bool:
    name, value = header
    if name in _KEY_HEADERS:
        return not value
    return len(value) <= _EMPTY_CHARS_MAX and _NO_BEARER.fullmatch(value) is not None


def _beside(found: Headers, query_key: str) -> tuple[str, ClientCredential | None]:
    """The Headgate token of a request that has it in a header of its own, and the client's own credential beside it."""
    tokens: dict[str, str] = {}
    for name, value in found:
        if name in TOKEN_HEADERS:
            _add(tokens, TOKEN_HEADERS[name], _bearer(TOKEN_HEADERS[name], value))
    token = next(iter(tokens.values()))
    own = [(name, credential) for name, value in found if name not in TOKEN_HEADERS and (credential := _own(name, value)) != token]
    if query_key not in {"", token}:
        raise Unauthenticated(f"Beside {next(iter(tokens))}, send your own key in the header x-goog-api-key, not in ?key=.", code="bad_credential")
    if any(credential.startswith(PREFIX) for _, credential in own):
        raise Unauthenticated("This request has two different Headgate tokens. Send one.", code="two_credentials")
    if len({credential for _, credential in own}) > 1:
        raise Unauthenticated("This request has several credentials of your own beside the Headgate token. Send one.", code="two_credentials")
    return token, ClientCredential(own[0][0], Secret(own[0][1])) if own else None


def _own(name: bytes, value: bytes) -> str:
    """A credential for a provider, whatever its form. The refusal never repeats it."""
    if name == _AUTHORIZATION:
        scheme, _, value = value.partition(b" ")
        if scheme.lower() != b"bearer":
            raise Unauthenticated("Beside the Headgate token, Authorization is `Bearer` and your own token for the provider.", code="bad_credential")
    if _OWN.fullmatch(value) is None:
        raise Unauthenticated("Your own credential for the provider has characters or a length that none has.", code="bad_credential")
    return value.decode("ascii")


def _of_authorization(value: bytes, sources: Mapping[str, str]) -> str:
    if "Authorization" in sources:
        raise Unauthenticated("This request has two Authorization headers. Send one.", code="two_credentials")
    return _bearer("Authorization", value)


def _bearer(source: str, value: bytes) -> str:
    match = _BEARER.fullmatch(value)
    if match is None:
        how = _HOW if source == "Authorization" else f"Send `{source}: Bearer hg_…`."
        raise Unauthenticated(
            f"The {source} header is not `Bearer`, one space and a token of at most {_CREDENTIAL_MAX} characters. {how}", code="bad_credential"
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
