"""Checks a parsed document against the schema's types, and finds all of its problems, not only the first."""

import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from headgate.config.problems import Path, Problems, closest, nearest
from headgate.config.schema import Settings

_WRONG = object()


def validate(document: Mapping[str, Any], problems: Problems) -> Settings:
    """The settings of a document. Every unknown key and wrong type is noted and left out of the result."""
    settings: Settings = validate_entry(document, Settings, problems)
    return settings


def validate_entry(document: Mapping[str, Any], shape: type[msgspec.Struct], problems: Problems) -> Any:  # ruff: ignore[any-type] an instance of `shape`
    """The entry of a document. Every unknown key and wrong type is noted and left out of the result."""
    try:
        return msgspec.convert(document, shape)
    except msgspec.ValidationError:  # it names one problem only, so now each value is looked at
        return msgspec.convert(_check_struct(document, shape, (), problems), shape)


def leaves(struct: type[msgspec.Struct] = Settings, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], msgspec.structs.FieldInfo]]:
    """Every single setting of the schema with its path; arrays of tables count as one."""
    for field in msgspec.structs.fields(struct):
        inner = _bare(field.type)
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield from leaves(inner, (*path, field.name))
        else:
            yield (*path, field.name), field


def help_of(field: msgspec.structs.FieldInfo) -> str:
    """The help text of a setting."""
    texts = [each.description for each in getattr(field.type, "__metadata__", ()) if isinstance(each, msgspec.Meta) and each.description]
    return texts[-1] if texts else ""


def _check_struct(value: object, struct: type[msgspec.Struct], path: Path, problems: Problems) -> dict[str, Any]:
    """The valid part of the table."""
    right: dict[str, Any] = {}
    if not isinstance(value, Mapping):
        problems.add_wrong(path, f"must be a table, not {_kind(value)}")
        return right
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for key, inner in value.items():
        if key not in fields:
            problems.add_wrong((*path, key), f"unknown key{nearest(key, fields)}", meant=closest(key, fields))
            continue
        checked = _check(inner, fields[key].type, (*path, key), problems)
        if checked is not _WRONG:
            right[key] = checked
    return right


def _check(value: object, annotation: Any, path: Path, problems: Problems) -> object:  # ruff: ignore[any-type] an annotation is whatever typing makes of it
    """The valid part of the value, or `_WRONG`."""
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        return _check_struct(
            value, bare, path, problems
        )  # what is no table counts as an empty one, so that the indexes of an array of tables stay the same
    item = _item(bare)
    if item is not None and isinstance(value, list):
        checked = [_check(inner, item, (*path, index), problems) for index, inner in enumerate(value)]
        return _WRONG if any(each is _WRONG for each in checked) else checked
    try:
        msgspec.convert(value, annotation)
    except msgspec.ValidationError as error:
        words = _words(bare)
        reason = f"unknown word {value!r}{nearest(value, words)}" if words and isinstance(value, str) else _reason(value, str(error))
        problems.add_wrong(path, reason)
        return _WRONG
    return value


def _bare(annotation: Any) -> Any:  # ruff: ignore[any-type] see _check
    return typing.get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation


def _item(bare: Any) -> Any:  # ruff: ignore[any-type] see _check
    return typing.get_args(bare)[0] if isinstance(bare, types.GenericAlias) and bare.__origin__ is tuple else None


def _words(bare: Any) -> tuple[str, ...]:  # ruff: ignore[any-type] see _check
    return typing.get_args(bare) if typing.get_origin(bare) is typing.Literal else ()


_WORDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "str": "text in quotes",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "date": "a day such as 2026-01-31",
    "null": "nothing",
}


def _reason(value: object, message: str) -> str:
    """The library's message in plain words: `must be a whole number >= 1, not text`."""
    message = message.split(" - at ", maxsplit=1)[0].removeprefix("Expected ")
    expected, _, got = message.partition(", got ")
    expected = expected.removesuffix(" | null`") + "`" if expected.endswith(" | null`") else expected  # what may be left out need not be said
    for name, words in _WORDS.items():
        expected = expected.replace(f"`{name}`", words)
    return f"must be {expected}, not {_kind(value)}" if got else f"must be {expected}"


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {str: "text", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return next((words for kind, words in names.items() if isinstance(value, kind)), "a date or time")
