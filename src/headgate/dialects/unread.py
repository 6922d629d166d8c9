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


class _Inner(msgspec.Struct, frozen=True):
    """The structs that a member may be, or have a list of."""

    struct: type | None
    item: type | None


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
    kept: dict[str, msgspec.Raw] = {}
    for name, value in members.items():
        if name not in known:
            unread.setdefault(_named(kind, name), value)
            continue
        inner = known[name]
        kept[name] = value if inner is None else _inside(value, inner, _named(kind, name), unread)
    return msgspec.json.encode(kept)


def _inside(raw: msgspec.Raw, inner: _Inner, kind: str, unread: Unread) -> msgspec.Raw:
    written = bytes(raw)
    if inner.struct is not None and written.startswith(b"{"):
        return msgspec.Raw(pruned(raw, inner.struct, kind, unread))
    if inner.item is not None and written.startswith(b"["):
        items = [pruned(item, inner.item, kind, unread) for item in decoded(_LIST, raw) or ()]
        return msgspec.Raw(b"[" + b",".join(items) + b"]")
    return raw


def _named(kind: str, name: str) -> str:
    return f"{kind}.{name}" if kind else name


@cache
def _known(shape: type) -> Mapping[str, _Inner | None]:
    """The members of a struct, and the one that says its type, with the structs that are in them."""
    info = inspect.type_info(shape)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{shape} is no struct")
    tagged: dict[str, _Inner | None] = {info.tag_field: None} if info.tag_field else {}
    return tagged | {field.encode_name: _inner(field.type) for field in info.fields}


def _inner(shape: inspect.Type) -> _Inner | None:
    struct = item = None
    for each in shape.types if isinstance(shape, inspect.UnionType) else (shape,):
        if isinstance(each, inspect.StructType):
            struct = each.cls
        elif isinstance(each, inspect.ListType) and isinstance(each.item_type, inspect.StructType):
            item = each.item_type.cls
    return _Inner(struct, item) if struct or item else None
