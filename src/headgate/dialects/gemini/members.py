"""Members of Google's JSON as it may be written: names in camel case or in snake case, null for what is missing, one value in place of a list.

The first two are the rules of protocol buffers (https://protobuf.dev/programming-guides/json). Values stay undecoded until they are asked for.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from headgate.core.errors import BadRequest
from headgate.dialects.lenient import decoded
from headgate.dialects.unread import Unread, note

Members = Mapping[str, msgspec.Raw]

_ANY = msgspec.json.Decoder()
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_SNAKE = re.compile(r"_([a-z0-9])")


def camel(name: str) -> str:
    """A name in camel case, from either form."""
    return _SNAKE.sub(_upper, name) if "_" in name else name


def renamed(fields: Members) -> dict[str, msgspec.Raw]:
    """The members by their names in camel case, without those that are null."""
    return {camel(name): value for name, value in fields.items() if len(value) != 4 or bytes(value) != b"null"}


def members(raw: msgspec.Raw, where: str) -> dict[str, msgspec.Raw]:
    """The members of an object. Raises BadRequest for anything else."""
    found = decoded(_OBJECT, raw)
    if found is None:
        raise _refused(where, "an object")
    return renamed(found)


def elements(raw: msgspec.Raw | None, where: str) -> Sequence[msgspec.Raw]:
    """The elements of a list; an object counts as a list of one. Raises BadRequest for anything else."""
    if raw is None or bytes(raw) == b"null":
        return ()
    value = bytes(raw)
    if value.startswith(b"{"):
        return (raw,)
    found = decoded(_LIST, raw)
    if found is None:
        raise _refused(where, "a list")
    return found


def string(fields: Members, name: str, where: str) -> str:
    """A member that is a string; empty where it is missing. Raises BadRequest for anything else."""
    value = plain(fields, name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _refused(f"{where}.{name}", "a string")
    return value


def strings(fields: Members, name: str, where: str) -> tuple[str, ...]:
    """A member that is a list of strings. Raises BadRequest for anything else."""
    value = plain(fields, name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _refused(f"{where}.{name}", "a list of strings")
    return tuple(value)


def number(fields: Members, name: str, where: str) -> float | None:
    """A member that is a number, which may be written as a string. Raises BadRequest for anything else."""
    value = plain(fields, name)
    if isinstance(value, str):
        value = _number(value)
    if value is None and name not in fields:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"{where}.{name}", "a number")
    return value


def whole(fields: Members, name: str, where: str) -> int | None:
    """A member that is a whole number, which may be written as a string or as `40.0`. Raises BadRequest for anything else."""
    value = number(fields, name, where)
    if isinstance(value, float):
        if not value.is_integer():
            raise _refused(f"{where}.{name}", "a whole number")
        return int(value)
    return value


def flag(fields: Members, name: str, where: str) -> bool | None:
    """A member that is true or false; `None` where it is missing. Raises BadRequest for anything else."""
    value = plain(fields, name)
    if value is not None and not isinstance(value, bool):
        raise _refused(f"{where}.{name}", "true or false")
    return value


def plain(fields: Members, name: str) -> object:
    """A member's decoded value; `None` where it is missing."""
    raw = fields.get(name)
    return None if raw is None else decoded(_ANY, raw)


def note_others(unread: Unread, kind: str, fields: Members, read: frozenset[str]) -> None:
    """Note the members of an object of this kind that are not read, and so have no place."""
    if not fields.keys() <= read:
        note(unread, kind, ((name, value) for name, value in fields.items() if name not in read))


def compact(raw: msgspec.Raw) -> str:
    """The JSON text of a value without its white space: the order of its keys and the writing of its numbers stay."""
    return msgspec.json.format(bytes(raw), indent=-1).decode(errors="replace")


def _refused(where: str, expected: str) -> BadRequest:
    return BadRequest(f"`{where}` must be {expected}.", code="invalid_request")


def _number(text: str) -> float | None:
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return None


def _upper(letter: re.Match[str]) -> str:
    return letter[1].upper()
