"""`schema_of_json`: the type of a JSON text that is written out, found where the query is compiled.

https://docs.databricks.com/en/sql/language-manual/functions/schema_of_json.html
"""

import json
import re

import msgspec

from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.value import Value, refused
from headgate.storage.query.duckdb_text import literal

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONG = 1 << 63
_Shape = str | list["_Shape"] | dict[str, "_Shape"]
"""A type: a word, a list of an element's, a structure's fields by their names."""
_NULL = "VOID"


def _schema_of_json(call: FunctionCall) -> Value:
    call.counted(1, 2)
    if len(call) > 1:
        raise refused("The options of schema_of_json are not taken.")
    if call.value(0).kind == kinds.VOID:
        raise refused("The text of schema_of_json is not NULL.", "DATATYPE_MISMATCH.UNEXPECTED_NULL")
    text = call.constant(0, "The text")
    try:
        found = json.loads(text, object_pairs_hook=_fields, parse_constant=_none)
    except (ValueError, RecursionError) as error:
        raise refused("The text of schema_of_json is no JSON.") from error
    written = _written(_shape(found))
    return msgspec.structs.replace(call.gives(literal(written), kinds.STRING), constant=written)


def _fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a name twice")
    return fields


def _none(word: str) -> object:
    raise ValueError(word)


def _shape(value: object) -> _Shape:
    match value:
        case None:
            return _NULL
        case bool():
            return "BOOLEAN"
        case int():
            if not -_LONG <= value < _LONG:
                raise refused("schema_of_json of a whole number beyond BIGINT is not taken.")
            return "BIGINT"
        case float():
            return "DOUBLE"
        case list():
            element: _Shape = _NULL
            for item in value:
                element = _joined(element, _shape(item))
            return [element]
        case dict():
            return {name: _shape(item) for name, item in value.items()}
        case _:
            return "STRING"


def _joined(one: _Shape, other: _Shape) -> _Shape:
    """The type that has the values of both; a text where there is no other."""
    if one == _NULL:
        return other
    if other == _NULL:
        return one
    if one == other:
        return one
    if isinstance(one, list) and isinstance(other, list):
        return [_joined(one[0], other[0])]
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {name: _joined(one.get(name, _NULL), shape) for name, shape in other.items()}
    numbers = ("BIGINT", "DOUBLE")
    return "DOUBLE" if one in numbers and other in numbers else "STRING"


def _written(shape: _Shape) -> str:
    match shape:
        case list():
            return f"ARRAY<{_written(shape[0])}>"
        case dict():
            fields = (f"{_name(name)}: {_written(shape[name])}" for name in sorted(shape))
            return f"STRUCT<{', '.join(fields)}>"
        case _:
            return "STRING" if shape == _NULL else shape


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else f"`{name.replace('`', '``')}`"


MEANINGS: tuple[Meaning, ...] = (
    ruled("schema_of_json", _schema_of_json, example='schema_of_json(\'[{"a":1},{"a":1.5}]\')', gives="ARRAY<STRUCT<a: DOUBLE>>"),
)
