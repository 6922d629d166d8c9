"""Writes settings as TOML text: one value, or the file that a user starts with. `load` reads what it writes. It touches no file itself."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from headgate.config.schema import Settings
from headgate.config.validate import help_of, leaves

SCHEMA_NAME = "headgate.schema.json"
_BARE = re.compile(r"[A-Za-z0-9_-]+")

_HEAD = f"""\
#:schema ./{SCHEMA_NAME}
# Headgate's configuration. What is commented out shows the default. `headgate check` says whether the file is right.
# A running gateway takes up changed providers, endpoints, prices and limits within two seconds, and the other sections when it starts again.
"""
_EXAMPLE = """\
# Upstream accounts. A key is never written here: env:NAME is an environment variable, file:PATH a file.
# [[providers]]
# name = "lab"
# dialect = "anthropic"                  # anthropic | openai | openai_chat | openai_responses | gemini
# base_url = "http://127.0.0.1:9000"     # OpenAI's formats: with /v1; the others without a version. Left out: the vendor's own
# api_key = "env:LAB_KEY"

# Names that agents may ask for as their model. The targets are tried in their order.
# [[endpoints]]
# name = "house-claude"
# targets = [{ provider = "lab", model = "claude-opus-4-6" }]

# Prices of your own, in US dollars for a million tokens, or by a factor on the list price.
# [[prices]]
# provider = "lab"
# model = "claude-opus-*"
# from = "2026-01-31"
# input_mtok = 4.0
# cache_read_mtok = 0.4
# cache_write_5m_mtok = 5.0
# output_mtok = 20.0

# Rate limits. docs/limits.md says which apply to a request.
# [[limits]]
# endpoint = "house-claude"              # or a pattern; * for all together
# key = "user_default"                   # endpoint | user_default | user | group | service_principal | request_tag | token | agent
# per = "minute"                         # minute | hour | day
# requests = 60
# tokens = 200000                        # also input_tokens, output_tokens, concurrent
"""


def starter() -> str:
    """A complete `headgate.toml` that changes nothing: each setting with its help and its default, commented out, and an example of the rest."""
    written = msgspec.to_builtins(Settings())
    sections = [_section(field, written[field.name]) for field in msgspec.structs.fields(Settings) if isinstance(written[field.name], Mapping)]
    return "\n".join([_HEAD, _EXAMPLE, *sections])


def toml_value(value: Any) -> str:  # ruff: ignore[any-type] any value that TOML has
    """A value as TOML, on one line. JSON's strings are TOML strings too, except for the character DEL.

    TOML has no null: a member without a value is left out.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            members = [f"{_key(key)} = {toml_value(inner)}" for key, inner in value.items() if inner is not None]
            return "{ " + ", ".join(members) + " }"
        case Sequence():
            return "[" + ", ".join(toml_value(inner) for inner in value) + "]"
        case _:
            return str(value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else toml_value(key)


def _section(section: msgspec.structs.FieldInfo, values: Mapping[str, Any]) -> str:
    return "\n".join([f"# {help_of(section)}", f"[{section.name}]", *_lines(section.name, values), ""])


def _lines(section: str, values: Mapping[str, Any]) -> Iterator[str]:
    for path, field in leaves():
        if path[0] == section:
            yield f"# {help_of(field)}"
            yield f"# {path[1]} = {toml_value(values[path[1]])}"
