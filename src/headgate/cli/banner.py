"""What `headgate up` says when it is ready: what was found, where it answers, what to do next. Pure formatting."""

import os.path
import re
from collections.abc import Sequence

from headgate.app.options import Ready
from headgate.cli.paint import Paint

_CODES = re.compile(r"\x1b\[[0-9;]*m")
_LABEL = 11
_HOW_TO_FIND = "none found; set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, write headgate.toml, or try `headgate up --demo`"


def banner(ready: Ready, started_in_s: float, home: str, colour: bool) -> str:
    """The whole text. On a terminal the second half stands in a frame."""
    paint = Paint(colour)
    found = [f"{paint.good('✔')} {label:<{_LABEL}}{text}" for label, text in _found(ready, started_in_s, home, paint)]
    notes = [f"{paint.warn('!')} {note}" for note in ready.notes]
    next_steps = [f"{label:<{_LABEL + 4}}{text}".rstrip() for label, text in _next_steps(ready, paint)]
    return "\n".join([*found, *notes, "", *(_framed(next_steps, "headgate ready", paint) if colour else next_steps), ""])


def _found(ready: Ready, started_in_s: float, home: str, paint: Paint) -> list[tuple[str, str]]:
    config = _short(ready.config_path, home) or paint.dim("none found, using defaults (write one: headgate config show > headgate.toml)")
    providers = "  ".join(f"{paint.link(name)} ({origin}{_models(count)})" for name, origin, count in ready.providers)
    rows = [("config", config), ("store", _short(ready.data_dir, home)), ("providers", providers or paint.warn(_HOW_TO_FIND))]
    if ready.endpoints:
        rows.append(("endpoints", f"{ready.endpoints} in {os.path.basename(ready.config_path)}"))
    return [*rows, ("listening", f"{paint.link(ready.url)} in {started_in_s:.1f} s")]


def _next_steps(ready: Ready, paint: Paint) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    if ready.sign_in_url:
        rows.append(("Sign in", f"{paint.link(ready.sign_in_url)}   {paint.dim('one-time link, 10 min')}"))
    if ready.admin_token:
        rows.append(("Admin token", f"{paint.warn(ready.admin_token)}   {paint.dim('shown once')}"))
    if rows:
        rows.append(("", ""))
    rows += [
        ("Claude Code", f"ANTHROPIC_BASE_URL={paint.link(f'{ready.url}/anthropic')}"),
        ("Codex CLI", f'base_url = "{paint.link(f"{ready.url}/openai/v1")}"'),
        ("Gemini CLI", f"GOOGLE_GEMINI_BASE_URL={paint.link(f'{ready.url}/gemini')}"),
        ("Cursor", f"{paint.link(f'{ready.url}/cursor/v1')}"),
        ("", ""),
        ("A token", f"{paint.strong('headgate token create NAME')}   {paint.dim('for each person or agent')}"),
        ("What was used", f"{paint.strong('headgate usage')}"),
        ("What is there", f"{paint.strong('headgate check')}"),
    ]
    return rows


def _framed(lines: Sequence[str], title: str, paint: Paint) -> list[str]:
    width = max(_width(line) for line in lines)
    side = (width - len(title)) // 2
    top = f"╭{'─' * side} {title} {'─' * (width - len(title) - side)}╮"
    body = [f"{paint.good('│')} {line}{' ' * (width - _width(line))} {paint.good('│')}" for line in lines]
    return [paint.good(top), *body, paint.good(f"╰{'─' * (width + 2)}╯")]


def _width(line: str) -> int:
    return len(_CODES.sub("", line))


def _models(count: int) -> str:
    return f", {count} model{'' if count == 1 else 's'}" if count else ""


def _short(path: str, home: str) -> str:
    return f"~{path[len(home) :]}" if home and path.startswith(f"{home}/") else path
