"""Derives from a model's many names the one that its maker's price list uses.

Clouds, gateways and clients put a host, a region, a revision or a mode around a model's own name. This module handles text only; it knows no list of models.
"""

import re
from collections.abc import Iterator

_NAME_CHARS_MAX = 256  # no price list has a longer name, and what a provider says is of any length
_MODE = re.compile(r"\[[^\]]*\]$")  # claude-opus-4-6[1m]: a client's word for a longer context
_HOST = re.compile(
    r"^(?:models/|publishers/[^/]+/models/|(?:us|us-gov|eu|apac|jp|au|ca|sa|me|global)\.|anthropic[./]|openai[./]|google[./]|databricks-|system\.ai\.)",
)
_REVISION = re.compile(r"-v\d+(?::\d+)?$")  # Bedrock
_DATE = re.compile(r"(?:[-@](?:20\d{6}|20\d\d-\d\d-\d\d)|-latest|@default|@latest)$")
_VERSION = re.compile(r"^(gpt|gemini)-(\d+)-(\d{1,2})(?=-|$)")  # Databricks writes gpt-5-2 for gpt-5.2
_MAKERS = (
    (re.compile(r"^claude-"), "anthropic"),
    (re.compile(r"^(?:gpt-|chatgpt-|codex-|o\d(?:-|$))"), "openai"),
    (re.compile(r"^gemini-"), "google"),
)


def candidates(model: str) -> Iterator[str]:
    """Names under which a price list may have the model, the most literal first, each once."""
    name = model[:_NAME_CHARS_MAX].strip().lower()
    bare = own_name(name)
    dotted = _VERSION.sub(r"\1-\2.\3", bare)
    seen: set[str] = set()
    for candidate in (name, bare, dotted, _DATE.sub("", bare), _DATE.sub("", dotted)):
        if candidate and candidate not in seen:
            seen.add(candidate)
            yield candidate


def own_name(model: str) -> str:
    """The model's name without host, region, revision and mode; a date stamp is part of it."""
    name = _REVISION.sub("", _MODE.sub("", model[:_NAME_CHARS_MAX].strip().lower()))
    while (stripped := _HOST.sub("", name)) != name:
        name = stripped
    return name


def maker(model: str) -> str:
    """The provider id of the model's maker in the price data, by the model's name; empty if the name does not show it."""
    name = own_name(model)
    return next((provider for pattern, provider in _MAKERS if pattern.search(name)), "")
