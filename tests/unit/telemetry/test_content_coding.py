"""Content codings of an export's body."""

import gzip
import zlib

import pytest
import zstandard

from headgate.core.errors import BadRequest, TooLarge, UnsupportedMedia
from headgate.telemetry.content_coding import decoded

BODY = b"resource_metrics " * 1000


def _zstd(body):
    return zstandard.ZstdCompressor().compress(body)


def _wide(body):
    """Packed with a window of 128 MiB."""
    packer = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters.from_level(3, window_log=27)).compressobj()
    return packer.compress(body) + packer.flush()


def _with_dictionary(body):
    dictionary = zstandard.ZstdCompressionDict(BODY[:2000])
    return zstandard.ZstdCompressor(dict_data=dictionary).compress(body)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("", BODY),
        ("identity", BODY),
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("GZIP ", gzip.compress(BODY, mtime=0)),
        ("gzip", gzip.compress(BODY[:500], mtime=0) + gzip.compress(BODY[500:], mtime=0)),
        ("zstd", _zstd(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY, wbits=-15)),
    ],
)
def test_a_body_is_unpacked(coding, body):
    """By its own coding, in any case, of several members too."""
    assert decoded(coding, body, len(BODY)) == BODY


@pytest.mark.parametrize(
    ("coding", "body"), [("gzip", gzip.compress(bytes(10_000_000), mtime=0)), ("zstd", _zstd(bytes(10_000_000))), ("", bytes(2000))]
)
def test_a_bomb_is_refused_while_it_unpacks(coding, body):
    """Not after."""
    with pytest.raises(TooLarge, match="larger than 1000 bytes"):
        decoded(coding, body, 1000)


SKIPPABLE = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"hello"),
        ("gzip", gzip.compress(BODY, mtime=0)[:-20]),
        ("gzip", gzip.compress(BODY, mtime=0) + b"hello"),
        ("zstd", b"hello"),
        ("zstd", b""),
        ("zstd", _zstd(BODY)[:-10]),
        ("zstd", _zstd(BODY) + b"x"),
        ("zstd", _zstd(BODY) + bytes(3000)),
        ("zstd", _zstd(BODY) + _zstd(BODY)),
        ("zstd", SKIPPABLE + _zstd(BODY)),
        ("zstd", _wide(BODY)),
        ("zstd", _with_dictionary(BODY)),
    ],
    ids=[
        "gzip no",
        "gzip half",
        "gzip trailing",
        "zstd no",
        "zstd empty",
        "zstd half",
        "zstd trailing",
        "zstd far trailing",
        "zstd two",
        "zstd skippable",
        "zstd wide",
        "zstd dictionary",
    ],
)
def test_what_is_not_one_whole_body_is_malformed(coding, body):
    """A body that breaks off is not taken for a short one, and nothing is hidden behind its end."""
    with pytest.raises(BadRequest):
        decoded(coding, body, len(BODY))


@pytest.mark.parametrize("coding", ["br", "compress", "gzip, gzip", "gzip,zstd", "zstd-x", "aws-chunked"])
def test_other_codings_are_refused_by_name(coding):
    """415 says what is taken; two codings on top of each other are another coding."""
    with pytest.raises(UnsupportedMedia, match="send gzip, deflate, zstd or none"):
        decoded(coding, b"", 10)
