"""Values as JSON texts, as Spark's `to_json` writes them: fields that are NULL are left out of structs, NaN is quoted, moments have milliseconds.

https://docs.databricks.com/en/sql/language-manual/functions/to_json.html
"""

import json

from headgate.catalog.types import Array, Decimal, Map, Structure, Type
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.value import refused
from headgate.storage.query.duckdb_text import literal

_PLAIN = frozenset({kinds.STRING, kinds.BOOLEAN, *kinds.INTEGRALS})
_ATOMS = {
    **dict.fromkeys((kinds.BOOLEAN, *kinds.INTEGRALS), "CAST($1 AS VARCHAR)"),
    **dict.fromkeys(
        kinds.FRACTIONALS,
        """(CASE WHEN isfinite($1) THEN databricks_float_text($1) ELSE '"' || databricks_float_text($1) || '"' END)""",
    ),
    kinds.STRING: "CAST(to_json($1) AS VARCHAR)",
    kinds.DATE: """('"' || CAST($1 AS VARCHAR) || '"')""",
    kinds.TIMESTAMP: """strftime(make_timestamp(epoch_us($1)), '"%Y-%m-%dT%H:%M:%S.%gZ"')""",
    kinds.TIMESTAMP_NTZ: """strftime($1, '"%Y-%m-%dT%H:%M:%S.%g"')""",
    kinds.BINARY: """('"' || to_base64($1) || '"')""",
    kinds.VARIANT: "CAST(CAST($1 AS JSON) AS VARCHAR)",
    kinds.VOID: "CAST(NULL AS VARCHAR)",
}


def written(text: str, kind: Type, depth: int = 0) -> str:
    """The JSON text of a value, NULL where it is NULL. `depth` is of lambdas around it."""
    item = f"j{depth}"
    match kind:
        case Array() | Map() if _is_plain(kind):
            return f"CAST(to_json({text}) AS VARCHAR)"
        case Decimal():
            return f"CAST({text} AS VARCHAR)"
        case Array(element):
            inner = f"coalesce({written(item, element, depth + 1)}, 'null')"
            return f"('[' || array_to_string(list_transform({text}, lambda {item}: {inner}), ',') || ']')"
        case Map(key, value):
            name = f"CAST(to_json({casts.cast(f'{item}.key', key, kinds.STRING)}) AS VARCHAR)"
            inner = f"{name} || ':' || coalesce({written(f'{item}.value', value, depth + 1)}, 'null')"
            return f"('{{' || array_to_string(list_transform(map_entries({text}), lambda {item}: {inner}), ',') || '}}')"
        case Structure(fields):
            parts = [
                f"{literal(json.dumps(field.name, ensure_ascii=False) + ':')} || {written(f'struct_extract({text}, {literal(field.name)})', field.type, depth)}"
                for field in fields
            ]
            return f"(CASE WHEN {text} IS NOT NULL THEN '{{' || concat_ws(',', {', '.join(parts)}) || '}}' END)"
        case _ if kind in _ATOMS:
            return _ATOMS[kind].replace("$1", text)
        case _:
            raise refused(f"to_json of {kinds.sql(kind)} is not taken.")


def _is_plain(kind: Type) -> bool:
    """Whether DuckDB writes it as Spark does, and faster than what is put together."""
    match kind:
        case Array(element):
            return _is_plain(element)
        case Map(key, value):
            return key == kinds.STRING and _is_plain(value)
        case _:
            return kind in _PLAIN
