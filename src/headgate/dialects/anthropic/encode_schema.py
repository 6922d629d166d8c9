"""JSON Schemas of tools as Anthropic takes them: the root must be an object, and has no `anyOf`, `oneOf` or `allOf`.

https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use. The arguments keep their form: an alternative at the root becomes one
object with the properties of all.
"""

from collections.abc import Sequence

import msgspec

from headgate.core.loss import Loss

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_NAMES = msgspec.json.Decoder(list[str])
_TEXT = msgspec.json.Decoder(str)
_EITHER = ("anyOf", "oneOf")
_COMBINED = (*_EITHER, "allOf")
_MERGED = frozenset({*_COMBINED, "type", "properties", "required"})
_DEPTH_MAX = 8

Members = dict[str, msgspec.Raw]
JsonObject = dict[str, object]


def input_schema(schema: msgspec.Raw | None, losses: list[Loss]) -> msgspec.Raw | JsonObject:
    """The schema of a tool's input. One that is an object is written as it is."""
    members = _members(schema)
    if members is None:
        return {"type": "object", "properties": {}}
    kind = _kind(members)
    if kind not in {"", "object"}:
        losses.append(Loss("input_schema", f"A tool's input must be an object: the {kind} is its member `value`."))
        return {"type": "object", "properties": {"value": members}, "required": ["value"]}
    if any(name in members for name in _COMBINED):
        if any(len(_branches(members.get(name))) > 1 for name in _EITHER):
            losses.append(Loss("input_schema", "Anthropic takes no alternatives at the root: they are one object with the properties of all."))
        return _merged(members, 0)
    return msgspec.Raw(bytes(schema or b"")) if kind else {"type": "object", **members}


def _members(schema: msgspec.Raw | None) -> Members | None:
    try:
        return None if schema is None else _OBJECT.decode(schema)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _kind(members: Members) -> str:
    """The type of a schema; an object where it may be one."""
    raw = members.get("type")
    if raw is None:
        return ""
    try:
        return _TEXT.decode(raw)
    except msgspec.MsgspecError:
        return "object"


def _merged(members: Members, depth: int) -> JsonObject:
    """One object schema with the properties of all alternatives. Required is what each of them requires."""
    properties: dict[str, object] = dict(_members(members.get("properties")) or {})
    required = dict.fromkeys(_required(members))
    for name in _COMBINED:
        branches = [_branch(branch, depth) for branch in _branches(members.get(name))]
        for branch in branches:
            for key, value in _objects(branch.get("properties")).items():
                properties.setdefault(key, value)
        needed = [_strings(branch.get("required")) for branch in branches]
        shared = _all(needed) if name in _EITHER else [each for names in needed for each in names]
        required.update(dict.fromkeys(shared))
    kept: JsonObject = {name: raw for name, raw in members.items() if name not in _MERGED}
    return {"type": "object", **kept, "properties": properties, **({"required": list(required)} if required else {})}


def _branch(raw: msgspec.Raw, depth: int) -> JsonObject:
    members = _members(raw)
    if members is None or depth >= _DEPTH_MAX:
        return {}
    return _merged(members, depth + 1)


def _branches(raw: msgspec.Raw | None) -> list[msgspec.Raw]:
    try:
        return [] if raw is None else _LIST.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return []


def _required(members: Members) -> list[str]:
    try:
        return _NAMES.decode(members["required"]) if "required" in members else []
    except (msgspec.MsgspecError, RecursionError):
        return []


def _all(needed: Sequence[Sequence[str]]) -> list[str]:
    """What is in every one of the lists."""
    if not needed:
        return []
    shared = set(needed[0]).intersection(*needed[1:])
    return [name for name in needed[0] if name in shared]


def _objects(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
