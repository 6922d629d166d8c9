"""JSON Schemas as Gemini takes them in `parametersJsonSchema` and `responseJsonSchema`: cleaned of what it does not know.

It knows the keywords that `types.GenerateContentConfig.response_json_schema` of the `google-genai` SDK 3.4 lists, and beside a `$ref` only those that
begin with `$`: what else is said there is said beside an `anyOf` of that reference alone. What can be said in these words is said in them; the rest is left
out and named. A schema that has nothing else stays byte for byte.
"""

from functools import lru_cache
from typing import Final

import msgspec

from headgate.dialects.lenient import decoded

KEPT: Final = frozenset({
    "$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items", "prefixItems", "minItems", "maxItems", "minimum",
    "maximum", "anyOf", "oneOf", "properties", "additionalProperties", "required", "propertyOrdering",
})  # fmt: skip
"""The keywords that Gemini knows."""

_SAID = frozenset({"const", "exclusiveMinimum", "exclusiveMaximum", "allOf", "definitions", "nullable"})  # in other words
_NOTES = frozenset({"$schema", "$comment", "deprecated", "readOnly", "writeOnly", "strict"})  # say nothing about a value
_LISTS = frozenset({"anyOf", "oneOf", "prefixItems"})
_BOUNDS = (("exclusiveMinimum", "minimum", 1, "greater"), ("exclusiveMaximum", "maximum", -1, "less"))
_DEPTH_MAX = 64
_KEPT_MAX, _KEPT_BYTES_MAX = 512, 16 << 10  # cleaned schemas that are kept, and the size of the largest
_ANY = msgspec.json.Decoder()

Schema = dict[str, object]


class Cleaned(msgspec.Struct, frozen=True):
    """A schema for Gemini, and the keywords that were left out of it."""

    schema: msgspec.Raw
    lost: tuple[str, ...] = ()


def cleaned(raw: msgspec.Raw) -> Cleaned:
    """A schema in the words that Gemini knows. Only for schemas: the arguments of a call look alike, and stay as they are.

    An agent sends the same tools with each turn, so what was cleaned is kept for the next one.
    """
    data = bytes(raw)
    return _clean_of(data) if len(data) <= _KEPT_BYTES_MAX else _clean(data)


@lru_cache(_KEPT_MAX)
def _clean_of(data: bytes) -> Cleaned:
    return _clean(data)


def _clean(data: bytes) -> Cleaned:
    schema = decoded(_ANY, data)
    if not isinstance(schema, dict):
        return Cleaned(msgspec.Raw(data))
    cleaner = _Cleaner()
    clean = cleaner.schema(schema, 0)
    if clean == schema:
        return Cleaned(msgspec.Raw(data))
    return Cleaned(msgspec.Raw(msgspec.json.encode(clean)), tuple(sorted(cleaner.lost)))


