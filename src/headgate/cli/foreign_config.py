"""Reads the configuration of another gateway for `headgate config init --from`, and writes what was converted as the text of a headgate.toml."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from headgate.config.litellm import Converted, convert
from headgate.config.problems import ConfigError, Problem
from headgate.config.toml_text import SCHEMA_NAME, toml_value

_GATEWAYS = ("litellm",)
_BYTES_MAX = 4 << 20


def read_foreign(gateway: str, source: str, keys: str) -> Converted:
    """Read and convert a configuration. Raises ConfigError for a gateway or a file that cannot be read."""
    if gateway not in _GATEWAYS:
        raise ConfigError([Problem("--from", 0, "", f"{gateway!r} is no gateway whose configuration can be read; known: {', '.join(_GATEWAYS)}")])
    document = _yaml(_text(source), source)
    if not isinstance(document, Mapping):
        raise ConfigError([Problem(source, 0, "", "is no configuration of LiteLLM: it has no model_list")])
    return convert(document, _keys(keys) if keys else ())


def converted_text(converted: Converted, source: str) -> str:
    """The text of a headgate.toml with what was converted, and the notes as comments."""
    name = "standard input" if source == "-" else Path(source).name
    lines = [f"#:schema ./{SCHEMA_NAME}", f"# Converted from {_one_line(name)}. `headgate check` says whether the file is right."]
    if converted.notes:
        lines += ["#", "# Not converted, or to be looked at:", *(f"#   {_one_line(note)}" for note in converted.notes)]
    for section, entries in converted.sections.items():
        for entry in entries:
            lines += ["", f"[[{section}]]", *(f"{key} = {toml_value(value)}" for key, value in entry.items())]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _text(source: str) -> str:
    try:
        content = sys.stdin.buffer.read(_BYTES_MAX + 1) if source == "-" else Path(source).expanduser().read_bytes()
    except OSError as error:
        raise ConfigError([Problem(source, 0, "", f"cannot be read: {error.strerror}")]) from error
    if len(content) > _BYTES_MAX:
        raise ConfigError([Problem(source, 0, "", f"is larger than {_BYTES_MAX} bytes")])
    return content.decode(errors="replace")


def _yaml(text: str, source: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = 0 if error.problem_mark is None else error.problem_mark.line + 1
        raise ConfigError([Problem(source, line, "", f"is not YAML: {error.problem}")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError([Problem(source, 0, "", "is not YAML")]) from error


def _keys(source: str) -> Sequence[Mapping[str, Any]]:
    """The keys of a listing: the array itself, or what the answer has it in."""
    try:
        found = msgspec.json.decode(_text(source))
    except msgspec.DecodeError as error:
        raise ConfigError([Problem(source, 0, "", f"is not JSON: {error}")]) from error
    keys = found.get("keys") if isinstance(found, Mapping) else found
    if not isinstance(keys, list):
        raise ConfigError([Problem(source, 0, "", "has no keys; it must be what GET /key/list?return_full_object=true answers")])
    return [key for key in keys if isinstance(key, Mapping)]
