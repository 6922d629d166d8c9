"""What the content log and its redacting process say to each other over pipes: MessagePack values, each behind its length."""

import struct

import msgspec

LENGTH = struct.Struct("<Q")


class Rules(msgspec.Struct, frozen=True):
    """The first thing said: what to redact, and how long one piece of work may take before the process ends itself."""

    patterns: tuple[str, ...]
    secrets: bool
    timeout_s: float


class RedactionTask(msgspec.Struct, frozen=True):
    """A text, or JSON if `is_json`."""

    content: str
    is_json: bool = False


class RedactionResult(msgspec.Struct, frozen=True):
    """The same without what must not be stored; `None` if there was nothing to take out."""

    content: str | None = None


def frame(value: Rules | RedactionTask | RedactionResult) -> bytes:
    """A value behind its length."""
    body = msgspec.msgpack.encode(value)
    return LENGTH.pack(len(body)) + body
