"""Members of a JSON object taken out and put in. The bytes of all other values stay as they were."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from headgate.dialects.scan import fields_of, spans_of, splice

_BEFORE_NAME = re.compile(rb"[ \t\n\r,{]*")


class Members:
    """The top-level members of a request body that was checked before."""

    __slots__ = ("_body", "_fields", "_spans")

    def __init__(self, body: bytes) -> None:
        self._body = body
        checked, self._fields = fields_of(body)  # as long as the body: an escape that is half of a pair is another one in it
        self._spans = spans_of(checked, self._fields)

    def value(self, name: str) -> Any:  # ruff: ignore[any-type] whatever JSON has
        """A member's value; `None` if it is missing."""
        raw = self._fields.get(name)
        return None if raw is None else msgspec.json.decode(raw)

    def raw(self, name: str) -> bytes:
        """A member's value as it is written; empty if it is missing."""
        raw = self._fields.get(name)
        return b"" if raw is None else bytes(raw)

    def with_value(self, name: str, written: bytes) -> bytes:
        """The body with another value of a member that it has."""
        return splice(self._body, self._spans[name], written)

    def changed(self, out: Collection[str], added: Mapping[str, object]) -> bytes:
        """The body without some members, and with others before the rest; one that is added takes the place of its namesake."""
        body, view = self._body, memoryview(self._body)
        pieces: list[bytes | memoryview] = []
        for name, value in added.items():
            pieces += (b"," if pieces else b"{", msgspec.json.encode(name), b":", msgspec.json.encode(value))
        at = 0
        for name, (_, end) in self._spans.items():
            if name not in out and name not in added:
                begun = _BEFORE_NAME.match(body, at)
                pieces += (b"," if pieces else b"{", view[begun.end() if begun else at : end])
            at = end
        return b"".join((*pieces, b"}" if pieces else b"{}"))
