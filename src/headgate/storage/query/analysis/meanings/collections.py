"""Arrays, maps, structs and lambdas."""

from sqlglot import exp

from headgate.catalog.types import Array, Field, Map, Structure
from headgate.storage.query.analysis import casts, kinds
from headgate.storage.query.analysis.call import FunctionCall
from headgate.storage.query.analysis.meaning import Meaning, form, ruled, scalar
from headgate.storage.query.analysis.meanings.lambdas import VARIABLE, array_of, body_of, function, map_of, shown, variable
from headgate.storage.query.analysis.value import Value, mismatch, refused
from headgate.storage.query.duckdb_text import literal


def _transform(call: FunctionCall) -> Value:
    call.counted(2)
    kind = array_of(call, 0)
    item, place = variable(call, "x"), variable(call, "i")
    body, names = body_of(call, 1, (item, kind.element), (f"CAST({place} - 1 AS INTEGER)", kinds.INT))
    variables = f"{item}, {place}" if len(names) > 1 else item
    return Value(
        text=f"list_transform({call.value(0).text}, lambda {variables}: {body.text})", kind=Array(body.kind), name=shown(call, body, len(names))
    )


def _filter(call: FunctionCall) -> Value:
    call.counted(2)
    kind = array_of(call, 0)
    item, place = variable(call, "x"), variable(call, "i")
    body, names = body_of(call, 1, (item, kind.element), (f"CAST({place} - 1 AS INTEGER)", kinds.INT))
    variables = f"{item}, {place}" if len(names) > 1 else item
    condition = casts.implicit(body, kinds.BOOLEAN, call.name)
    return Value(text=f"list_filter({call.value(0).text}, lambda {variables}: {condition})", kind=kind, name=shown(call, body, len(names)))


def _condition(call: FunctionCall) -> tuple[str, str, Value, list[str]]:
    call.counted(2)
    kind = array_of(call, 0)
    item = variable(call, "x")
    body, names = body_of(call, 1, (item, kind.element))
    return item, casts.implicit(body, kinds.BOOLEAN, call.name), body, names


def _exists(call: FunctionCall) -> Value:
    """NULL where no element holds and one is unknown."""
    item, condition, body, names = _condition(call)
    text = f"list_bool_or(list_transform({call.value(0).text}, lambda {item}: {condition}))"
    array = call.value(0).text
    return Value(text=f"(CASE WHEN len({array}) = 0 THEN false WHEN {text} THEN true "
                      f"WHEN len(list_filter({array}, lambda {item}: ({condition}) IS NULL)) > 0 THEN NULL WHEN {array} IS NOT NULL THEN false END)",
                 kind=kinds.BOOLEAN, name=shown(call, body, len(names)))  # fmt: skip


def _forall(call: FunctionCall) -> Value:
    item, condition, body, names = _condition(call)
    array = call.value(0).text
    fails, unknown = (f"list_filter({array}, lambda {item}: {test})" for test in (f"NOT ({condition})", f"({condition}) IS NULL"))
    text = f"(CASE WHEN len({fails}) > 0 THEN false WHEN len({unknown}) > 0 THEN NULL WHEN {array} IS NOT NULL THEN true END)"
    return Value(text=text, kind=kinds.BOOLEAN, name=shown(call, body, len(names)))


def _aggregate(call: FunctionCall) -> Value:
    """`aggregate(array, start, (sum, x) -> …, sum -> …)`."""
    call.counted(3, 4)
    kind = array_of(call, 0)
    start = call.value(1)
    total, item = variable(call, "s"), variable(call, "x")
    body, _ = body_of(call, 2, (total, start.kind), (item, kind.element))
    if body.kind != start.kind:
        raise mismatch(f"The lambda of {call.name} gives {kinds.sql(body.kind)}, and the start is {kinds.sql(start.kind)}: cast the start.")
    array = call.value(0).text
    reduced = f"list_reduce({array}, lambda {total}, {item}: {body.text}, {start.text})"
    result = f"(CASE WHEN {array} IS NULL THEN NULL WHEN len({array}) = 0 THEN {start.text} ELSE {reduced} END)"
    name = f"{call.name}({call.value(0).name}, {start.name}, {function(body, 2)}"
    if len(call) == 3:
        return call.gives(result, start.kind, f"{name}, lambdafunction({VARIABLE}, {VARIABLE}))")
    finish, _ = body_of(call, 3, (f"({result})", start.kind))
    return call.gives(finish.text, finish.kind, f"{name}, {function(finish, 1)})")


