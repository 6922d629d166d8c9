"""What the analysis makes of an expression, and the columns that expressions name."""

import msgspec

from headgate.catalog.types import Type
from headgate.core.errors import BadRequest

NAMELESS = "\ue001"
"""In the name of a value that Spark names otherwise, in a way that is not known here: a column of the answer is given no such name."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """An expression: DuckDB's text, its Databricks type, and the name that a column of it gets.

    `constant` is what a literal holds (text, number as written, truth), so that a meaning may depend on it; None for everything else and for NULL.
    `is_column` says that it is a relation's column as it is. `title` is the name of a column that holds it alone, where that is another one.
    The text binds tighter than any operator: it is a name, a call, a literal, or in parentheses.
    """

    text: str
    kind: Type
    name: str
    constant: str | bool | None = None
    is_column: bool = False
    title: str = ""


class ScopeColumn:  # ruff: ignore[class-as-data-structure] - a frozen struct would be compared by value
    """A column of a relation in a FROM clause. Identity counts: two columns may have one name."""

    __slots__ = ("kind", "name", "place", "source", "text")

    def __init__(self, name: str, kind: Type, text: str, source: object, place: int) -> None:
        self.name = name
        self.kind = kind
        self.text = text
        self.source = source  # the relation that it is of
        self.place = place  # among that relation's columns


def refused(what: str, code: str = "UNSUPPORTED_FEATURE") -> BadRequest:
    """A refusal, with an error class of Databricks'."""
    return BadRequest(f"[{code}] {what}", code=code)


def mismatch(what: str) -> BadRequest:
    """A refusal of types that do not fit."""
    return refused(what, "DATATYPE_MISMATCH")
