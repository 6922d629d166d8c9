"""The place of a row in a list that is sorted by one value and an id: how a page says where the next one begins. No count of rows is skipped."""

import msgspec

_CHARS_MAX = 400


class Position(msgspec.Struct, frozen=True):
    """The value that the list is sorted by, as text, and the id of the row."""

    value: str
    id: str

    def __str__(self) -> str:
        """As the query string has it."""
        return f"{self.value}~{self.id}"


def read_position(text: str) -> Position | None:
    """The place that a query string names; `None` where it names none."""
    value, tilde, name = text.partition("~")
    return Position(value, name) if tilde and value and name and len(text) <= _CHARS_MAX and text.isprintable() else None
