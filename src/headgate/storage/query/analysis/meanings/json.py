"""JSON texts and VARIANT."""

from headgate.catalog import types
from headgate.catalog.types import Array, Map, Structure
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, ruled, scalar
from headgate.storage.query.analysis.value import Value, mismatch
from headgate.storage.query.duckdb_text import literal


def _path(call: FunctionCall) -> Value:
    """`value:path`: a VARIANT's part as a VARIANT, a JSON text's part as a text."""
    value = call.value(0)
    path = literal(call.constant(1, "The path"))
    if value.kind == kinds.VARIANT:
        return Value(text=f"CAST(json_extract(CAST({value.text} AS JSON), {path}) AS VARIANT)", kind=kinds.VARIANT, name=_last(call))
    return Value(text=f"json_extract_string({call.cast(0, kinds.STRING)}, {path})", kind=kinds.STRING, name=_last(call))


def _last(call: FunctionCall) -> str:
    return call.constant(1, "The path").rsplit(".", 1)[-1].strip("[]'$") or call.value(0).name


def _get_json_object(call: FunctionCall) -> Value:
    call.counted(2)
    return call.gives(f"json_extract_string({call.cast(0, kinds.STRING)}, {literal(call.constant(1, 'The path'))})", kinds.STRING)


def _variant_get(call: FunctionCall) -> Value:
    call.counted(2, 3)
    value = call.value(0)
    if value.kind != kinds.VARIANT:
        raise mismatch(f"{call.name} takes a VARIANT, not {kinds.sql(value.kind)}.")
    path = literal(call.constant(1, "The path"))
    if len(call) == 2:
        return call.gives(f"CAST(json_extract(CAST({value.text} AS JSON), {path}) AS VARIANT)", kinds.VARIANT)
    kind = types.parse_text(call.constant(2, "The type"))
    found = f"json_extract_string(CAST({value.text} AS JSON), {path})"
    text = casts.tried(found, kinds.STRING, kind) if call.name.startswith("try") else casts.cast(found, kinds.STRING, kind)
    return call.gives(text, kind)


def _to_json(call: FunctionCall) -> Value:
    call.counted(1)
    value = call.value(0)
    if value.kind == kinds.VARIANT:
        return call.gives(f"CAST(CAST({value.text} AS JSON) AS VARCHAR)", kinds.STRING)
    if not isinstance(value.kind, (Array, Map, Structure)):
        raise mismatch(f"to_json takes a STRUCT, an ARRAY, a MAP or a VARIANT, not {kinds.sql(value.kind)}.")
    return call.gives(f"CAST(to_json({value.text}) AS VARCHAR)", kinds.STRING)


MEANINGS: tuple[Meaning, ...] = (
    ruled(":", _path),
    ruled("get_json_object", _get_json_object, example="get_json_object('{\"a\":\"b\"}', '$.a')", gives="b"),
    ruled("variant_get try_variant_get", _variant_get, example="variant_get(parse_json('{\"a\":1}'), '$.a', 'int')", gives="1"),
    scalar("parse_json", form("string -> variant", "CAST(CAST($1 AS JSON) AS VARIANT)"), example="to_json(parse_json('[1]'))", gives="[1]"),
    scalar(
        "try_parse_json", form("string -> variant", "CAST(TRY_CAST($1 AS JSON) AS VARIANT)"), example="to_json(try_parse_json('[1]'))", gives="[1]"
    ),
    ruled("to_json", _to_json, example="to_json(struct(1 AS a))", gives='{"a":1}'),
    scalar("json_array_length", form("string -> int", "CAST(json_array_length($1) AS INTEGER)"), example="json_array_length('[1,2]')", gives="2"),
)