class _Cleaner:
    """Cleans one schema, and notes what it leaves out."""

    def __init__(self) -> None:
        self.lost: set[str] = set()

    def schema(self, value: object, depth: int) -> Schema:
        """A schema at any depth; `true` and whatever is no schema allow everything."""
        if not isinstance(value, dict) or depth > _DEPTH_MAX:
            return {}
        fields = _without_tuples(self._merged(dict(value), depth))
        if "$ref" in fields:
            fields = self._referring(fields)
        clean: Schema = {}
        for name, each in fields.items():
            said = self._keyword(name, each, depth)
            if said is not None:
                clean["$defs" if name == "definitions" else name] = said
        _say_const(fields, clean)
        _say_bounds(fields, clean)
        self._say_enum(clean)
        if fields.get("nullable") is True:
            _allow_null(clean)
        return clean

    def _keyword(self, name: str, value: object, depth: int) -> object:
        match name:
            case "properties" | "$defs" | "definitions":
                return {key: self.schema(each, depth + 1) for key, each in value.items()} if isinstance(value, dict) else None
            case "items":
                return self.schema(value, depth + 1)
            case "additionalProperties":
                return value if isinstance(value, bool) else self.schema(value, depth + 1)
            case "required":
                return [each for each in value if isinstance(each, str)] if isinstance(value, list) else None
        if name in _LISTS:
            return [self.schema(each, depth + 1) for each in value] if isinstance(value, list) else None
        if name in KEPT:
            return value
        if name not in _SAID and name not in _NOTES:
            self.lost.add(name)
        return None

    def _referring(self, fields: Schema) -> Schema:
        """A reference has no siblings but those that begin with `$`: with any other it becomes the only one of an `anyOf`, which means the same."""
        target = fields["$ref"]
        if not isinstance(target, str):
            self.lost.add("$ref")
            return {name: each for name, each in fields.items() if name != "$ref"}
        reference = target.replace("#/definitions/", "#/$defs/")
        beside = [name for name in fields if not name.startswith("$") and name != "definitions" and name not in _NOTES]
        if "anyOf" in beside:
            self.lost.update(beside)
            fields = {name: each for name, each in fields.items() if name not in beside}
        elif beside:
            return {("anyOf" if name == "$ref" else name): [{"$ref": reference}] if name == "$ref" else each for name, each in fields.items()}
        return {**fields, "$ref": reference}

    def _merged(self, fields: Schema, depth: int) -> Schema:
        """The schema with those of its `allOf` in it: what it says itself comes first, required members and properties are those of all."""
        every = fields.pop("allOf", None)
        joined: dict[str, Schema] = {}  # the members that grow
        for each in every if isinstance(every, list) else ():
            part = self._merged(dict(each), depth + 1) if isinstance(each, dict) and depth <= _DEPTH_MAX else {}
            for name, value in part.items():
                if name not in fields:
                    fields[name] = value
                elif not _joins(name, fields[name], value, joined) and fields[name] != value and name not in _NOTES:
                    self.lost.add(f"allOf.{name}")
        for name, members in joined.items():
            fields[name] = list(members) if name == "required" else members
        return fields

    def _say_enum(self, clean: Schema) -> None:
        """Values of an enumeration are strings, numbers or null; others are described by their type alone."""
        values = clean.get("enum")
        if values is not None and not (isinstance(values, list) and all(_is_listable(value) for value in values)):
            del clean["enum"]
            self.lost.add("enum")


def _joins(name: str, known: object, value: object, joined: dict[str, Schema]) -> bool:
    """Add what a part of an `allOf` has to a member that can hold that of all parts. What was there first stays."""
    if name == "required" and isinstance(known, list) and isinstance(value, list):
        known, value = _keys(known), _keys(value)
    elif not (name in {"properties", "$defs", "definitions"} and isinstance(known, dict) and isinstance(value, dict)):
        return False
    members = joined.get(name)
    if members is None:
        members = joined[name] = dict(known)
    for key, each in value.items():
        members.setdefault(key, each)
    return True


def _keys(names: list[object]) -> Schema:
    return {name: None for name in names if isinstance(name, str)}


def _without_tuples(fields: Schema) -> Schema:
    """A list of items, as the drafts before 2020-12 write it, is what `prefixItems` is now."""
    if not isinstance(fields.get("items"), list):
        return fields
    return {("prefixItems" if name == "items" else name): value for name, value in fields.items() if name != "prefixItems"}


def _allow_null(clean: Schema) -> None:
    kind, any_of = clean.get("type"), clean.get("anyOf")
    if isinstance(kind, str) and kind != "null":
        clean["type"] = [kind, "null"]
    elif isinstance(any_of, list) and {"type": "null"} not in any_of:
        clean["anyOf"] = [*any_of, {"type": "null"}]


def _is_listable(value: object) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _say_const(fields: Schema, clean: Schema) -> None:
    if "const" not in fields:
        return
    value = fields["const"]
    if _is_listable(value):
        clean["enum"] = [value]
    else:
        _describe(clean, f"Always {msgspec.json.encode(value).decode()}.")


def _say_bounds(fields: Schema, clean: Schema) -> None:
    """Bounds that a value must not reach: the next whole number, or the bound itself with a word about it."""
    for exclusive, inclusive, step, word in _BOUNDS:
        bound = fields.get(exclusive)
        if bound is True and inclusive in clean:  # as the drafts before 6 write it
            bound = clean[inclusive]
        if isinstance(bound, bool) or not isinstance(bound, int | float):
            continue
        if clean.get("type") == "integer" and isinstance(bound, int):
            clean[inclusive] = bound + step
        else:
            clean.setdefault(inclusive, bound)
            _describe(clean, f"Must be {word} than {bound}.")


def _describe(clean: Schema, note: str) -> None:
    said = clean.get("description")
    clean["description"] = f"{said} {note}" if isinstance(said, str) and said else note