def _struct(call: FunctionCall) -> Value:
    """`struct(a, b + 1 AS c)`: fields have their columns' names, or `col1`, `col2`."""
    fields, texts, names = [], [], []
    for place, tree in enumerate(call.arguments, start=1):
        inner = tree.this if isinstance(tree, exp.Alias) else tree
        value = call.analyse(inner, call.scope)
        named = isinstance(tree, exp.Alias)
        name = tree.alias if named else inner.name if isinstance(inner, (exp.Column, exp.Dot, exp.Identifier)) else f"col{place}"
        names.append(f"{value.name} AS {name}" if named else value.name)
        fields.append(Field(name, value.kind))
        texts.append(value.text)
    return _packed(fields, texts, f"struct({', '.join(names)})")


def _named_struct(call: FunctionCall) -> Value:
    if not len(call) or len(call) % 2:
        raise refused("named_struct takes names and values by turns.", "WRONG_NUM_ARGS")
    names = [call.constant(place, "A name") for place in range(0, len(call), 2)]
    values = [call.value(place) for place in range(1, len(call), 2)]
    fields = [Field(name, value.kind) for name, value in zip(names, values, strict=True)]
    return _packed(fields, [value.text for value in values], call.title)


def _packed(fields: list[Field], texts: list[str], name: str) -> Value:
    if len({field.name.lower() for field in fields}) < len(fields):
        raise refused("A struct whose fields have one name twice is not taken.")
    inner = ", ".join(f"{literal(field.name)}: {text}" for field, text in zip(fields, texts, strict=True))
    return Value(text=f"{{{inner}}}", kind=Structure(tuple(fields)), name=name)


def _map(call: FunctionCall) -> Value:
    """`map(key, value, …)`. A key twice is an error."""
    if not len(call):
        return call.gives("MAP {}", Map(kinds.VOID, kinds.VOID))
    if len(call) % 2:
        raise refused("map takes keys and values by turns.", "WRONG_NUM_ARGS")
    keys, values = call.values[::2], call.values[1::2]
    key, value = kinds.common_of(one.kind for one in keys), kinds.common_of(one.kind for one in values)
    if key is None or value is None:
        raise mismatch("The keys, or the values, of a map have no type in common.")
    listed = ", ".join(casts.implicit(one, key, "map") for one in keys)
    held = ", ".join(casts.implicit(one, value, "map") for one in values)
    return call.gives(f"map([{listed}], [{held}])", Map(key, value))


def _size(call: FunctionCall) -> Value:
    call.counted(1)
    value = call.value(0)
    function = "cardinality" if isinstance(value.kind, Map) else "len"
    if value.kind == kinds.VOID:
        return call.gives("CAST(NULL AS INTEGER)", kinds.INT)
    if not isinstance(value.kind, (Map, Array)):
        raise mismatch(f"{call.name} takes an ARRAY or a MAP, not {kinds.sql(value.kind)}.")
    text = f"CAST({function}({value.text}) AS INTEGER)"
    return call.gives(text, kinds.INT)


def _element_at(call: FunctionCall) -> Value:
    """Of an array, counted from 1 or from the end; of a map by key. `try_element_at` gives NULL beyond the end."""
    call.counted(2)
    value = call.value(0)
    match value.kind:
        case Array(element):
            function = "databricks_element_at" if call.name == "element_at" else "databricks_try_element_at"
            return call.gives(f"{function}({value.text}, {call.cast(1, kinds.INT)})", element)
        case Map(kinds.VOID, item):
            return call.gives(f"CAST(NULL AS {kinds.duckdb(item)})", item)
        case Map(key, item):
            return call.gives(f"element_at({value.text}, {call.cast(1, key)})[1]", item)
        case _:
            raise mismatch(f"{call.name} takes an ARRAY or a MAP, not {kinds.sql(value.kind)}.")


