r"""Takes a provider's credential out of what comes back from it: out of headers, whole bodies, and streams that cut it anywhere. It knows one secret.

The secret is also found where its characters are written as escapes: PHP writes `/` as `\/`, .NET `+` as `\u002B`, Go `&` as `\u0026`, and anything may
write any character so. JSON within JSON has more backslashes. Reserved characters may be percent-coded. Base64 is not looked for: no provider answers so.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, final

from headgate.core.client_credential import ClientCredential
from headgate.core.endpoint import Provider
from headgate.core.headers import Headers

_SECRET_BYTES_MIN: Final = 10
_BACKSLASH: Final = 92
_SLASH: Final = 47
_PERCENT: Final = 37
_BACKSLASHES_MAX: Final = 4  # before one character: JSON in a text in a text
_SPELLED_BYTES_MAX: Final = _BACKSLASHES_MAX + 5  # of one character: `\\\\u0073`
_UNRESERVED: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"  # RFC 3986 section 2.3: never percent-coded


@final
class _Needle:
    """What is looked for of one secret. `searches` find an escape that writes a character of it, which few texts have."""

    __slots__ = ("in_name", "percent", "plain", "searches", "secret", "stars")

    def __init__(self, secret: bytes, searches: tuple[Callable[[bytes], object], ...]) -> None:
        self.secret = secret
        self.stars = b"*" * len(secret)
        self.plain = secret.decode("latin-1")
        self.in_name = secret.lower()
        self.percent = len(searches) > 1
        self.searches = searches


class Mask:
    """One answer's mask. Of a stream it holds back only an ending that may be the beginning of the secret, and only until the next piece tells.

    An event ends with a line break, which no credential holds, so a whole event is never held back. An empty secret masks nothing.
    """

    __slots__ = ("_escaped", "_held", "_needle", "_percent", "_secret")

    def __init__(self, secret: bytes | _Needle = b"") -> None:
        needle = _needle(secret) if isinstance(secret, bytes) else secret
        self._secret = needle.secret
        self._needle = needle
        self._escaped = needle.searches[0]
        self._percent = needle.percent
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """What may be passed on of the next piece of a stream. It looks for single bytes as numbers, which is many times faster than for bytes."""
        secret = self._secret
        if not secret:
            return chunk
        if self._held:
            chunk = self._held + chunk
            self._held = b""
        chunk = chunk.replace(secret, self._needle.stars)
        if (_BACKSLASH in chunk and self._escaped(chunk) is not None) or (self._percent and _PERCENT in chunk):
            chunk = self._without_spelled(chunk)
        return chunk if chunk[-1:] == b"\n" else self._hold_back(chunk)

    def rest(self) -> bytes:
        """What is still held back when the stream has ended: it was not the secret."""
        held, self._held = self._held, b""
        return held

    def whole(self, data: bytes) -> bytes:
        """A whole body without the secret."""
        secret = self._secret
        if not secret:
            return data
        data = data.replace(secret, self._needle.stars)
        return self._without_spelled(data) if _BACKSLASH in data or (self._percent and _PERCENT in data) else data

    def text(self, text: str) -> str:
        """A text that was decoded from an answer, without the secret."""
        if not self._secret or not (self._needle.plain in text or "\\" in text or (self._percent and "%" in text)):
            return text
        return self.whole(text.encode(errors="surrogatepass")).decode(errors="surrogatepass")

    def headers(self, headers: Headers) -> Headers:
        """Headers without the secret. One with it in its name, which is in lower case, is dropped."""
        secret = self._secret
        if not secret:
            return headers
        in_name = self._needle.in_name
        parts: list[bytes] = []
        for name, value in headers:
            parts.append(name)  # ruff: ignore[repeated-append] -- a third of the time of extend with a tuple
            parts.append(value)
        joined = b"\n".join(parts)
        if _BACKSLASH in joined or _PERCENT in joined or joined.find(secret) >= 0 or joined.find(in_name) >= 0:
            return [(name, self.whole(value)) for name, value in headers if in_name not in name]
        return headers

    def _without_spelled(self, data: bytes) -> bytes:
        """Data in which the secret, wherever a character of it is an escape, is starred."""
        for search in self._needle.searches:
            if search(data) is not None:
                return _spelled(self._secret).sub(lambda found: b"*" * len(found[0]), data)
        return data

    def _hold_back(self, chunk: bytes) -> bytes:
        """Hold back the longest ending that may be the beginning of the secret."""
        secret = self._secret
        at = max(0, len(chunk) - len(secret) + 1)
        if b"\\" in chunk[-_SPELLED_BYTES_MAX * len(secret) :] or b"%" in chunk[-3 * len(secret) :]:
            at = max(0, len(chunk) - _SPELLED_BYTES_MAX * len(secret))
        elif chunk[-1:] not in secret:
            return chunk
        for found in _beginnings(secret).finditer(chunk, at):
            if _begins(secret, chunk, found.start()):
                self._held = chunk[found.start() :]
                return chunk[: found.start()]
        return chunk


@lru_cache(256)
def _needle(secret: bytes) -> _Needle:
    reserved = sorted({_digits(byte) for byte in secret if byte not in _UNRESERVED})
    # Each search begins with the same bytes wherever it finds something, which makes it fast.
    letters = b"|".join(sorted({_digits(byte) for byte in secret}))
    escapes = [rb"\\(?:u00(?:%b)|/)" % letters if _SLASH in secret else rb"\\u00(?:%b)" % letters]
    if reserved:
        escapes.append(b"%%(?:%b)" % b"|".join(reserved))
    return _Needle(secret, tuple(re.compile(escape).search for escape in escapes))


@lru_cache(256)
def _spelled(secret: bytes) -> re.Pattern[bytes]:
    """The secret in any spelling. Compiled only for an answer that has such an escape: for a long token it takes tens of milliseconds."""
    return re.compile(b"".join(b"(?:%b|%b)" % (re.escape(bytes([byte])), _escaped(byte)) for byte in secret))


@lru_cache(256)
def _beginnings(secret: bytes) -> re.Pattern[bytes]:
    """Where the secret, or an escape, may begin."""
    return re.compile(rb"[%b\\%%]" % re.escape(secret[:1]))


def _escaped(byte: int) -> bytes:
    """A pattern for the ways to write one character that are not itself."""
    ways = [rb"\\{1,%d}u00%b" % (_BACKSLASHES_MAX, _digits(byte))]
    if byte == _SLASH:
        ways.append(rb"\\{1,%d}/" % _BACKSLASHES_MAX)
    if byte not in _UNRESERVED:
        ways.append(b"%%%b" % _digits(byte))
    return b"|".join(ways)


def _digits(byte: int) -> bytes:
    return "".join(digit if digit.isdigit() else f"[{digit}{digit.upper()}]" for digit in f"{byte:02x}").encode()


def _begins(secret: bytes, data: bytes, at: int) -> bool:
    """Whether the data from `at` to its end may be the beginning of the secret in some spelling."""
    for byte in secret:
        if at == len(data):
            return True
        if data[at] == byte and byte != _BACKSLASH:
            at += 1
            continue
        if data[at] == _PERCENT:
            written, marks = data[at + 1 : at + 3].lower(), 1
            wanted = b"%02x" % byte
        else:
            marks = len(data[at : at + _BACKSLASHES_MAX]) - len(data[at : at + _BACKSLASHES_MAX].lstrip(b"\\"))
            if not marks:
                return False
            wanted = b"/" if byte == _SLASH and data[at + marks : at + marks + 1] == b"/" else b"u00%02x" % byte
            written = data[at + marks : at + marks + len(wanted)].lower()
        if not wanted.startswith(written):
            return False
        if len(written) < len(wanted):
            return True
        at += marks + len(wanted)
    return False


_NEEDLES: Final[dict[str, _Needle]] = {}  # by the secret as text, which is not encoded for each answer
_NEEDLES_MAX: Final = 256
NOTHING: Final = Mask()  # masks nothing, and so holds nothing back: one serves every answer


def mask_of(provider: Provider, own: ClientCredential | None = None) -> Mask:
    """A mask of what the provider was asked with: its key, or the client's own credential, which must not get into a record.

    A short one (`ollama`, `EMPTY`) is no secret but a word, and words are not masked.
    """
    secret = provider.api_key if own is None else own.secret
    if secret is None:
        return NOTHING
    key = secret.reveal()
    needle = _NEEDLES.get(key)
    if needle is None:
        encoded = key.encode()
        if len(encoded) < _SECRET_BYTES_MIN:
            return NOTHING
        if len(_NEEDLES) >= _NEEDLES_MAX:
            _NEEDLES.clear()
        needle = _NEEDLES[key] = _needle(encoded)
    return Mask(needle)
