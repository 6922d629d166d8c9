"""What a platform makes of a request in its provider's dialect, and of the answer to it."""

from collections.abc import Callable, Sequence
from typing import Protocol
from urllib.parse import quote

import msgspec

from headgate.core.headers import Headers
from headgate.core.model_names import matches_any
from headgate.core.platform import Platform
from headgate.exchange.headers import value_of

_SEGMENT_KEPT = "@"  # Vertex AI's versions: claude-sonnet-4-5@20250929


class BadShape(Exception):
    """The platform cannot be asked so. The message says why, for people."""


class BrokenFrame(Exception):
    """An answer cannot be read any further. The message says why, for people."""


class AnswerShape(Protocol):
    """Turns one answer of a platform into the dialect's. Belongs to one answer."""

    def head(self, status: int, headers: Headers) -> Headers:
        """The headers of the dialect's answer."""

    def data(self, chunk: bytes) -> bytes:
        """What the dialect has for a piece; empty while more is needed. Raises BrokenFrame."""

    def end(self) -> bytes:
        """What is left when the answer has ended. Raises BrokenFrame if it ended too early."""


class ShapedRequest(msgspec.Struct, frozen=True):
    """A request as the platform takes it. `service` is what AWS's signature names; an empty `base_url` is the provider's."""

    target: str
    body: bytes
    headers: Headers
    answer: Callable[[], AnswerShape] | None = None
    service: str = ""
    base_url: str = ""


def segment(model: str) -> str:
    """A model's name as one part of a path."""
    return quote(model, safe=_SEGMENT_KEPT)


def without(headers: Headers, *names: bytes) -> Headers:
    """The headers except those of these names."""
    return [header for header in headers if header[0] not in names]


def betas_of(headers: Headers) -> list[str]:
    """The values of the header `anthropic-beta`."""
    return [value.strip() for value in value_of(headers, b"anthropic-beta").decode("latin-1").split(",") if value.strip()]


def taken_betas(asked: Sequence[str], platform: Platform, documented: Sequence[str]) -> list[str]:
    """Those that the platform takes, each once: by its entry in the configuration, else by its documentation."""
    allowed = documented if platform.betas is None else platform.betas
    return [value for value in dict.fromkeys(asked) if matches_any(allowed, value)]
