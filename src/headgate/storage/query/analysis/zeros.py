"""Negative zeros, which Databricks makes positive where rows are grouped: -0.0 and 0.0 are one key, and what is shown of it is 0.0. DuckDB shows what came first."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from headgate.catalog.types import Array, Structure, Type
from headgate.storage.query.analysis import kinds
from headgate.storage.query.duckdb_text import literal

if TYPE_CHECKING:
    from headgate.storage.query.analysis.plan import SelectItem


def may_be(kind: Type) -> bool:
    """Whether a value of the type, or a part of it, may be a negative zero."""
    match kind:
        case Array(element):
            return may_be(element)
        case Structure(fields):
            return any(may_be(field.type) for field in fields)
        case _:
            return kind in kinds.FRACTIONALS


def positive(text: str, kind: Type) -> str:
    """The text of a value without negative zeros."""
    if not may_be(kind):
        return text
    match kind:
        case Array(element):
            item = f"z{len(text)}"
            return f"list_transform({text}, lambda {item}: {positive(item, element)})"
        case Structure(fields):
            parts = ", ".join(f"{literal(one.name)}: {positive(f'struct_extract({text}, {literal(one.name)})', one.type)}" for one in fields)
            return f"(CASE WHEN {text} IS NOT NULL THEN {{{parts}}} END)"
        case _:
            return f"({text} + CAST(0 AS {kinds.duckdb(kind)}))"


def distinct(items: Sequence["SelectItem"]) -> list["SelectItem"]:
    """The items of a SELECT DISTINCT."""
    return [_with(item, positive(item.value.text, item.value.kind)) for item in items]


def grouped(items: Sequence["SelectItem"], keys: Mapping[str, Type]) -> list["SelectItem"]:
    """The items of a SELECT whose groups have these keys, where they show a key. `grouping` takes the key as it is."""
    found = list(items)
    for key, kind in keys.items():
        for place, item in enumerate(found):
            if key in item.value.text and "grouping" not in item.value.text:
                found[place] = _with(item, item.value.text.replace(key, positive(key, kind)))
    return found


def _with(item: "SelectItem", text: str) -> "SelectItem":
    if text == item.value.text:
        return item
    return msgspec.structs.replace(item, value=msgspec.structs.replace(item.value, text=text))
