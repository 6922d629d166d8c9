"""`from_json`: a JSON text as a value of a type that is written out. A part that does not fit its type is NULL, as Databricks' permissive mode has it.

https://docs.databricks.com/en/sql/language-manual/functions/from_json.html
"""

import re

import msgspec

from headgate.catalog import types
from headgate.catalog.types import Array, Decimal, Map, Structure, Type
from headgate.core.errors import BadRequest
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal

_DEPTH_MAX = 5
_ENDED = re.compile(r"\s*(\w+|`[^`]+`)\s*:")  # a column's name with a colon, which a schema of columns has not
_WHOLE = "json_type({}) IN ('BIGINT', 'UBIGINT')"
_TIMES = frozenset(kinds.TIMES)


def _from_json(call: FunctionCall) -> Value:
    call.counted(2, 3)
    if len(call) > 2:
        raise refused("The options of from_json are not taken.")
    value = call.value(0)
    if value.kind not in {kinds.STRING, kinds.VOID}:
        raise mismatch(f"from_json takes a STRING, not {kinds.sql(value.kind)}.")
    if call.value(1).kind != kinds.STRING or call.value(1).constant is None:
        raise refused("The schema of from_json is a quoted text.", "INVALID_SCHEMA.NON_STRING_LITERAL")
    kind = _schema(call.constant(1, "The schema"))
    text = call.cast(0, kinds.STRING)
    made = f"(CASE WHEN trim({text}, ' \t\r\n') <> '' THEN {_root(f'databricks_json({text})', kind)} END)"
    return call.gives(made, kind, "entries" if isinstance(kind, Map) else f"from_json({value.name})")


def _schema(written: str) -> Type:
    """The type that a schema means: a type, or columns."""
    try:
        kind = types.parse_text(written)
    except BadRequest:
        if _ENDED.match(written):
            raise refused(f"The schema {written[:80]!r} is not read: columns have no colon.", "PARSE_SYNTAX_ERROR") from None
        kind = Structure(types.parse_columns(written))
    if kind == kinds.VARIANT:
        raise refused("from_json does not make a VARIANT: use parse_json.")
    if not isinstance(kind, (Structure, Array, Map)):
        raise refused(f"from_json makes a STRUCT, an ARRAY or a MAP, not {kinds.sql(kind)}.", "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA")
    return _checked(kind, 0)


def _checked(kind: Type, depth: int) -> Type:
    """The type with all fields nullable. Raises for a type that is not made of JSON here."""
    if depth > _DEPTH_MAX:
        raise refused(f"from_json makes values of at most {_DEPTH_MAX} levels.")
    match kind:
        case Structure(fields):
            if len({field.name.lower() for field in fields}) < len(fields) or any(set(field.name) & set('"\\') for field in fields):
                raise refused("from_json with a field's name twice, or with quotes in it, is not taken.")
            return Structure(tuple(msgspec.structs.replace(one, type=_checked(one.type, depth + 1), nullable=True) for one in fields))
        case Array(element):
            return Array(_checked(element, depth + 1))
        case Map(key, item):
            if key != kinds.STRING:
                raise refused("The keys of a MAP that from_json makes are STRINGs.", "DATATYPE_MISMATCH.INVALID_JSON_MAP_KEY_TYPE")
            return Map(key, _checked(item, depth + 1))
        case _ if kind in {kinds.BINARY, kinds.VARIANT} or not kinds.is_atomic(kind):
            raise refused(f"from_json does not make {kinds.sql(kind)}: use get_json_object or parse_json.")
        case _:
            return kind


def _root(json: str, kind: Type) -> str:
    """An object that is no object, or no JSON, has fields that are NULL. An array may be of one object."""
    match kind:
        case Structure():
            return _packed(json, kind, 0)
        case Array(Structure() as element):
            return f"(CASE WHEN json_type({json}) = 'OBJECT' THEN [{_packed(json, element, 0)}] ELSE {value_of(json, kind, 0)} END)"
        case _:
            return value_of(json, kind, 0)


def _packed(json: str, kind: Structure, depth: int) -> str:
    """The fields, which are looked up in one reading of the object."""
    paths = ", ".join(literal(f'$."{field.name}"') for field in kind.fields)
    parts = (
        f"{literal(field.name)}: {value_of(f'databricks_json_fields({json}, [{paths}])[{place}]', field.type, depth)}"
        for place, field in enumerate(kind.fields, start=1)
    )
    return f"{{{', '.join(parts)}}}"


def value_of(json: str, kind: Type, depth: int) -> str:
    """The text of a JSON value as a type, NULL where it does not fit. `depth` is of lambdas around it."""
    match kind:
        case Structure():
            return f"(CASE WHEN json_type({json}) = 'OBJECT' THEN {_packed(json, kind, depth)} END)"
        case Array(element):
            return _list(json, "ARRAY", f"json_extract({json}, '$[*]')", element, depth)
        case Map(_, item):
            values = _list(json, "OBJECT", f"json_extract({json}, '$.*')", item, depth)
            return f"(CASE WHEN {values} IS NOT NULL THEN map(json_keys({json}), {values}) END)"
        case _:
            return _atom(json, kind)


def _atom(json: str, kind: Type) -> str:
    said = f"json_extract_string({json}, '$')"
    match kind:
        case Decimal():
            return f"TRY_CAST(databricks_json_decimal({json}) AS {kinds.duckdb(kind)})"
        case _ if kinds.is_integral(kind):
            return f"TRY_CAST((CASE WHEN {_WHOLE.format(json)} THEN {said} END) AS {kinds.duckdb(kind)})"
        case _ if kind in kinds.FRACTIONALS:
            return f"TRY_CAST(databricks_json_float({json}) AS {kinds.duckdb(kind)})"
        case _ if kind in _TIMES:
            return _time(json, said, kind)
        case kinds.BOOLEAN:
            return f"(CASE WHEN json_type({json}) = 'BOOLEAN' THEN {said} = 'true' END)"
        case _:
            return f"databricks_json_text({json})"


def _time(json: str, said: str, kind: Type) -> str:
    text = casts.tried(f"(CASE WHEN json_type({json}) = 'VARCHAR' THEN {said} END)", kinds.STRING, kind)
    if kind != kinds.TIMESTAMP:
        return text
    seconds = f"make_timestamptz(TRY_CAST({said} AS INTEGER) * 1000000::BIGINT)"  # a number is of seconds
    return f"(CASE WHEN {_WHOLE.format(json)} THEN {seconds} ELSE {text} END)"


def _list(json: str, wanted: str, items: str, element: Type, depth: int) -> str:
    """Elements, or values of a map; one that does not fit makes the whole NULL."""
    item = f"q{depth}"
    made = f"list_transform({items}, lambda {item}: {value_of(item, element, depth + 1)})"
    if element == kinds.STRING:
        return f"(CASE WHEN json_type({json}) = '{wanted}' THEN {made} END)"
    there = f"len(list_filter({items}, lambda {item}: json_type({item}) <> 'NULL'))"
    return f"(CASE WHEN json_type({json}) = '{wanted}' AND list_count({made}) = {there} THEN {made} END)"


MEANINGS: tuple[Meaning, ...] = (
    ruled(
        "from_json",
        _from_json,
        example="from_json('{\"a\":1,\"b\":[true]}', 'a INT, b ARRAY<BOOLEAN>')",
        gives='{"a":1,"b":[true]}',
        note="An object with a key twice is refused.",
    ),
)
