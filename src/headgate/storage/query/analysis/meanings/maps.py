"""Functions that make maps of maps, and a map of a text."""

from headgate.catalog.types import Map, Type
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, ruled
from headgate.storage.query.analysis.meanings.lambdas import body_of_all, map_of, shown, variable
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal

_OF_PATTERNS = frozenset("\\^$.|?*+()[]{}")


def _joined(call: FunctionCall, one: Type, other: Type) -> Type:
    """The type that keys, or values, of two maps have in common: a text and a number have none."""
    joined = kinds.common(one, other)
    mixed = one != other and kinds.STRING in {one, other} and kinds.VOID not in {one, other}
    if joined is None or mixed:
        raise mismatch(f"The maps of {call.name} have no type in common.")
    return joined


def _concat(call: FunctionCall) -> Value:
    """A key that is in two of the maps is an error."""
    if not len(call):
        return call.gives("MAP {}", Map(kinds.STRING, kinds.STRING))
    kind = map_of(call, 0)
    for place in range(1, len(call)):
        other = map_of(call, place)
        kind = Map(_joined(call, kind.key, other.key), _joined(call, kind.value, other.value))
    texts = [casts.cast(value.text, value.kind, kind) for value in call.values]
    if len(texts) == 1:
        return call.gives(texts[0], kind)
    there = " AND ".join(f"{text} IS NOT NULL" for text in texts)
    entries = f"list_concat({', '.join(f'map_entries({text})' for text in texts)})"
    return call.gives(f"(CASE WHEN {there} THEN map_from_entries({entries}) END)", kind)


def _transform(call: FunctionCall) -> Value:
    """`transform_keys(map, (k, v) -> …)` and `transform_values`."""
    call.counted(2)
    kind = map_of(call, 0)
    entry = variable(call, "e")
    body = body_of_all(call, 1, (f"({entry}.key)", kind.key), (f"({entry}.value)", kind.value))
    text = call.value(0).text
    made = f"list_transform(map_entries({text}), lambda {entry}: {body.text})"
    if call.name == "transform_keys":
        return Value(text=_map(text, made, f"map_values({text})"), kind=Map(body.kind, kind.value), name=shown(call, body, 2))
    return Value(text=_map(text, f"map_keys({text})", made), kind=Map(kind.key, body.kind), name=shown(call, body, 2))


def _map(given: str, keys: str, values: str) -> str:
    return f"(CASE WHEN {given} IS NOT NULL THEN map({keys}, {values}) END)"


def _zip_with(call: FunctionCall) -> Value:
    """`map_zip_with(a, b, (k, x, y) -> …)` over the keys of both, first those of the first; NULL for a value that is not there."""
    call.counted(3)
    one, other = map_of(call, 0), map_of(call, 1)
    key = _joined(call, one.key, other.key)
    first = casts.cast(call.value(0).text, one, Map(key, one.value))
    second = casts.cast(call.value(1).text, other, Map(key, other.value))
    item = variable(call, "k")
    body = body_of_all(call, 2, (item, key), (f"(element_at({first}, {item})[1])", one.value), (f"(element_at({second}, {item})[1])", other.value))
    keys = f"databricks_joined_keys({first}, {second})"
    made = f"(CASE WHEN {first} IS NOT NULL AND {second} IS NOT NULL THEN map({keys}, list_transform({keys}, lambda {item}: {body.text})) END)"
    return Value(text=made, kind=Map(key, body.kind), name=shown(call, body, 3))


def _of_text(call: FunctionCall) -> Value:
    """`str_to_map('a=1;b=2', ';', '=')`, by plain separators."""
    call.counted(1, 3)
    pairs = _separator(call, 1) if len(call) > 1 else ","
    inside = _separator(call, 2) if len(call) > 2 else ":"
    text = f"databricks_str_to_map(string_split({call.cast(0, kinds.STRING)}, {literal(pairs)}), {literal(inside)})"
    return call.gives_more(text, Map(kinds.STRING, kinds.STRING), *([",", ":"], [":"], [])[len(call) - 1])


def _separator(call: FunctionCall, place: int) -> str:
    """The plain text that a separator is. It is a pattern, in which a backslash makes a character plain."""
    pattern = call.constant(place, "The separator")
    if len(pattern) == 2 and pattern[0] == "\\" and pattern[1] in _OF_PATTERNS:
        return pattern[1]
    if not pattern or set(pattern) & _OF_PATTERNS:
        raise refused(f"str_to_map by the pattern {pattern[:80]!r} is not taken: separators are plain texts.")
    return pattern


MEANINGS: tuple[Meaning, ...] = (
    ruled("map_concat", _concat, example="map_concat(map(1, 'a'), map(2, 'b'))", gives='{"1":"a","2":"b"}'),
    ruled("transform_keys", _transform, example="transform_keys(map(1, 'a'), (k, v) -> k + 1)", gives='{"2":"a"}'),
    ruled("transform_values", _transform, example="transform_values(map(1, 'a'), (k, v) -> v || k)", gives='{"1":"a1"}'),
    ruled("map_zip_with", _zip_with, example="map_zip_with(map(1, 'a'), map(1, 'b'), (k, x, y) -> x || y)", gives='{"1":"ab"}'),
    ruled("str_to_map", _of_text, example="str_to_map('a=1;b=2', ';', '=')", gives='{"a":"1","b":"2"}'),
)
