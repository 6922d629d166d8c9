"""A request body that has been read once."""

from typing import final

import msgspec


@final
class Scanned:
    """A body that passed, its top-level fields undecoded, and the byte range of each field's value. It is not changed.

    In `fields`, half of a surrogate pair is a character for private use (U+E800 to U+EFFF), so that any decoder takes them. `body` is as it came.
    """

    __slots__ = ("body", "fields", "spans")

    def __init__(self, body: bytes, fields: dict[str, msgspec.Raw], spans: dict[str, tuple[int, int]]) -> None:
        self.body = body
        self.fields = fields
        self.spans = spans

    def span(self, name: str) -> tuple[int, int]:
        """The byte range of a top-level field's value in the body. The field must be there."""
        return self.spans[name]
