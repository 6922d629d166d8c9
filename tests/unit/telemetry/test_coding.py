"""Content codings of an export's body."""

import gzip

import pyarrow as pa
import pytest

from headgate.core.errors import BadRequest, TooLarge, UnsupportedMedia
from headgate.telemetry.coding import decoded

BODY = b"resource_metrics " * 1000


def _zstd(body):
    return pa.Codec("zstd").compress(body, asbytes=True)


@pytest.mark.parametrize(
    ("coding", "body"),
    [("", BODY), ("identity", BODY), ("gzip", gzip.compress(BODY)), ("GZIP ", gzip.compress(BODY)), ("gzip", gzip.compress(BODY[:500]) + gzip.compress(BODY[500:])), ("zstd", _zstd(BODY))],
)
def test_a_body_is_unpacked(coding, body):
    """By its own coding, in any case, of several members too."""
    assert decoded(coding, body, len(BODY)) == BODY


@pytest.mark.parametrize(("coding", "body"), [("gzip", gzip.compress(bytes(10_000_000))), ("zstd", _zstd(bytes(10_000_000))), ("", bytes(2000))])
def test_a_bomb_is_refused_while_it_unpacks(coding, body):
    """Not after."""
    with pytest.raises(TooLarge, match="larger than 1000 bytes"):
        decoded(coding, body, 1000)


@pytest.mark.parametrize(("coding", "body"), [("gzip", b"hello"), ("gzip", gzip.compress(BODY)[:-20]), ("zstd", b"hello"), ("zstd", _zstd(BODY)[:-10])])
def test_half_a_body_is_malformed(coding, body):
    """A body that breaks off is not taken for a short one."""
    with pytest.raises(BadRequest):
        decoded(coding, body, len(BODY))


def test_other_codings_are_refused_by_name():
    """415 says what is taken."""
    with pytest.raises(UnsupportedMedia, match="send gzip, zstd or none"):
        decoded("br", b"", 10)
