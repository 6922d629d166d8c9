"""`headgate config schema|show`: the JSON Schema of headgate.toml, and the values that are in force with what set each."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from headgate.cli.options import ConfigOption, JsonOption, told, typer_app
from headgate.config.load import load
from headgate.config.schema import Settings, json_schema
from headgate.config.validate import help_of, leaves

app = typer_app("Show the configuration and its schema.")


@app.command()
@told
def schema() -> None:
    """Print the JSON Schema of headgate.toml, for editors."""
    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
@told
def show(config: ConfigOption = "", as_json: JsonOption = False) -> None:
    """Print every setting with its value and what set it, as a file that can be used as it stands. Secrets stay references."""
    configuration = load(config, os.environ, probe=lambda _address: None)
    written = msgspec.to_builtins(configuration.settings)
    if as_json:
        values = {
            ".".join(path): {"value": _at(written, path), "origin": configuration.origins.get(".".join(path), "default")} for path, _ in leaves()
        }
        print(json.dumps(values, ensure_ascii=False))
        return
    for line in _toml(configuration.settings, configuration.origins):
        print(line)


def _toml(settings: Settings, origins: Mapping[str, str]) -> list[str]:
    written = msgspec.to_builtins(settings)
    lines: list[str] = []
    section = ""
    for path, field in leaves():
        if len(path) == 1:
            continue
        if path[0] != section:
            section = path[0]
            lines += ["", f"[{section}]"]
        lines += [f"# {help_of(field)}", f"{path[1]} = {toml_value(_at(written, path))}  # {origins.get('.'.join(path), 'default')}"]
    for name in ("providers", "endpoints"):
        for entry in written[name]:
            lines += ["", f"[[{name}]]", *(f"{key} = {toml_value(value)}" for key, value in entry.items() if value)]
    return lines[1:]


def toml_value(value: Any) -> str:  # ruff: ignore[any-type] any value that TOML has
    """A value as TOML writes it, on one line. JSON's strings are TOML strings too, but for DEL."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            return "{ " + ", ".join(f"{toml_value(key)} = {toml_value(inner)}" for key, inner in value.items()) + " }"
        case Sequence():
            return "[" + ", ".join(toml_value(inner) for inner in value) + "]"
        case _:
            return str(value)


def _at(written: Mapping[str, Any], path: Sequence[str]) -> Any:  # ruff: ignore[any-type] see toml_value
    for step in path:
        written = written[step]
    return written
