"""Content codings of an export's body: gzip and zstd, unpacked within a stated limit. A small body that unpacks to a large one is refused while it unpacks."""

import zlib

import pyarrow as pa

from headgate.core.errors import BadRequest, TooLarge, UnsupportedMedia

_GZIP = 31  # zlib's window bits for a gzip header


def decoded(coding: str, body: bytes, size_max: int) -> bytes:
    """The body without its coding (`Content-Encoding`, one or none)."""
    name = coding.strip().lower()
    if name in {"", "identity"}:
        found = body
    elif name in {"gzip", "x-gzip"}:
        found = _gunzip(body, size_max)
    elif name == "zstd":
        found = _unzstd(body, size_max)
    else:
        raise UnsupportedMedia(f"The content coding {name[:40]!r} is not taken; send gzip, zstd or none.", code="UNSUPPORTED_CONTENT_ENCODING")
    if len(found) > size_max:
        raise TooLarge(f"The body is larger than {size_max} bytes when unpacked; send smaller batches.", code="BODY_TOO_LARGE")
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


def _unzstd(body: bytes, size_max: int) -> bytes:
    try:
        with pa.CompressedInputStream(pa.BufferReader(body), "zstd") as stream:
            return bytes(stream.read(size_max + 1))
    except (OSError, pa.ArrowException) as error:
        raise _malformed("zstd") from error


def _malformed(name: str) -> BadRequest:
    return BadRequest(f"The body is not {name}, or it ends too early.", code="MALFORMED_CONTENT_ENCODING")
