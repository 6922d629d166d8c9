"""Members of a request that its decoder gives no place: found where a strict decoder refuses an object, and noted by name, so that each is reported.

Strict decoding costs nothing where every member is known. Only an object that has others is taken apart here.
"""

from collections.abc import Iterable, Mapping
from functools import cache

import msgspec
from msgspec import inspect

from headgate.dialects.lenient import decoded

Unread = dict[str, msgspec.Raw]
"""What was met and not read, by the kind of the object and the name of the member: `text.citations`."""

_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def note(unread: Unread, kind: str, members: Iterable[tuple[str, msgspec.Raw]]) -> None:
    """Note members of an object of this kind. The first value of each is kept."""
    for name, raw in members:
        unread.setdefault(_named(kind, name), raw)


def pruned(raw: msgspec.Raw | bytes, shape: type, kind: str, unread: Unread) -> bytes:
    """An object without the members that its struct, or one within it, does not have: these are noted. Anything else stays as it is."""
    members = decoded(_OBJECT, raw)
    if members is None:
        return bytes(raw)
    known = _known(shape)
    note(unread, kind, ((name, value) for name, value in members.items() if name not in known))
    kept = {name: _inside(value, known[name], _named(kind, name), unread) for name, value in members.items() if name in known}
    return msgspec.json.encode(kept)


def _named(kind: str, name: str) -> str:
    return f"{kind}.{name}" if kind else name


def _inside(raw: msgspec.Raw, shape: inspect.Type, kind: str, unread: Unread) -> msgspec.Raw:
    for each in shape.types if isinstance(shape, inspect.UnionType) else (shape,):
        if isinstance(each, inspect.StructType) and bytes(raw).startswith(b"{"):
            return msgspec.Raw(pruned(raw, each.cls, kind, unread))
        if isinstance(each, inspect.ListType) and isinstance(each.item_type, inspect.StructType) and bytes(raw).startswith(b"["):
            items = [pruned(item, each.item_type.cls, kind, unread) for item in decoded(_LIST, raw) or ()]
            return msgspec.Raw(b"[" + b",".join(items) + b"]")
    return raw


@cache
def _known(shape: type) -> Mapping[str, inspect.Type]:
    """The members of a struct, and the one that says its type."""
    info = inspect.type_info(shape)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{shape} is no struct")
    tagged = {info.tag_field: inspect.StrType()} if info.tag_field else {}
    return tagged | {field.encode_name: field.type for field in info.fields}
