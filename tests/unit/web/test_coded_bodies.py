"""Coded bodies of requests: unpacked, bounded, and told in words of requests."""

import asyncio
import gzip
import zlib

import pytest
import zstandard

from headgate.core.errors import BadRequest, TooLarge, Unavailable, UnsupportedMedia
from headgate.web.coded_bodies import CodedBodies, coding_of, without_coding

SMALL, LARGE = b'{"model": "m"}', b'{"model": "' + b"m" * 500_000 + b'"}'
PACKED = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.ZstdCompressor().compress}


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("body", [SMALL, LARGE])
async def test_a_body_is_unpacked_and_held_until_it_is_released(name: str, body: bytes) -> None:
    """In place where it is small, beside the event loop where it is not."""
    bodies = CodedBodies(1 << 20)
    assert await bodies.unpack(name, PACKED[name](body)) == body
    assert bodies.held_bytes == len(body)
    bodies.release(len(body))
    assert not bodies.held_bytes


@pytest.mark.parametrize("name", PACKED)
async def test_a_bomb_is_too_large(name: str) -> None:
    """Whatever it would unpack to; nothing is held of it."""
    bodies = CodedBodies(1 << 20)
    for size in ((1 << 20) + 1, 64 << 20):
        with pytest.raises(TooLarge, match="1048576 bytes when it is unpacked") as refused:
            await bodies.unpack(name, PACKED[name](bytes(size)))
        assert (refused.value.status, refused.value.code) == (413, "")
    assert not bodies.held_bytes


@pytest.mark.parametrize(
    ("name", "body", "refusal", "status"),
    [
        ("gzip", b"{}", BadRequest, 400), ("zstd", b"{}", BadRequest, 400), ("deflate", b"{}", BadRequest, 400),
        ("gzip", gzip.compress(LARGE)[:-1], BadRequest, 400), ("deflate", zlib.compress(LARGE) + b"x", BadRequest, 400),
        ("zstd", PACKED["zstd"](LARGE)[:-1], BadRequest, 400), ("br", b"x", UnsupportedMedia, 415), ("gzip, gzip", b"x", UnsupportedMedia, 415),
    ],
)  # fmt: skip
async def test_what_cannot_be_unpacked(name: str, body: bytes, refusal: type[Exception], status: int) -> None:
    """Broken, cut, lengthened, or in a coding that is not taken."""
    with pytest.raises(refusal) as refused:
        await CodedBodies(1 << 20).unpack(name, body)
    assert refused.value.status == status


async def test_all_unpacked_bodies_together_are_bounded() -> None:
    """Beyond the bound a request is told to come again; once one is released there is room."""
    bodies = CodedBodies(1 << 20, held_bytes_max=len(LARGE))
    packed = gzip.compress(LARGE)
    await bodies.unpack("gzip", packed)
    for body in (packed, gzip.compress(SMALL)):
        with pytest.raises(Unavailable) as refused:
            await bodies.unpack("gzip", body)
        assert refused.value.retry_after_s == 5
    bodies.release(len(LARGE))
    await bodies.unpack("gzip", packed)


async def test_large_bodies_are_unpacked_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most two at once; the small ones do not wait for them."""
    bodies, waiting, under_way = CodedBodies(1 << 20), asyncio.Event(), []

    async def in_thread(unpack, *arguments):
        under_way.append(1)
        await waiting.wait()
        return unpack(*arguments)

    monkeypatch.setattr("headgate.web.coded_bodies.asyncio.to_thread", in_thread)
    tasks = [asyncio.create_task(bodies.unpack("gzip", gzip.compress(LARGE))) for _ in range(4)]
    await asyncio.sleep(0)
    assert await bodies.unpack("gzip", gzip.compress(SMALL)) == SMALL
    assert len(under_way) == 2
    waiting.set()
    assert set(await asyncio.gather(*tasks)) == {LARGE}


@pytest.mark.parametrize(
    ("values", "coding"),
    [
        ([], None),
        ([b""], ""),
        ([b"identity"], ""),
        ([b"Identity "], ""),
        ([b"GZIP"], "gzip"),
        ([b"", b"zstd"], "zstd"),
        ([b"gzip", b"zstd"], "gzip, zstd"),
    ],
)
def test_the_coding_of_a_request(values: list[bytes], coding: str | None) -> None:
    """Compared without case; an empty header is none. The unpacked body's headers say neither coding nor length."""
    headers = [(b"content-encoding", value) for value in values] + [(b"content-length", b"7"), (b"content-type", b"application/json")]
    assert coding_of(headers) == coding
    assert without_coding(headers) == [(b"content-type", b"application/json")]