def _get(call: FunctionCall) -> Value:
    call.counted(2)
    return call.gives(f"databricks_get({call.value(0).text}, {call.cast(1, kinds.INT)})", array_of(call, 0).element)


def _contains(call: FunctionCall) -> Value:
    """NULL where no element is equal and one is NULL."""
    call.counted(2)
    array, value = call.value(0), call.value(1)
    element = array_of(call, 0).element
    kind = kinds.common(element, value.kind)
    mixed = kinds.STRING in {element, value.kind} and element not in {value.kind, kinds.VOID}
    if value.kind == kinds.VOID or kind is None or mixed:
        raise mismatch(f"array_contains takes a value of the type of the elements, {kinds.sql(element)}, and not {kinds.sql(value.kind)}.")
    return call.gives(f"databricks_array_contains({casts.implicit(array, Array(kind), call.name)}, {call.cast(1, kind)})", kinds.BOOLEAN)


def _slice(call: FunctionCall) -> Value:
    call.counted(3)
    kind = array_of(call, 0)
    return call.gives(f"databricks_slice({call.value(0).text}, {call.cast(1, kinds.INT)}, {call.cast(2, kinds.INT)})", kind)


def _flatten(call: FunctionCall) -> Value:
    call.counted(1)
    kind = array_of(call, 0)
    if not isinstance(kind.element, Array):
        raise mismatch("flatten takes an ARRAY of ARRAYs.")
    array = call.value(0).text
    return call.gives(f"(CASE WHEN NOT list_contains(list_transform({array}, lambda f: f IS NULL), true) THEN flatten({array}) END)", kind.element)


def _entries(call: FunctionCall) -> Value:
    call.counted(1)
    kind = map_of(call, 0)
    return call.gives(f"map_entries({call.value(0).text})", Array(Structure((Field("key", kind.key), Field("value", kind.value)))))


def _contains_key(call: FunctionCall) -> Value:
    call.counted(2)
    key = map_of(call, 0).key
    if call.value(1).kind == kinds.VOID:
        raise mismatch(f"The key of {call.name} is NULL.")
    if key == kinds.VOID:
        return call.gives("false", kinds.BOOLEAN)
    return call.gives(f"map_contains({call.value(0).text}, {call.cast(1, key)})", kinds.BOOLEAN)


def _map_filter(call: FunctionCall) -> Value:
    call.counted(2)
    kind = map_of(call, 0)
    entry = variable(call, "e")
    body, names = body_of(call, 1, (f"{entry}.key", kind.key), (f"{entry}.value", kind.value))
    condition = casts.implicit(body, kinds.BOOLEAN, call.name)
    text = f"map_from_entries(list_filter(map_entries({call.value(0).text}), lambda {entry}: {condition}))"
    return Value(text=text, kind=kind, name=shown(call, body, len(names)))


def _from_entries(call: FunctionCall) -> Value:
    call.counted(1)
    kind = array_of(call, 0).element
    if not isinstance(kind, Structure) or len(kind.fields) != 2:
        raise mismatch("map_from_entries takes an ARRAY of STRUCTs of a key and a value.")
    return call.gives(f"map_from_entries({call.value(0).text})", Map(kind.fields[0].type, kind.fields[1].type))


