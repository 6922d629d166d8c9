"""The options by which a command states the fields of an object: one for each field of its shape in the file, made from the shape itself."""

import inspect
import json
import tomllib
import types
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec
import typer

from headgate.config.objects import ObjectKind
from headgate.config.validate import help_of
from headgate.core.errors import BadRequest

Document = dict[str, Any]


def takes_fields(command: Callable[..., None], kind: ObjectKind) -> Callable[..., None]:
    """The command with an option for each field of the kind's shape that the store takes. It is called with what they state, as `stated`."""
    fields = {field.name: field for field in msgspec.structs.fields(kind.shape) if field.name not in kind.file_only}

    def run(**arguments: Any) -> None:  # ruff: ignore[any-type] what Typer passes
        given = {name: value for name in fields if (value := arguments.pop(name)) is not None}
        command(**arguments, stated={fields[name].encode_name: _value(fields[name], value) for name, value in given.items()})

    own = [each for each in inspect.signature(command).parameters.values() if each.name != "stated"]
    options = [_option(field) for field in fields.values()]
    run.__signature__ = inspect.Signature([*(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own), *options])  # type: ignore[attr-defined]
    run.__doc__ = command.__doc__
    return run


def read_entry(text: str, kind: ObjectKind) -> Document:
    """An entry as TOML or JSON. It may be below the heading that it has in the file (`[[limits]]`)."""
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The entry is neither TOML nor JSON: {error}") from error
    below = document.get(kind.section)
    if len(document) == 1 and isinstance(below, list) and len(below) == 1 and isinstance(below[0], dict):
        return dict(below[0])
    return dict(document)


def _option(field: msgspec.structs.FieldInfo) -> inspect.Parameter:
    bare = _bare(field.type)
    name = f"--{field.name.replace('_', '-')}"
    if bare is bool:
        option = typer.Option(f"{name}/--no-{name[2:]}", help=help_of(field))
        annotation: Any = Annotated[bool | None, option]
    else:
        option = typer.Option(name, metavar=_metavar(bare), help=help_of(field))
        annotation = Annotated[str | None, option]
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _value(field: msgspec.structs.FieldInfo, stated: str | bool) -> Any:  # ruff: ignore[any-type] what JSON has
    """What an option states. Text that is not what the field wants is left for the check of the whole entry to refuse."""
    if isinstance(stated, bool) or _metavar(_bare(field.type)) in {"TEXT", "WORD"}:
        return stated
    for read in (_toml, json.loads):
        try:
            return read(stated)
        except (ValueError, RecursionError):
            continue
    return stated


def _toml(text: str) -> object:
    document: Mapping[str, object] = tomllib.loads(f"value = {text}")
    if set(document) != {"value"}:
        raise ValueError("more than one value")
    return document["value"]


def _bare(annotation: Any) -> Any:  # ruff: ignore[any-type] an annotation is whatever typing makes of it
    """The type itself: without its constraints, and without `None`."""
    while hasattr(annotation, "__metadata__"):
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        (annotation,) = [each for each in typing.get_args(annotation) if each is not types.NoneType]
        return _bare(annotation)
    return annotation


def _metavar(bare: Any) -> str:  # ruff: ignore[any-type] see _bare
    if typing.get_origin(bare) is typing.Literal:
        return "WORD"
    names = {str: "TEXT", int: "NUMBER", float: "NUMBER"}
    return names.get(bare) or ("LIST" if typing.get_origin(bare) is tuple else "TABLE")
