"""JSON texts and VARIANT."""

import re

from headgate.catalog import types
from headgate.catalog.types import Array, Map, Structure
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, ruled, scalar
from headgate.storage.query.analysis.meanings import json_texts
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal

_STEP = re.compile(r"""\.([^.\[\]'"*]+)|\[(\d+)\]|\['([^'"]+)'\]|\["([^'"]+)"\]""")


def _steps(path: str, otherwise: str = "UNSUPPORTED_FEATURE") -> str:
    """The path as DuckDB writes it. Raises for one that does not begin with `$`, with the class `otherwise`, and for one with a star."""
    if not path.startswith("$"):
        raise refused(f"The path {path[:80]!r} does not begin with $.", otherwise)
    written, place = "$", 1
    while place < len(path):
        found = _STEP.match(path, place)
        if found is None:
            raise refused(f"The path {path[:80]!r} is not taken: it has names and places of elements, as $.a[0]['b c'].")
        written += f"[{found[2]}]" if found[2] else f'."{found[1] or found[3] or found[4]}"'
        place = found.end()
    return literal(written)


def _path(call: FunctionCall) -> Value:
    """`value:path`: a VARIANT's part as a VARIANT, a JSON text's part as a text."""
    value = call.value(0)
    path = _steps(call.constant(1, "The path"))
    if value.kind == kinds.VARIANT:
        text = f"CAST(json_extract(CAST({value.text} AS JSON), {path}) AS VARIANT)"
        last, name = _last(call), f"variant_get({value.name}, {call.constant(1, 'The path')})"
        shown = last if last.isidentifier() else f"`{last}`"
        return Value(text=text, kind=kinds.VARIANT, name=f"{name} AS {shown}" if last else name, title=last)
    text = call.cast(0, kinds.STRING)
    found = f"json_extract_string(TRY_CAST({text} AS JSON), {path})"
    return Value(text=f"databricks_any_case({found}, {text}, {path.lower()})", kind=kinds.STRING, name=_last(call) or call.value(0).name)


def _last(call: FunctionCall) -> str:
    """The last name of the path, without places of elements; empty for a path without names."""
    names = [step[0] or step[2] or step[3] for step in _STEP.findall(call.constant(1, "The path"))]
    return next((name for name in reversed(names) if name), "")


def _get_json_object(call: FunctionCall) -> Value:
    """A part of a JSON text; NULL where the text is no JSON, or the path none."""
    call.counted(2)
    path = call.constant(1, "The path")
    if not path.startswith("$"):
        return call.gives("CAST(NULL AS VARCHAR)", kinds.STRING)
    return call.gives(f"json_extract_string(TRY_CAST({call.cast(0, kinds.STRING)} AS JSON), {_steps(path)})", kinds.STRING)


def _variant_get(call: FunctionCall) -> Value:
    call.counted(2, 3)
    value = call.value(0)
    if value.kind != kinds.VARIANT:
        raise mismatch(f"{call.name} takes a VARIANT, not {kinds.sql(value.kind)}.")
    path = _steps(call.constant(1, "The path"), "INVALID_VARIANT_GET_PATH")
    name = f"{call.name}({value.name}, {call.value(1).name})"
    if len(call) == 2:
        return call.gives(f"CAST(json_extract(CAST({value.text} AS JSON), {path}) AS VARIANT)", kinds.VARIANT)
    kind = types.parse_text(call.constant(2, "The type"))
    found = f"json_extract_string(CAST({value.text} AS JSON), {path})"
    if kinds.is_integral(kind):  # a number's fraction is cut off
        found = f"regexp_replace({found}, '^(-?[0-9]+)[.][0-9]+$', '\\1')"
    text = casts.tried(found, kinds.STRING, kind) if call.name.startswith("try") else casts.cast(found, kinds.STRING, kind)
    return call.gives(text, kind, name)


def _to_json(call: FunctionCall) -> Value:
    call.counted(1, 2)
    if len(call) > 1:
        raise refused("The options of to_json are not taken.")
    value = call.value(0)
    if not isinstance(value.kind, (Array, Map, Structure)) and value.kind not in {kinds.VARIANT, kinds.VOID}:
        raise mismatch(f"to_json takes a STRUCT, an ARRAY, a MAP or a VARIANT, not {kinds.sql(value.kind)}.")
    return call.gives(json_texts.written(value.text, value.kind), kinds.STRING)


MEANINGS: tuple[Meaning, ...] = (
    ruled(":", _path),
    ruled("get_json_object", _get_json_object, example="get_json_object('{\"a\":\"b\"}', '$.a')", gives="b"),
    ruled("variant_get try_variant_get", _variant_get, example="variant_get(parse_json('{\"a\":1}'), '$.a', 'int')", gives="1"),
    scalar(
        "parse_json", form("string -> variant", "databricks_variant($1, CAST($1 AS JSON), false)"), example="to_json(parse_json('[1]'))", gives="[1]"
    ),
    scalar(
        "try_parse_json",
        form("string -> variant", "databricks_variant($1, TRY_CAST($1 AS JSON), true)"),
        example="to_json(try_parse_json('[1]'))",
        gives="[1]",
    ),
    ruled("to_json", _to_json, example="to_json(struct(1 AS a))", gives='{"a":1}'),
    scalar(
        "json_array_length",
        form("string -> int", "(CASE WHEN json_type(TRY_CAST($1 AS JSON)) = 'ARRAY' THEN CAST(json_array_length($1) AS INTEGER) END)"),
        example="json_array_length('[1,2]')",
        gives="2",
    ),
    scalar(
        "json_object_keys",
        form("string -> array<string>", "(CASE WHEN json_type(TRY_CAST($1 AS JSON)) = 'OBJECT' THEN json_keys($1) END)"),
        example="json_object_keys('{\"a\":1}')",
        gives='["a"]',
    ),
)
