"""The order of arrays and structs: NULL inside of one comes first, as on Databricks. DuckDB has it last, so what is compared there is a key made of the value."""

from headgate.catalog.types import Array, Structure, Type
from headgate.storage.query.duckdb_text import literal


def key(text: str, kind: Type) -> str:
    """What DuckDB compares in the place of a value: the value itself where it has no parts. Before each part is whether it is there."""
    match kind:
        case Array(element):
            item = f"k{len(text)}"
            return f"list_transform({text}, lambda {item}: {{'n': {item} IS NOT NULL, 'v': {key(item, element)}}})"
        case Structure(fields):
            parts = []
            for place, one in enumerate(fields):
                inner = f"struct_extract({text}, {literal(one.name)})"
                parts.append(f"'n{place}': {inner} IS NOT NULL, 'v{place}': {key(inner, one.type)}")
            return f"(CASE WHEN {text} IS NOT NULL THEN {{{', '.join(parts)}}} END)"
        case _:
            return text


def is_nested(kind: Type) -> bool:
    """Whether its values are compared by a key."""
    return isinstance(kind, (Array, Structure))
