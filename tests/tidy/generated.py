"""The parts of docs/ that are made from the code: settings, commands, limits, metrics. `python -m tests.tidy.generated` writes them in place.

A part stands between `<!-- generated: KIND NAME -->` and `<!-- end -->`. A test fails where a page differs from what the code gives.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import msgspec
import typer

from headgate.cli.main import COMMANDS
from headgate.config.entries import (
    WrittenAction,
    WrittenBudget,
    WrittenEndpoint,
    WrittenGrant,
    WrittenGroup,
    WrittenLimit,
    WrittenPrice,
    WrittenProvider,
    WrittenTarget,
)
from headgate.config.model_profile_entry import WrittenModelProfile
from headgate.config.overrides import SHORT_VARIABLES, variable_of
from headgate.config.schema import Settings
from headgate.config.toml_text import toml_value
from headgate.config.validate import help_of
from headgate.metering.metric_table import METRICS
from headgate.web.front import KIB, MIB, FrontLimits
from tests.tidy.source import ROOT

_PART = re.compile(r"(<!-- generated: (\w+) ([^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)
_ARRAYS = {
    "providers": WrittenProvider,
    "endpoints": WrittenEndpoint,
    "targets": WrittenTarget,
    "prices": WrittenPrice,
    "model_profiles": WrittenModelProfile,
    "groups": WrittenGroup,
    "grants": WrittenGrant,
    "limits": WrittenLimit,
    "budgets": WrittenBudget,
    "actions": WrittenAction,
}
_REQUIRED = {
    ("providers", "name"),
    ("providers", "dialect"),
    ("endpoints", "name"),
    ("endpoints", "targets"),
    ("targets", "provider"),
    ("model_profiles", "pattern"),
    ("groups", "name"),
    ("grants", "principal"),
    ("grants", "endpoint"),
    ("limits", "key"),
    ("budgets", "name"),
    ("budgets", "per"),
    ("budgets", "usd"),
    ("actions", "percent"),
    ("actions", "do"),
}

# What each limit of the front is, for people, and what whoever exceeds it gets.
_LIMITS = {
    "header_bytes_max": ("One header, name and value", "431"),
    "head_bytes_max": ("All headers together, with the request line", "431"),
    "header_count_max": ("Number of headers", "431"),
    "target_bytes_max": ("Path and query", "414"),
    "body_bytes_max": ("Request body; `server.max_body_mb`", "413"),
    "held_body_bytes_max": (
        "Bodies that are held of all requests: until the answer streams, or to its end where it is translated or kept",
        "503 with `Retry-After: 5`",
    ),
    "connections_max": ("Open connections", "503 with `Retry-After: 5`, then closed"),
    "connections_per_address_max": ("Open connections from one address", "503 with `Retry-After: 5`, then closed"),
    "turned_away_max": ("Connections beyond those that are being answered so", "reset"),
    "head_timeout_s": ("From the first byte of a request to the end of its headers", "408, then closed"),
    "keep_alive_timeout_s": ("Silence of a connection between two requests", "closed"),
    "body_grace_s": ("Time that a body has before its rate counts", "none by itself"),
    "body_rate_min_bytes_per_s": ("Slowest rate of a body, after the grace", "408, then closed"),
    "body_idle_timeout_s": ("Silence within a body that came fast enough before", "408, then closed"),
    "write_idle_timeout_s": ("Time in which a client reads nothing of its answer", "closed; the exchange is recorded"),
    "linger_timeout_s": ("Time in which a refused client may still read its answer", "closed"),
    "sweep_interval_s": ("How finely these times are kept", "none by itself"),
    "hosts": ("Names that `Host` may have; `server.allowed_hosts`", "400"),
}


def rewritten(text: str) -> str:
    """A page with its generated parts made anew."""
    told = {name for kind, name in re.findall(r"<!-- generated: (\w+) ([^>]*?) -->", text) if kind == "settings"}
    makers = {"settings": settings, "sections": lambda _: sections(told), "command": command, "limits": limits, "metrics": metrics}
    return _PART.sub(lambda part: f"{part[1]}{makers[part[2]](part[3])}\n{part[4]}", text)


def sections(told: set[str]) -> str:
    """The sections of headgate.toml that a page has no place of its own for, each with its heading."""
    rest = [field for field in msgspec.structs.fields(Settings) if field.name not in told]
    return "\n\n".join(f"## {field.name}\n\n{help_of(field)}\n\n{settings(field.name)}" for field in rest)


def settings(section: str) -> str:
    """The table of one section of headgate.toml."""
    struct = _ARRAYS.get(section)
    top = struct is None
    if struct is None:
        (field,) = [field for field in msgspec.structs.fields(Settings) if field.name == section]
        struct = get_args(field.type)[0]
    head = "| Setting | Default | What it does | Variable |\n|---|---|---|---|" if top else "| Key | Default | What it does |\n|---|---|---|"
    return "\n".join([head, *(_setting(section, field, top) for field in msgspec.structs.fields(struct))])


def command(path: str) -> str:
    """Usage, help and options of one command, such as `token create`."""
    steps = path.split()
    found = _command(steps)
    named = [_argument(parameter) for parameter in found.params if parameter.param_type_name == "argument"]
    usage = " ".join(["headgate", *steps, *(name for name, _ in named), "[OPTIONS]"])
    rows = [_option(parameter, steps) for parameter in found.params if parameter.param_type_name == "option" and parameter.name != "help"]
    lines = [f"`{usage}`", "", _prose(found.help or "")]
    if named or rows:
        lines += ["", "| Option | What it does | Variable |", "|---|---|---|"]
        lines += [f"| `{_cell(name)}` | {_cell(what)} | |" for name, what in named]
        lines += rows
    return "\n".join(lines)


def command_paths() -> list[str]:
    """Every command that can be run, in the order of the help."""
    paths: list[str] = []
    for name, entry in COMMANDS.items():
        found = typer.main.get_command(entry.app())
        paths += [f"{name} {inner}" for inner in getattr(found, "commands", {})] or [name]
    return paths


def limits(_name: str) -> str:
    """The table of the strict front's limits."""
    fields = msgspec.structs.fields(FrontLimits)
    rows = [f"| {_LIMITS[field.name][0]} | {_quantity(field.name, field.default)} | {_LIMITS[field.name][1]} |" for field in fields]
    return "\n".join(["| Limit | Value | Beyond it |", "|---|---|---|", *rows])


