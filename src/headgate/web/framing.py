"""The rules of a request's head, as pure functions of bytes.

llhttp, which parses every byte after us, is strict by itself (line ends, tokens, control characters, Content-Length beside Transfer-Encoding); this
module checks what it lets pass. This module reads no socket, keeps no connection and changes nothing: it answers with a refusal or with nothing.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from headgate.core.headers import Headers
from headgate.web import refusal
from headgate.web.body_framing import Framing
from headgate.web.boundaries import HeadBytes
from headgate.web.front import FrontLimits
from headgate.web.refusal import Refusal

_VERSIONS: Final = frozenset({"1.1", "1.0"})
METHODS: Final = {method.encode(): method for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}

# RFC 9112 3.2.1 origin-form, narrowed: no empty segment but a last one, no `;` parameters, nothing outside ASCII. A segment ends only at a slash, so that
# a match that fails tries nothing twice.
_TARGET: Final = re.compile(rb"/(?:[A-Za-z0-9._~!$&'()*+,=:@%\-]+/)*[A-Za-z0-9._~!$&'()*+,=:@%\-]*(?:\?[\x21\x22\x24-\x7e]*)?")
_DOT_SEGMENT: Final = re.compile(rb"/\.\.?(?:/|\Z)")
# Escapes that could read as another path once they are decoded: controls, `%`, `.`, `/`, `;`, `\`.
_RISKY_ESCAPE: Final = re.compile(rb"%(?:[01][0-9A-Fa-f]|25|2[EeFf]|3[Bb]|5[Cc]|7[Ff]|(?![0-9A-Fa-f]{2}))")
# RFC 3986 3.2.2, without percent-encoding; the underscore is not in it, but container networks name their hosts with it.
_HOST: Final = re.compile(rb"([A-Za-z0-9_](?:[A-Za-z0-9._\-]{0,253})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_REMEMBERED_BYTES: Final = 256
_QUESTION_MARK: Final = ord("?")  # a number is found many times faster than a byte string
_FRAMING: Final = frozenset({b"host", b"content-length", b"transfer-encoding", b"expect"})
# Headers that we or a provider act on: outside ASCII they are an attack or a mistake. Any other header may carry what RFC 9110 5.5 calls obs-text.
_ASCII_ONLY: Final = frozenset({
    b"host", b"connection", b"upgrade", b"expect", b"content-length", b"transfer-encoding", b"te", b"trailer", b"authorization", b"x-api-key",
    b"x-goog-api-key", b"content-type", b"content-encoding", b"accept", b"accept-encoding", b"cookie", b"origin", b"http2-settings",
})  # fmt: skip


NO_BODY: Final = Framing()


def judge(line: tuple[str, str, bytes], headers: Headers, head: HeadBytes, limits: FrontLimits) -> Refusal | Framing:
    """Refuse a head that is not plain, or say how the body behind it is framed. `line` is its method, empty for one that Headgate does not serve, its version and target."""
    method, version, target = line
    if not method:
        return refusal.BAD_METHOD
    if version not in _VERSIONS:
        return refusal.BAD_VERSION
    # RFC 9112 3: one space between the parts of the request line and nothing else. llhttp lets more spaces pass.
    if head.line_bytes != len(method) + len(target) + len(b"  HTTP/1.1\r\n"):
        return refusal.MALFORMED
    unfit = judge_target(target, limits)
    if unfit is None and head.size_bytes > limits.header_bytes_max:
        unfit = judge_large_headers(headers, limits)
    if unfit is None and not head.ascii_only:
        unfit = judge_foreign_bytes(headers)
    return unfit or judge_headers(headers, version, limits)


def judge_target(target: bytes, limits: FrontLimits) -> Refusal | None:
    """Refuse every request target that is not a plain absolute path with an optional query."""
    if len(target) > limits.target_bytes_max:
        return refusal.TARGET_TOO_LONG
    # Agents ask for the same few paths. What may hold a credential is looked at each time, for a credential is remembered nowhere: a query, the form of
    # OTLP's address with a token in it, and a token that is in any other path by mistake.
    plain = _QUESTION_MARK not in target and target.find(b"/t/") < 0 and target.find(b"hg_") < 0
    return _judge_path(target) if plain and len(target) <= _REMEMBERED_BYTES else _judge_form(target)


def _judge_form(target: bytes) -> Refusal | None:
    if _TARGET.fullmatch(target) is None or (b"/." in target and _DOT_SEGMENT.search(target.partition(b"?")[0])):
        return refusal.BAD_TARGET
    if b"%" in target:
        return _judge_escapes(target.partition(b"?")[0])
    return None


_judge_path: Final = lru_cache(4096)(_judge_form)  # Gemini's paths name the model


def _judge_escapes(path: bytes) -> Refusal | None:
    place, models, name = path.partition(b"/models/")
    if models:  # the rest is a model's name, which may hold a slash, and some clients escape it; `RouteTable` lets it climb nowhere
        path = place + models + name.replace(b"%2F", b"/").replace(b"%2f", b"/")
        if _TARGET.fullmatch(path) is None or _DOT_SEGMENT.search(path):
            return refusal.BAD_TARGET
    if _RISKY_ESCAPE.search(path) is not None:
        return refusal.BAD_TARGET
    try:
        unquote_to_bytes(path).decode()  # strict: overlong forms and surrogates are not UTF-8
    except UnicodeDecodeError:
        return refusal.BAD_TARGET
    return None


def judge_headers(headers: list[tuple[bytes, bytes]], version: str, limits: FrontLimits) -> Refusal | Framing:
    """Refuse what the headers say about framing and host unless it can be read in one way only; names are in lower case."""
    if len(headers) > limits.header_count_max:
        return refusal.HEAD_TOO_LARGE
    seen: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _FRAMING:
            if name in seen:
                return _DUPLICATE[name]
            seen[name] = value
    if not _is_served(seen.pop(b"host", b""), limits.hosts):
        return refusal.BAD_HOST
    return _judge_body(seen, version, limits) if seen else NO_BODY


@lru_cache(256)  # every request of a client says the same
def _is_served(host: bytes, hosts: frozenset[str]) -> bool:
    found = _HOST.fullmatch(host)
    return found is not None and (not hosts or found[1].decode().lower() in hosts)


def _judge_body(seen: dict[bytes, bytes], version: str, limits: FrontLimits) -> Refusal | Framing:
    expectation, coding, stated = seen.get(b"expect"), seen.get(b"transfer-encoding"), seen.get(b"content-length")
    if expectation is not None and expectation.lower() != b"100-continue":
        return refusal.BAD_EXPECTATION
    if coding is not None and (stated is not None or version != "1.1" or coding.lower() != b"chunked"):
        return refusal.BAD_CODING
    if stated is None:
        return Framing(chunked=coding is not None, expects_continue=expectation is not None)
    if not stated.isdigit() or len(stated) > 19:
        return refusal.BAD_LENGTH
    length = int(stated)
    if length > limits.body_bytes_max:
        return refusal.BODY_TOO_LARGE
    return Framing(length, expects_continue=expectation is not None)


_DUPLICATE: Final = {
    b"host": refusal.BAD_HOST,
    b"content-length": refusal.BAD_LENGTH,
    b"transfer-encoding": refusal.BAD_CODING,
    b"expect": refusal.BAD_EXPECTATION,
}


def judge_large_headers(headers: list[tuple[bytes, bytes]], limits: FrontLimits) -> Refusal | None:
    """Refuse a single header that is too large; asked only of heads that are larger than one header may be."""
    if any(len(name) + len(value) > limits.header_bytes_max for name, value in headers):
        return refusal.HEAD_TOO_LARGE
    return None


def judge_foreign_bytes(headers: list[tuple[bytes, bytes]]) -> Refusal | None:
    """Refuse bytes outside ASCII where they are not legal; asked only of heads that hold some."""
    for name, value in headers:
        if not value.isascii() and (name in _ASCII_ONLY or name.startswith(b"sec-")):
            return refusal.BAD_VALUE
    return None
