"""Applies settings from environment variables and command-line options to the file. An option overrides a variable, a variable overrides the file."""

from collections.abc import Mapping
from typing import Any

import msgspec

from headgate.config.problems import Problems
from headgate.config.validate import leaves
from headgate.core.spelling import nearest

_NEAR = 0.85  # similar enough to be a typing error
SHORT_VARIABLES: Mapping[str, str] = {"server.host": "HEADGATE_HOST", "server.port": "HEADGATE_PORT"}


def variable_of(path: tuple[str, ...]) -> str:
    """The environment variable that sets a setting: `HEADGATE_STREAMS_KEEP_ALIVE_S` for `streams.keep_alive_s`."""
    return "HEADGATE_" + "_".join(path).upper()


def mistyped_variables(environ: Mapping[str, str]) -> list[str]:
    """Notes on variables that have almost the name of a setting and so set nothing. Other HEADGATE_ variables may belong to commands."""
    known = sorted({*SHORT_VARIABLES.values(), *(variable_of(path) for path, _ in leaves() if len(path) == 2)})
    notes: list[str] = []
    for name in sorted(environ):
        near = nearest(name, known, _NEAR) if name.startswith("HEADGATE_") and name not in known else ""
        if near:
            notes.append(f"{name} sets nothing; did you mean {near}?")
    return notes


def apply_overrides(document: dict[str, Any], environ: Mapping[str, str], options: Mapping[str, str], problems: Problems) -> dict[str, str]:
    """Write every given setting into the parsed document; returns what set each. A list is separated by commas."""
    origins: dict[str, str] = {}
    for path, field in leaves():
        if len(path) != 2:  # arrays of tables can only be set in the file
            continue
        name = ".".join(path)
        origin, value = _given(name, path, environ, options)
        if not origin:
            continue
        try:
            converted = _convert(value, field.type)
        except msgspec.ValidationError:
            problems.add_of(origin, f"{value!r} is no value for {name} ({_wanted(field.type)})")
            continue
        section = document.setdefault(path[0], {})
        if isinstance(section, dict):
            section[path[1]] = converted
            origins[name] = origin
    return origins


def _given(name: str, path: tuple[str, ...], environ: Mapping[str, str], options: Mapping[str, str]) -> tuple[str, str]:
    if options.get(name):
        return f"--{path[-1].replace('_', '-')}", options[name]
    for variable in (SHORT_VARIABLES.get(name, ""), variable_of(path)):
        if environ.get(variable):
            return variable, environ[variable]
    return "", ""


def _convert(value: str, annotation: Any) -> Any:  # ruff: ignore[any-type] an annotation is whatever typing makes of it
    try:
        return msgspec.to_builtins(msgspec.convert(value, annotation, strict=False))
    except msgspec.ValidationError:
        items = [item.strip() for item in value.split(",")]
        return list(msgspec.convert([item for item in items if item], annotation))


def _wanted(annotation: Any) -> str:  # ruff: ignore[any-type] see _convert
    schema = msgspec.json.schema(annotation)
    bounds = [f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("exclusiveMinimum", "above"), ("maximum", "to")) if key in schema]
    return " ".join([schema.get("type", "value"), *bounds])
