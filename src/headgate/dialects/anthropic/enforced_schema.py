"""JSON Schemas that Anthropic enforces, of answers and of strict tools, in the part of JSON Schema that it takes for that.

Every object is closed, and bounds of numbers, texts and lists are refused: https://platform.claude.com/docs/en/build-with-claude/structured-outputs, section
on limitations, seen 2026-11-30. What is refused moves into the description, where the model reads it.
"""

from collections.abc import Mapping

import msgspec

from headgate.core.loss import Loss

_REFUSED = frozenset({
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems", "uniqueItems", "contains",
    "minProperties", "maxProperties", "patternProperties", "propertyNames", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
})  # fmt: skip
_SCHEMAS_BY_NAME = frozenset({"properties", "$defs", "definitions"})
_SCHEMA_LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_DEPTH_MAX = 60
_CLOSED = "additionalProperties"

_ANY = msgspec.json.Decoder()


def answer_schema(schema: msgspec.Raw, losses: list[Loss]) -> msgspec.Raw | object:
    """The schema of an answer. One that Anthropic takes is written as it is."""
    found = _Enforced()
    made = found.schema(_decoded(schema), 0)
    if found.refused:
        losses.append(Loss("response_format", f"Anthropic does not enforce {', '.join(found.refused)}: the model reads it in a description."))
    return made if found.changed else schema


def is_enforced(schema: msgspec.Raw | None) -> bool:
    """Whether Anthropic takes the schema of a strict tool as it is."""
    found, whole = _Enforced(), _decoded(schema)
    found.schema(whole, 0)
    return isinstance(whole, dict) and not found.changed


def _decoded(schema: msgspec.Raw | None) -> object:
    try:
        return None if schema is None else _ANY.decode(schema)
    except (msgspec.MsgspecError, RecursionError):
        return None


class _Enforced:
    """Rewrites one schema, and notes what it could not keep."""

    def __init__(self) -> None:
        self.refused: dict[str, None] = {}
        self.changed = False

    def schema(self, node: object, depth: int) -> object:
        if not isinstance(node, dict) or depth > _DEPTH_MAX:
            return node
        left = {name: value for name, value in node.items() if self._is_refused(name, value)}
        made = {("anyOf" if name == "oneOf" else name): self._member(name, value, depth) for name, value in node.items() if name not in left}
        if "oneOf" in node:
            self.changed = True
        if left:
            self._describe(made, left)
        if (made.get("type") == "object" or "properties" in made) and made.get(_CLOSED) is not False:
            made[_CLOSED] = False
            self.changed = True
        return made

    def _is_refused(self, name: str, value: object) -> bool:
        if name == "minItems":
            return value not in {0, 1}
        return name in _REFUSED or (name == _CLOSED and value is not False)

    def _describe(self, made: dict[str, object], left: Mapping[str, object]) -> None:
        self.changed = True
        self.refused |= dict.fromkeys(left)
        limits = msgspec.json.encode(left).decode()
        said = made.get("description")
        made["description"] = f"{said}\n\n{limits}" if isinstance(said, str) and said else limits

    def _member(self, name: str, value: object, depth: int) -> object:
        if name in _SCHEMAS_BY_NAME and isinstance(value, dict):
            return {key: self.schema(each, depth + 1) for key, each in value.items()}
        if name in _SCHEMA_LISTS and isinstance(value, list):
            return [self.schema(each, depth + 1) for each in value]
        return self.schema(value, depth + 1) if name == "items" else value
