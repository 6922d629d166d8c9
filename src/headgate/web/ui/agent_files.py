"""A command that writes an agent's configuration: each file as a here-document of a POSIX shell, and never over a file that is there. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from headgate.web.ui.agents import AgentSetup, Snippet

_END: Final = "HEADGATE"
_HOME: Final = "~/"


def configured(agent: AgentSetup, url: str, token: str, model: str, *, telemetry: bool) -> dict[str, str]:
    """The files of an agent by their places, with the address, the token and the model in them, and the telemetry beside that if it is wanted."""
    files: dict[str, str] = {}
    for snippet in (*agent.snippets, *(agent.telemetry if telemetry else ())):
        if snippet.place.startswith(_HOME):
            text = filled(snippet, agent, url, token, model)
            files[snippet.place] = _joined(files[snippet.place], text) if snippet.place in files else text
    return files


def filled(snippet: Snippet, agent: AgentSetup, url: str, token: str, model: str) -> str:
    """A snippet with the address, the token (or its place, if that is empty) and the model in it."""
    text = snippet.filled(url).replace(agent.model, model)
    return text.replace("<token>", token) if token else text


def write_command(files: Mapping[str, str]) -> str:
    """The command that writes the files, readable by their user alone. `set -C` lets the shell refuse to write over a file that exists."""
    lines = ["(set -eC; umask 077"]
    for place, text in files.items():
        lines += [f"mkdir -p {place.rpartition('/')[0]}", f"cat > {place} <<'{_END}'", *text.rstrip("\n").split("\n"), _END]
    return "\n".join([*lines, f"echo 'Written: {', '.join(files)}')"]) + "\n"


def _joined(first: str, second: str) -> str:
    """Two configurations as one: JSON objects key by key, other text one below the other."""
    if not first.lstrip().startswith("{"):
        return f"{first}\n{second}"
    return json.dumps(_merged([json.loads(first), json.loads(second)]), indent=2, ensure_ascii=False) + "\n"


def _merged(objects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in objects:
        for key, value in each.items():
            before = found.get(key)
            found[key] = _merged([before, value]) if isinstance(before, dict) and isinstance(value, dict) else value
    return found
