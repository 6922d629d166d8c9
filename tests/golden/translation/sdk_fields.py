"""Every field that the types of a client's SDK know, one at a time: a request that has it beside what must be there, and the same request without it.

The fields come from the JSON Schema of the SDK's own types, so a new release of an SDK brings its new fields along. Texts are marks that are found again.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter

from tests.fakes import sdk_requests

Json = Any
Place = Callable[[Json], dict[str, Json]]
_OPERATIONS: Final = {"anthropic": "messages", "openai_chat": "chat", "openai_responses": "responses", "gemini": "generateContent"}
_SCHEMA: Final = {"type": "object", "properties": {"city": {"type": "string", "description": "{mark}"}}, "required": ["city"]}
_DEPTH_MAX: Final = 24
ABSENT: Final = object()

# Values of members that cannot be any text, by the ends of their paths: the longest that fits counts.
_VALUES: Final[Mapping[str, Json]] = {
    "model": "m",
    "file_data": "data:application/pdf;base64,{mark}",
    "image_url": "data:image/png;base64,{mark}",
    "image_url.url": "data:image/png;base64,{mark}",
    "allowedFunctionNames": "get_weather",
    "url": "https://example.com/{mark}",
    "input_schema": _SCHEMA,
    "parameters": _SCHEMA,
    "parametersJsonSchema": _SCHEMA,
    "schema": _SCHEMA,
    "properties": {"city": {"type": "string", "description": "{mark}"}},
    "responseJsonSchema": _SCHEMA,
    "output_schema": _SCHEMA,
    "arguments": '{"city":"{mark}"}',
    "call_id": "call_1",
    "tool_use_id": "call_1",
    "tool_call_id": "call_1",
    "tool_choice<allowed_tools>.tools": {"type": "function", "name": "get_weather"},
    "max_tokens": 9000,
    "budget_tokens": 5000,
    "mimeType": "image/png",
    "source.text.media_type": "text/plain",
}

# What an object must have to say something although its type does not ask for it, by its name; and what a member says something beside.
_WITH: Final[Mapping[str, Json]] = {"json_schema": {"schema": {"type": "object"}}}
_INLINE: Final = {"inlineData": {"mimeType": "image/png", "data": "aGVsbG8="}}
_BESIDE: Final[Mapping[str, Json]] = {
    "thought": {"text": "a thought"},
    "thoughtSignature": {"text": "a text"},
    "partMetadata": {"text": "a text"},
    "mediaResolution": _INLINE,
    "videoMetadata": _INLINE,
}


class Field(NamedTuple):
    """One field. `kinds` are the types of the objects that it is in, and the names of its members: a loss of one of them is a loss of the field."""

    path: str
    mark: str  # in the value; empty where it has no text of its own
    body: dict[str, Json]
    without: dict[str, Json] | None  # `None` where the field must be there
    kinds: tuple[str, ...]


def fields(dialect: str, frames: Mapping[str, Callable[[Json], Json]]) -> tuple[Field, ...]:
    """The fields of a dialect's requests. `frames` put an element of a list into a request that makes sense, by the list's path."""
    return tuple(_Walk(_schema(dialect), frames).all())


@cache
def _schema(dialect: str) -> Json:
    return TypeAdapter(sdk_requests.TYPES[_OPERATIONS[dialect]]).json_schema()


class _Walk:
    """Goes through one schema."""

    def __init__(self, schema: Json, frames: Mapping[str, Callable[[Json], Json]]) -> None:
        self._defs = schema.get("$defs", {})
        self._root = self._resolved(schema["anyOf"][0] if "anyOf" in schema else schema)
        self._frames = frames
        self._marks = 0

    def all(self) -> Iterator[Field]:
        """Every field."""
        base = self._frames[""](None)
        for name, schema in self._root["properties"].items():
            yield from self._member(schema, name, lambda value, name=name: _put(base, name, value), (name,), (), required=name in base)

    def _member(self, schema: Json, path: str, place: Place, kinds: tuple[str, ...], refs: tuple[str, ...], *, required: bool) -> Iterator[Field]:
        if path in self._frames:
            frame = self._frames[path]
            place = lambda value, place=place: place(frame(value))
            schema = next(each for each in self._branches(schema) if each.get("type") == "array")["items"]
            path += "[]"
            without = self._frames[""](None)
        else:
            without = None if required else place(ABSENT)
        for branch in self._branches(schema):
            yield from self._branch(branch, path, place, kinds, refs, without)

    def _branch(self, schema: Json, path: str, place: Place, kinds: tuple[str, ...], refs: tuple[str, ...], without: Json) -> Iterator[Field]:
        ref = schema.get("$ref", "")
        if (ref in refs and ref) or len(refs) > _DEPTH_MAX:
            return
        refs = (*refs, ref) if ref else refs
        schema = self._resolved(schema)
        if "anyOf" in schema:
            for branch in self._branches(schema):
                yield from self._branch(branch, path, place, kinds, refs, without)
        elif schema.get("type") == "object" and schema.get("properties"):
            yield from self._object(schema, path, place, kinds, refs, without)
        elif schema.get("type") == "array":
            yield from self._array(schema, path, place, kinds, refs, without)
        elif "const" in schema:
            if not path.endswith((".type", ".role")):
                yield Field(f"{path}={schema['const']}", "", place(schema["const"]), without, kinds)
        else:
            yield from self._plain(schema, path, place, kinds, without)

    def _plain(self, schema: Json, path: str, place: Place, kinds: tuple[str, ...], without: Json) -> Iterator[Field]:
        """A value without members. One that must be there is compared with another one."""
        values = schema.get("enum") or ([True, False] if schema.get("type") == "boolean" else [self._leaf(schema, path)])
        for at, value in enumerate(values):
            other = without
            if other is None and len(values) > 1:
                other = place(values[at - 1])
            elif other is None and isinstance(value, int):
                other = place(value * 10)
            yield Field(f"{path}={value}" if len(values) > 1 else path, _mark_in(value), place(value), other, kinds)

    def _object(self, schema: Json, path: str, place: Place, kinds: tuple[str, ...], refs: tuple[str, ...], without: Json) -> Iterator[Field]:
        own = _word(self, schema)
        path, kinds = f"{path}<{own}>" if own else path, (*kinds, own) if own else kinds
        least = self._least(schema, path, ())
        required = schema.get("required", ())
        if without is not None and least and {"type", "role"}.issuperset(required):
            yield Field(path, "", place(least), without, kinds)
        for name, member in schema["properties"].items():
            beside = _BESIDE.get(name, {}) if name not in least else {}
            put = lambda value, name=name, beside=beside: place(_put({**least, **beside}, name, value))
            yield from self._member(member, f"{path}.{name}", put, (*kinds, name), refs, required=name in required)

    def _array(self, schema: Json, path: str, place: Place, kinds: tuple[str, ...], refs: tuple[str, ...], without: Json) -> Iterator[Field]:
        for branch in self._branches(schema["items"]):
            yield from self._branch(branch, f"{path}[]", lambda value: place([value]), kinds, refs, place([]))

    def _least(self, schema: Json, path: str, refs: tuple[str, ...]) -> Json:
        """The smallest value."""
        ref = schema.get("$ref", "")
        refs = (*refs, ref) if ref else refs
        schema = self._resolved(schema)
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        if "anyOf" in schema:
            branches = self._branches(schema)
            return self._least(next((each for each in branches if each.get("$ref", "-") not in refs), branches[0]), path, refs)
        if schema.get("type") == "object" and schema.get("properties"):
            names = schema.get("required", ())
            return {name: self._least(schema["properties"][name], f"{path}.{name}", refs) for name in names} | _WITH.get(path.rpartition(".")[2], {})
        if schema.get("type") == "array":
            return [self._least(schema["items"], f"{path}[]", refs)]
        return True if schema.get("type") == "boolean" else self._leaf(schema, path)

    def _leaf(self, schema: Json, path: str) -> Json:
        plain = path.replace("[]", "").rstrip(">")
        found = max((end for end in _VALUES if plain == end or plain.endswith(f".{end}")), key=len, default=None)
        kind = schema.get("type")
        value = _VALUES.get(found or "")
        if isinstance(value, str) and kind in {None, "string"}:
            return value.replace("{mark}", self._mark())
        if isinstance(value, dict) and kind in {None, "object"}:
            return json.loads(json.dumps(value).replace("{mark}", self._mark()))
        if isinstance(value, int) and kind == "integer":
            return value
        match kind:
            case "integer":
                return 7
            case "number":
                return 0.25
            case "object":
                return {"key": self._mark()}
        return self._mark()

    def _mark(self) -> str:
        self._marks += 1
        return f"mark{self._marks:06}xA"  # base64 too

    def _branches(self, schema: Json) -> list[Json]:
        resolved = self._resolved(schema) if "anyOf" in self._resolved(schema) else schema
        return [each for each in resolved.get("anyOf", [schema]) if each.get("type") != "null"]

    def _resolved(self, schema: Json) -> Json:
        return self._defs[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _word(walk: _Walk, schema: Json) -> str:
    """What an object says that it is: its `type`, else its `role`; empty where it says neither."""
    for name in ("type", "role"):
        member = walk._resolved(schema["properties"].get(name, {}))
        if "const" in member:
            return str(member["const"])
        if "enum" in member and name in schema.get("required", ()):
            return str(member["enum"][0])
    return ""


def _mark_in(value: Json) -> str:
    found = re.search(r"mark[0-9]{6}xA", value if isinstance(value, str) else str(value))
    return found[0] if found else ""


def _put(base: Mapping[str, Json], name: str, value: Json) -> dict[str, Json]:
    return {key: each for key, each in {**base, name: value}.items() if each is not ABSENT}
