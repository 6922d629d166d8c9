"""What surely holds for every row of a table that a query can use, as values: comparisons of its columns with constants. Loads no parser.

A bound that is missing (`None`) says nothing. Bounds are derived from a query's tree by `row_bounds`, and applied to files by `file_skipping`.
"""

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

Operator = Literal["<", "<=", "=", ">=", ">"]
FLIPPED: dict[Operator, Operator] = {"<": ">", "<=": ">=", "=": "=", ">=": "<=", ">": "<"}


class ConstantStep(msgspec.Struct, frozen=True):
    """What is done to a constant: a cast to a type of Databricks, a truncation to a unit, or an addition of so many `unit`s."""

    kind: Literal["cast", "trunc", "add"]
    unit: str
    count: int = 0


class Constant(msgspec.Struct, frozen=True):
    """A value that is the same for every row: a text or a number as it is written, or the time of the query, and the steps from there."""

    kind: Literal["text", "number", "now", "today"]
    text: str = ""
    steps: tuple[ConstantStep, ...] = ()

    def then(self, *steps: ConstantStep) -> "Constant":
        """The constant with more steps."""
        return Constant(self.kind, self.text, (*self.steps, *steps))


class ColumnComparison(msgspec.Struct, frozen=True, tag=True):
    """A column compared with a constant. It holds for no row where the column is null."""

    column: str
    operator: Operator
    value: Constant


class Nullness(msgspec.Struct, frozen=True, tag=True):
    """A column is null, or is not."""

    column: str
    null: bool


class Every(msgspec.Struct, frozen=True, tag=True):
    """All of these hold."""

    parts: "tuple[Bound, ...]"


class Either(msgspec.Struct, frozen=True, tag=True):
    """At least one of these holds; without any, no row can be used."""

    parts: "tuple[Bound, ...]"


Bound = ColumnComparison | Nullness | Every | Either
NEVER = Either(())


def every(parts: Iterable[Bound | None]) -> Bound | None:
    """What holds where all of these do."""
    known = tuple(part for part in parts if part is not None)
    return Every(known) if len(known) > 1 else known[0] if known else None


def either(parts: Iterable[Bound | None]) -> Bound | None:
    """What holds where one of these does: nothing, if one of them says nothing."""
    known: list[Bound] = []
    for part in parts:
        if part is None:
            return None
        known.append(part)
    return known[0] if len(known) == 1 else Either(tuple(known))


def renamed(bound: Bound | None, column_of: Callable[[str], str | None]) -> Bound | None:
    """The bound over the columns of another relation; `column_of` finds a column's name there, if it has one."""
    match bound:
        case ColumnComparison(column, operator, value):
            name = column_of(column)
            return None if name is None else ColumnComparison(name, operator, value)
        case Nullness(column, null):
            name = column_of(column)
            return None if name is None else Nullness(name, null)
        case Every(parts):
            return every(renamed(part, column_of) for part in parts)
        case Either(parts):
            return either(renamed(part, column_of) for part in parts)
        case _:
            return None


def with_texts(bound: Bound | None, text_of: Callable[[str], str]) -> Bound | None:
    """The bound with other texts in its constants."""
    match bound:
        case ColumnComparison(column, operator, value) if value.kind == "text":
            return ColumnComparison(column, operator, Constant("text", text_of(value.text), value.steps))
        case Every(parts):
            return every(with_texts(part, text_of) for part in parts)
        case Either(parts):
            return either(with_texts(part, text_of) for part in parts)
        case _:
            return bound


def widely_typed(bound: Bound | None) -> Bound | None:
    """The bound where the column may have been cast to the type of another one before it is compared: a text is text then, and a number may be rounded."""
    match bound:
        case ColumnComparison(column, operator, value) if not value.steps and value.kind in {"text", "number"}:
            return ColumnComparison(column, operator, value.then(ConstantStep("cast", "string" if value.kind == "text" else "double")))
        case Every(parts):
            return every(widely_typed(part) for part in parts)
        case Either(parts):
            return either(widely_typed(part) for part in parts)
        case _:
            return bound
