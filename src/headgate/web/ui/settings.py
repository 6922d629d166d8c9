"""The page of settings: each value in force with what set it, the file that was read last, what is kept of requests, and how Headgate itself fares.

It shows references to secrets, never a secret, and changes nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from headgate.config.effective import DEFAULT, STORE, EffectiveValue
from headgate.config.schema import Settings
from headgate.config.toml_text import toml_value
from headgate.core.endpoint import Endpoint
from headgate.core.scopes import ADMIN
from headgate.web.ui.answers import PageAnswer
from headgate.web.ui.routes import PageRequest, PageRoute

_PATH: Final = "/settings"
# Where an array of tables is shown whole.
_ARRAYS: Final = {
    "providers": "/providers",
    "endpoints": "/endpoints",
    "limits": "/limits",
    "budgets": "/limits",
    "groups": "/access",
    "grants": "/access",
}


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration file. `refusal` says line by line why its last change is not in force; `waiting` are sections that a restart puts in force."""

    path: str = ""
    changed_at_ms: int = 0
    refusal: str = ""
    waiting: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class StoredPart(msgspec.Struct, frozen=True):
    """A part of the data directory, what it is for, and what it takes."""

    name: str
    what: str
    bytes: int
    files: int


class SystemFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How Headgate itself fares. `flushed_at_ms` is when the flusher last wrote down how it fares, 0 if it never did; `now_ms` is the present.

    `restarts` says how often each process ended by itself and was started again.
    """

    file: FileFacts
    data_dir: str
    parts: tuple[StoredPart, ...]
    backlog_bytes: int
    backlog_bytes_max: int
    now_ms: int
    started_at_ms: int
    flushed_at_ms: int = 0
    pid: int = 0
    restarts: dict[str, int] = {}
    notices: tuple[str, ...] = ()


class Section(msgspec.Struct, frozen=True):
    """The values of one section of the file."""

    name: str
    values: tuple[EffectiveValue, ...]


class SettingsParts(msgspec.Struct, frozen=True):
    """What the page is given. All are called on a thread."""

    values: Callable[[], Sequence[EffectiveValue]]
    facts: Callable[[], SystemFacts]
    settings: Callable[[], Settings]
    endpoints: Callable[[], Sequence[Endpoint]]


def settings_routes(parts: SettingsParts) -> tuple[PageRoute, ...]:
    """`/settings`, and with `?show=set` only what is not a default."""

    async def shown(request: PageRequest) -> PageAnswer:
        values, facts = await asyncio.to_thread(lambda: (parts.values(), parts.facts()))
        only_set = request.query.get("show") == "set"
        return request.framed(
            "settings.html",
            "Settings",
            sections=_sections(values, only_set=only_set),
            arrays=[(each, _ARRAYS.get(each.name, "")) for each in values if len(each.path) == 1 and each.value],
            set_count=sum(each.origin != DEFAULT for each in values),
            only_set=only_set,
            facts=facts,
            capture=capture_lines(parts.settings(), parts.endpoints()),
            text_of=_text_of,
            kind_of=_kind_of,
        )

    return (PageRoute("GET", _PATH, ADMIN, shown),)


def capture_lines(settings: Settings, endpoints: Sequence[Endpoint]) -> list[tuple[str, str]]:
    """What is kept of requests, and for how long, in sentences."""
    payloads, telemetry = settings.payloads, settings.telemetry
    own = [f"{each.name} ({each.payload.table})" for each in endpoints if each.payload.table and not each.payload.paused]
    if payloads.table:
        kept = f"In {payloads.table}_payload: {payloads.sampling:.0%} of exchanges, and every error."
    else:
        kept = "None." if not own else "Of some endpoints only."
    lines = [("Requests and answers", kept + (f" Endpoints with a table of their own: {', '.join(own)}." if own else ""))]
    if payloads.table or own:
        lines += [("Secrets in them", "Replaced before anything is stored." if payloads.redact_secrets else "Stored as they are.")]
        lines += [("Deleted", _deleted_after(payloads.retention_days, "payloads.retention_days"))]
    lines += [("Usage and cost deleted", _deleted_after(settings.usage.retention_days, "usage.retention_days"))]
    lines += [("Traces of exchanges", f"In {telemetry.trace_table}." if telemetry.trace_table else "None.")]
    prompts = (
        f"Stored where the attribute is one of {', '.join(telemetry.keep)}; else" if telemetry.keep else "Prompts, answers and arguments of tools are"
    )
    return [*lines, ("Telemetry of agents", f"{prompts} replaced before anything is stored.")]


def _deleted_after(days: int, setting: str) -> str:
    return f"After {days} days." if days else f"Never by Headgate: {setting} is 0."


def _sections(values: Sequence[EffectiveValue], *, only_set: bool) -> list[Section]:
    single = [each for each in values if len(each.path) == 2 and not (only_set and each.origin == DEFAULT)]
    return [Section(name, tuple(each for each in single if each.path[0] == name)) for name in dict.fromkeys(each.path[0] for each in single)]


def _text_of(value: Any) -> str:  # ruff: ignore[any-type] any value that TOML has
    return toml_value(value)


def _kind_of(origin: str) -> str:
    """What kind of origin it is, in a word."""
    if origin in {DEFAULT, STORE}:
        return origin
    return "option" if origin.startswith("--") else "variable" if origin.startswith("HEADGATE_") else "file"
