"""Coded bodies of requests (`content-encoding`): unpacked within bounds, beside the event loop where they are large, and bounded all together.

A body that unpacks to more than a request may be is refused while it unpacks. What comes out is an ordinary body: no later step knows it was coded.
"""

import asyncio
from typing import Final

from headgate.core.errors import BadRequest, TooLarge, Unavailable, UnsupportedMedia
from headgate.core.headers import Headers
from headgate.telemetry import content_coding

HELD_BYTES_MAX: Final = 256 << 20  # unpacked bodies of all requests that are not answered yet
_AT_ONCE: Final = 2  # how many are unpacked beside the event loop
_SMALL_BYTES: Final = 128 << 10  # packed and unpacked: less is unpacked in place
_PLAIN: Final = frozenset({"", "identity"})
_OF_THE_CODING: Final = frozenset({b"content-encoding", b"content-length"})


def coding_of(headers: Headers) -> str | None:
    """What the body is packed with; empty where a header says that it is plain, `None` where none says anything."""
    values = [value for name, value in headers if name == b"content-encoding"]
    named = b", ".join(value for value in values if value).decode("latin-1").strip().lower()
    return None if not values else "" if named in _PLAIN else named


def without_coding(headers: Headers) -> Headers:
    """The headers of the unpacked body."""
    return [header for header in headers if header[0] not in _OF_THE_CODING]


class CodedBodies:
    """Unpacks for one gateway. The receiver of a body calls `release` when it does not need it any more."""

    def __init__(self, body_bytes_max: int, held_bytes_max: int = HELD_BYTES_MAX) -> None:
        self._body_bytes_max = body_bytes_max
        self._held_bytes_max = held_bytes_max
        self._places = asyncio.Semaphore(_AT_ONCE)
        self.held_bytes = 0

    async def unpack(self, name: str, body: bytes) -> bytes:
        """The body without its coding. Raises TooLarge, BadRequest or UnsupportedMedia, and Unavailable where too many are held."""
        try:
            found = self._in_place(name, body)
            if found is None:
                async with self._places:
                    self._check_room()
                    found = await asyncio.to_thread(content_coding.decoded, name, body, self._body_bytes_max)
        except TooLarge as error:
            raise TooLarge(f"The request is larger than {self._body_bytes_max} bytes when it is unpacked, the limit of this Headgate.") from error
        except UnsupportedMedia as error:
            raise UnsupportedMedia(error.message) from error  # its code is for exports
        except BadRequest as error:
            raise BadRequest(error.message, code="invalid_coding") from error
        self._check_room()
        self.held_bytes += len(found)
        return found

    def release(self, size: int) -> None:
        """A body of this size is not needed any more."""
        self.held_bytes -= size

    def _in_place(self, name: str, body: bytes) -> bytes | None:
        limit = min(_SMALL_BYTES, self._body_bytes_max)
        return content_coding.decoded_if_small(name, body, limit) if len(body) <= _SMALL_BYTES else None

    def _check_room(self) -> None:
        if self.held_bytes >= self._held_bytes_max:
            raise Unavailable("Headgate holds as many unpacked requests as it may; try again shortly.", retry_after_s=5)
