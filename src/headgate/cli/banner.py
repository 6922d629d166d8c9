"""The text that `headgate up` prints when it is ready: what it found, its address, what to do next. Pure formatting."""

import os.path
import re
import shlex
from collections.abc import Sequence

import msgspec

from headgate.app.options import Ready
from headgate.cli.output import Paint

_CODES = re.compile(r"\x1b\[[0-9;]*m")
_LABEL = 11
_URL = "http://127.0.0.1:8484"  # the default of `headgate token sign-in`


class Invocation(msgspec.Struct, frozen=True):
    """How to type the next commands on this machine: the program's name, quoted for the shell, and those options of the start that the next commands
    would not find by themselves: the data directory, the configuration file, the demo. `reachable` are the URLs for other machines.
    """

    program: str = "headgate"
    data: str = ""
    config: str = ""
    demo: bool = False
    reachable: tuple[str, ...] = ()

    def of(self, words: str, home: str) -> str:
        """A command on this store."""
        return " ".join([self.program, words, *(["--data", _typed(self.data, home)] if self.data else [])])

    def check(self, home: str) -> str:
        """The command that shows this configuration."""
        config = ["--config", _typed(self.config, home)] if self.config else []
        return " ".join([self.program, "check", *config, *(["--demo"] if self.demo else [])])


def banner(ready: Ready, started_in_s: float, home: str, colour: bool, invocation: Invocation = Invocation()) -> str:
    """The whole text. On a terminal the second half has a frame."""
    paint = Paint(colour)
    rows = _found(ready, started_in_s, home, paint, invocation)
    lacking = set() if ready.providers else {"providers"}
    found = [f"{paint.warn('!') if label in lacking else paint.good('✔')} {label:<{_LABEL}}{text}" for label, text in rows]
    notes = [f"{paint.warn('!')} {note}" for note in ready.notes]
    next_steps = [f"{label:<{_LABEL + 4}}{text}".rstrip() for label, text in _next_steps(ready, home, paint, invocation)]
    title = "headgate ready" if ready.providers else "headgate ready, but nothing to serve"
    return "\n".join([*found, *notes, "", *(_framed(next_steps, title, paint) if colour else next_steps), ""])


def _found(ready: Ready, started_in_s: float, home: str, paint: Paint, invocation: Invocation) -> list[tuple[str, str]]:
    config = _short(ready.config_path, home) or paint.dim(f"none found, using defaults (write one: {invocation.program} config init)")
    providers = "  ".join(f"{paint.link(name)} ({origin}{_models(count)})" for name, origin, count in ready.providers)
    rows = [("config", config), ("store", _short(ready.data_dir, home)), ("providers", providers or paint.warn(_how_to_find(invocation)))]
    if ready.formats:
        rows.append(("formats", ready.formats))
    if ready.demo_fills:
        rows.append(("demo", "a made-up month of ten people is being written to the store; HEADGATE_DEMO_FILL=false leaves it empty"))
    if ready.endpoints:
        rows.append(("endpoints", f"{ready.endpoints} in {os.path.basename(ready.config_path)}"))
    others = [("for others", "  ".join(map(paint.link, invocation.reachable)))] if invocation.reachable else []
    return [*rows, ("listening", f"{paint.link(ready.url)} in {started_in_s:.1f} s"), *others, *_room(ready)]


def _room(ready: Ready) -> list[tuple[str, str]]:
    """How many clients may be connected at the same time, and how to raise the number if the system's limit restricts it."""
    if not ready.connections_max:
        return []
    text = f"at most {ready.connections_max:,} connections"
    if 2 * ready.connections_max >= ready.open_files_max - 1:
        text += f", half of the {ready.open_files_max:,} files it may open; ulimit -n or LimitNOFILE= raises that"
    return [("clients", text)]


def _how_to_find(invocation: Invocation) -> str:
    return (
        f"none found; set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, write headgate.toml ({invocation.program} config init), "
        f"or try {invocation.program} up --demo"
    )


def _next_steps(ready: Ready, home: str, paint: Paint, invocation: Invocation) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    url = ready.public_url or ready.url
    if ready.sign_in_url:
        rows.append(("Sign in", f"{paint.link(ready.sign_in_url)}   {paint.dim('one-time link, 10 min')}"))
    else:
        there = "" if url == _URL else f" --url {url}"
        rows.append(("Sign in", f"{paint.strong(invocation.of(f'token sign-in{there}', home))}   {paint.dim('prints a one-time link')}"))
    if ready.admin_token:
        rows.append(("Admin token", f"{paint.warn(ready.admin_token)}   {paint.dim('shown once')}"))
    rows += [
        ("", ""),
        ("Claude Code", f"ANTHROPIC_BASE_URL={paint.link(f'{url}/anthropic')}"),
        ("Codex CLI", f'base_url = "{paint.link(f"{url}/openai/v1")}"'),
        ("Gemini CLI", f"GOOGLE_GEMINI_BASE_URL={paint.link(f'{url}/gemini')}"),
        ("Cursor", f"{paint.link(f'{url}/cursor/v1')}"),
        ("", ""),
        ("Your agents", f"{paint.strong(invocation.of('connect', home))}   {paint.dim('points those on this machine here')}"),
        ("A token", f"{paint.strong(invocation.of('token create NAME', home))}   {paint.dim('for each person or agent')}"),
        ("What was used", paint.strong(invocation.of("usage", home))),
        ("What is there", paint.strong(invocation.check(home))),
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


def _typed(path: str, home: str) -> str:
    """A path for the shell; the `~` of the home directory stays outside of the quotes."""
    short = _short(path, home)
    return f"~/{shlex.quote(short[2:])}" if short.startswith("~/") else shlex.quote(short)


def _short(path: str, home: str) -> str:
    return f"~{path[len(home) :]}" if home and path.startswith(f"{home}/") else path