MEANINGS: tuple[Meaning, ...] = (
    scalar("array", form("T... -> array<T>", "[$*]"), form("-> array<void>", "[]"), example="array(1, 2)", gives="[1,2]"),
    ruled("struct", _struct, example="struct(1 AS a)", gives='{"a":1}'),
    ruled("named_struct", _named_struct, example="named_struct('a', 1)", gives='{"a":1}'),
    ruled("map", _map, example="map('a', 1)", gives='{"a":1}'),
    ruled("size cardinality", _size, example="size(array(1, 2))", gives="2"),
    scalar("array_size", form("array<T> -> int", "CAST(len($1) AS INTEGER)"), example="array_size(array(1, 2))", gives="2"),
    ruled("element_at try_element_at", _element_at, example="element_at(array(1, 2), -1)", gives="2"),
    ruled("get", _get, example="get(array(1, 2), 0)", gives="1"),
    ruled("transform", _transform, example="transform(array(10, 20), (x, i) -> i)", gives="[0,1]"),
    ruled("filter", _filter, example="filter(array(1, 2, 3), x -> x > 1)", gives="[2,3]"),
    ruled("exists any_match", _exists, example="exists(array(1, 2), x -> x > 1)", gives="true"),
    ruled("forall", _forall, example="forall(array(1, 2), x -> x > 1)", gives="false"),
    ruled("aggregate reduce", _aggregate, example="aggregate(array(1, 2), 0, (s, x) -> s + x)", gives="3"),
    ruled("array_contains", _contains, example="array_contains(array(1, 2), 2)", gives="true"),
    scalar(
        "array_join",
        form("array<string>, string -> string", "array_to_string($1, $2)"),
        form("array<string>, string, string -> string", "array_to_string(list_transform($1, lambda w: coalesce(w, $3)), $2)"),
        example="array_join(array('a', NULL, 'b'), ',')",
        gives="a,b",
    ),
    scalar(
        "array_compact",
        form("array<T> -> array<T>", "list_filter($1, lambda x: x IS NOT NULL)"),
        example="array_compact(array(1, NULL))",
        gives="[1]",
    ),
    scalar(
        "array_append",
        form("array<T>, T -> array<T>", "(CASE WHEN $1 IS NOT NULL THEN list_append($1, $2) END)"),
        example="array_append(array(1), 2)",
        gives="[1,2]",
    ),
    scalar(
        "array_prepend",
        form("array<T>, T -> array<T>", "(CASE WHEN $1 IS NOT NULL THEN list_prepend($2, $1) END)"),
        example="array_prepend(array(1), 2)",
        gives="[2,1]",
    ),
    scalar(
        "array_position",
        form("array<T>, T -> bigint", "(CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN coalesce(CAST(list_position($1, $2) AS BIGINT), 0) END)"),
        example="array_position(array(3, 2, 1), 1)",
        gives="3",
    ),
    scalar(
        "array_remove",
        form("array<T>, T -> array<T>", "(CASE WHEN $2 IS NOT NULL THEN list_filter($1, lambda w: w IS DISTINCT FROM $2) END)"),
        example="array_remove(array(1, 2), 1)",
        gives="[2]",
    ),
    scalar(
        "array_repeat",
        form("T, int -> array<T>", "(CASE WHEN $2 IS NOT NULL THEN list_transform(range(greatest($2, 0)), lambda w: $1) END)"),
        example="array_repeat('x', 2)",
        gives='["x","x"]',
    ),
    ruled("slice", _slice, example="slice(array(1, 2, 3, 4), 2, 2)", gives="[2,3]"),
    ruled("flatten", _flatten, example="flatten(array(array(1), array(2)))", gives="[1,2]"),
    ruled("map_entries", _entries, example="map_entries(map(1, 'a'))", gives='[{"key":1,"value":"a"}]'),
    scalar("map_keys", form("map<K, V> -> array<K>", "map_keys($1)"), example="map_keys(map(1, 'a'))", gives="[1]"),
    scalar("map_values", form("map<K, V> -> array<V>", "map_values($1)"), example="map_values(map(1, 'a'))", gives='["a"]'),
    ruled("map_contains_key", _contains_key, example="map_contains_key(map(1, 'a'), 1)", gives="true"),
    scalar(
        "map_from_arrays",
        form("array<K>, array<V> -> map<K, V>", "map($1, $2)"),
        example="map_from_arrays(array(1), array('a'))",
        gives='{"1":"a"}',
    ),
    ruled("map_from_entries", _from_entries, example="map_from_entries(array(struct(1, 'a')))", gives='{"1":"a"}'),
    ruled("map_filter", _map_filter, example="map_filter(map(1, 0, 2, 2), (k, v) -> k > v)", gives='{"1":0}'),
)