def metrics(_name: str) -> str:
    """The table of all metrics."""
    rows = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(f'`{label}`' for label in metric.labels)} | {_cell(metric.about)} |" for metric in METRICS
    ]
    return "\n".join(["| Metric | Kind | Labels | What it says |", "|---|---|---|---|", *rows])


def _command(steps: list[str]) -> Any:
    found = typer.main.get_command(COMMANDS[steps[0]].app())
    for step in steps[1:]:
        found = found.commands[step]
    return found


def _setting(section: str, field: msgspec.structs.FieldInfo, top: bool) -> str:
    what = " ".join(part for part in (help_of(field), _bounds(field)) if part)
    default = msgspec.to_builtins(field.default if field.default is not msgspec.NODEFAULT else field.default_factory())
    shown = "required" if (section, field.name) in _REQUIRED else "unset" if default is None else f"`{toml_value(default)}`"
    cells = [f"`{field.encode_name}`", shown, _cell(what)]
    if top:
        path = (section, field.name)
        names = [name for name in (SHORT_VARIABLES.get(".".join(path), ""), variable_of(path)) if name]
        cells.append("<br>".join(f"`{name}`" for name in names))
    return "| " + " | ".join(cells) + " |"


def _bounds(field: msgspec.structs.FieldInfo) -> str:
    schema = msgspec.json.schema(field.type)
    low = next((f"{word} {schema[key]:,}" for key, word in (("minimum", "from"), ("exclusiveMinimum", "above")) if key in schema), "")
    high = f"up to {schema['maximum']:,}" if "maximum" in schema else ""
    return f"({low}{',' if low.startswith('above') else ''} {high})" if low else ""


def _argument(parameter: Any) -> tuple[str, str]:
    return parameter.metavar.strip("{}[]"), f"{parameter.help or ''}{' Required.' if parameter.required else ''}"


def _option(parameter: Any, steps: list[str]) -> str:
    default = parameter.default
    value = "" if parameter.is_flag else f" {_words(parameter)}"
    shown = "" if default in {None, "", False} else f" By default `{getattr(default, 'value', default)}`."
    variable = parameter.envvar or "_".join(["HEADGATE", *steps, parameter.name]).upper().replace("-", "_")
    return f"| `{parameter.opts[0]}{value}` | {_cell(parameter.help or '')}{shown} | `{variable}` |"


def _words(parameter: Any) -> str:
    """What stands for an option's value: its own word, or the words it may be."""
    if isinstance(parameter.default, Enum):
        return "\\|".join(member.value for member in type(parameter.default))
    return str(parameter.metavar)


def _quantity(name: str, value: Any) -> str:
    if name == "hosts":
        return "any"
    if name.endswith("_s") and not name.endswith("per_s"):
        return f"{value:g} s"
    if "bytes" in name:
        size = f"{value / MIB:g} MiB" if value >= MIB else f"{value / KIB:g} KiB"
        return f"{size}/s" if name.endswith("per_s") else size
    return f"{value:,}"


def _prose(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|").replace("<", "&lt;")


def pages() -> Iterator[tuple[str, str, str]]:
    """Every page with generated parts: its path, what it holds, and what it ought to."""
    for path in sorted((ROOT / "docs").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if _PART.search(text):
            yield f"docs/{path.name}", text, rewritten(text)


if __name__ == "__main__":
    for page, held, due in pages():
        if held != due:
            (ROOT / page).write_text(due, encoding="utf-8")
            print(f"rewrote {page}")
