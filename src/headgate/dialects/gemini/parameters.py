"""What an endpoint may limit of a Gemini request: `maxOutputTokens` of the generation's configuration, and tools by name and by kind.

Google's JSON takes every name in camel case and in snake case (https://protobuf.dev/programming-guides/json), so both are looked at.
"""

import re

import msgspec

from headgate.dialects.asked import Asked
from headgate.dialects.faces import ToolNames
from headgate.dialects.lenient import items, mapping, text
from headgate.dialects.parameters import Edit, edited, exceeds, insertion, listed, nested

_CONFIGS = ("generationConfig", "generation_config")
_BOUNDS = ("maxOutputTokens", "max_output_tokens")
_FUNCTIONS = "functionDeclarations"
_SNAKE = re.compile(r"_([a-z])")


def bounded(asked: Asked, maximum: int) -> Asked:
    """The request with `maxOutputTokens` of at most this many, for each candidate."""
    edits: list[Edit] = []
    changed: dict[str, bytes] = {}
    stated = [name for name in _CONFIGS if name in asked.fields]
    for name in stated:
        start, end = asked.spans[name]
        config = _bounded_config(asked.fields[name], asked.body[start:end], maximum)
        if config is not None:
            edits.append((start, end, config))
            changed[name] = config
    if not stated:
        changed[_CONFIGS[0]] = config = b'{"maxOutputTokens":%d}' % maximum
        edits.append(insertion(asked.body, b'"generationConfig":' + config))
    return edited(asked, edits, changed) if edits else asked


def _bounded_config(raw: msgspec.Raw, body: bytes, maximum: int) -> bytes | None:
    """A generation's configuration with the bound in it; `None` where it needs no change."""
    scanned = nested(raw)
    if scanned is None:
        return b'{"maxOutputTokens":%d}' % maximum
    stated = [name for name in _BOUNDS if name in scanned.fields]
    edits: list[Edit] = [(*scanned.span(name), b"%d" % maximum) for name in stated if exceeds(scanned.fields[name], maximum)]
    if not stated:
        edits = [insertion(body, b'"maxOutputTokens":%d' % maximum)]
    for start, end, value in sorted(edits, reverse=True):
        body = body[:start] + value + body[end:]
    return body if edits else None


def tools(asked: Asked) -> ToolNames:
    """Functions by name; every other kind (`googleSearch`, `codeExecution`, `urlContext`) runs at the provider."""
    found = ToolNames()
    for tool in map(mapping, listed(asked, "tools")):
        kinds = [(_SNAKE.sub(_upper, key), value) for key, value in tool.items() if value is not None]
        if not kinds:
            found.add_server("")
        for kind, value in kinds:
            if kind != _FUNCTIONS:
                found.add_server(kind)
                continue
            for function in items(value):
                found.add_client(text(mapping(function).get("name")))
    return found


def _upper(letter: re.Match[str]) -> str:
    return letter[1].upper()
