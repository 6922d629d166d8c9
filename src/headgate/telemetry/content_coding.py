"""Content codings of a body: gzip, deflate and zstd, unpacked within a stated limit. A small body that unpacks to a large one is refused while it unpacks."""

import zlib

import zstandard

from headgate.core.errors import BadRequest, TooLarge, UnsupportedMedia

_GZIP = 31  # zlib's window bits for a gzip header
_WINDOW_BYTES_MAX = 8 << 20  # what RFC 8878 asks every reader to support
_PIECE_BYTES = 1024  # a piece can unpack to 32,000 times its size, and the limit is looked at between two


def decoded(coding: str, body: bytes, size_max: int) -> bytes:
    """The body without its coding (`Content-Encoding`, one or none)."""
    found = _decoded(coding, body, size_max)
    if len(found) > size_max:
        raise TooLarge(f"The body is larger than {size_max} bytes when unpacked; send smaller batches.", code="BODY_TOO_LARGE")
    return found


def decoded_if_small(coding: str, body: bytes, size_max: int) -> bytes | None:
    """The same, or `None` as soon as the body is found to be larger."""
    found = _decoded(coding, body, size_max)
    return None if len(found) > size_max else found


def _decoded(coding: str, body: bytes, size_max: int) -> bytes:
    """The body, or its beginning if it is larger than `size_max`."""
    name = coding.strip().lower()
    if name in {"", "identity"}:
        found = body
    elif name in {"gzip", "x-gzip"}:
        found = _gunzip(body, size_max)
    elif name == "deflate":
        found = _inflate(body, size_max)
    elif name == "zstd":
        found = _unzstd(body, size_max)
    else:
        raise UnsupportedMedia(
            f"The content coding {name[:40]!r} is not taken; send gzip, deflate, zstd or none.", code="UNSUPPORTED_CONTENT_ENCODING"
        )
    return found


def _gunzip(body: bytes, size_max: int) -> bytes:
    """Every member of the gzip file, up to one byte more than is allowed."""
    out = bytearray()
    rest = body
    while rest and len(out) <= size_max:
        unpacker = zlib.decompressobj(_GZIP)
        try:
            out += unpacker.decompress(rest, size_max + 1 - len(out))
        except zlib.error as error:
            raise _malformed("gzip") from error
        if not unpacker.eof and not unpacker.unconsumed_tail:
            raise _malformed("gzip")
        rest = unpacker.unused_data
    return bytes(out)


def _inflate(body: bytes, size_max: int) -> bytes:
    """One zlib stream (RFC 9110 8.4.1.2) and nothing behind it; without the zlib header too, as some clients send it."""
    has_header = len(body) >= 2 and body[0] & 15 == 8 and not int.from_bytes(body[:2]) % 31
    unpacker = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
    try:
        found = unpacker.decompress(body, size_max + 1)
    except zlib.error as error:
        raise _malformed("deflate") from error
    if len(found) <= size_max and (not unpacker.eof or unpacker.unused_data):
        raise _malformed("deflate")
    return found


def _unzstd(body: bytes, size_max: int) -> bytes:
    """One frame and nothing behind it. It says itself how much memory its window takes, so that is bounded too."""
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES_MAX).decompressobj()
    out = bytearray()
    try:
        for start in range(0, len(body), _PIECE_BYTES):
            if unpacker.eof or len(out) > size_max:
                break
            out += unpacker.decompress(body[start : start + _PIECE_BYTES])
    except zstandard.ZstdError as error:
        raise _malformed("zstd") from error
    if len(out) <= size_max and (not unpacker.eof or unpacker.unused_data or start + _PIECE_BYTES < len(body)):
        raise _malformed("zstd")
    return bytes(out)


def _malformed(name: str) -> BadRequest:
    return BadRequest(f"The body is not one whole piece of {name}.", code="MALFORMED_CONTENT_ENCODING")
