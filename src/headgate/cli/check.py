"""`headgate check`: reads the configuration as `headgate up` would, and prints what it found, or all problems."""

import json
import os
import sys
from collections.abc import Mapping, Sequence

import msgspec
import typer

from headgate.app.declared_names import notes_on_names
from headgate.app.unreached_providers import notes_on_unreached
from headgate.app.ways_around import notes_on_ways_around
from headgate.cli.options import ConfigOption, DataOption, DemoOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import Paint, wants_colour
from headgate.cli.stored_objects import counted, stored_objects
from headgate.config.load import Configuration, load
from headgate.config.objects import with_stored
from headgate.config.paths import data_directory
from headgate.config.problems import ConfigError
from headgate.core.dialect_names import spoken_text
from headgate.core.endpoint import Endpoint, Target
from headgate.core.model_names import is_open
from headgate.policy.permissions import PermissionTable
from headgate.routing.choice import is_split
from headgate.routing.table import EndpointTable
from headgate.storage.state.stated_configuration import read_configuration
from headgate.upstream.demo import demo_providers

app = typer_app("Check the configuration, and say what was found.")

# Who asks in which dialect, as a provider speaks it. Those that can ask for the same names are listed together.
_CLIENTS: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("Claude Code", "Anthropic SDKs"),
    "openai_responses": ("Codex",),
    "openai_chat": ("Cursor", "OpenAI SDKs"),
    "gemini": ("Gemini CLI", "Google SDKs"),
}


@app.command()
@reports_errors
def check(config: ConfigOption = "", demo: DemoOption = False, data: DataOption = "", as_json: JsonOption = False) -> None:
    """Check the configuration, and say what was found: providers, endpoints, model names, what the store declares. Exit code 1 if the file is wrong."""
    try:
        configuration = load(config, os.environ, demo=demo)
    except ConfigError as error:
        if not as_json:
            raise
        problems = [{"file": each.where, "line": each.line, "path": each.path, "reason": each.reason} for each in error.problems]
        print(json.dumps({"ok": False, "problems": problems}))
        raise typer.Exit(1) from error
    if demo:
        configuration = msgspec.structs.replace(configuration, providers=tuple(demo_providers()))
    stored = stored_objects(data, demo=demo)
    configuration = with_stored(configuration, stored)
    table = EndpointTable(configuration.providers, configuration.endpoints)
    groups = frozenset(group.name for group in configuration.groups)
    closed = configuration.settings.permissions.default == "closed"
    around = notes_on_ways_around(table, PermissionTable(configuration.grants, groups, closed=closed))
    unreached = notes_on_unreached(table, configuration.providers)
    waiting = _notes_on_waiting(str(configuration.file or ""), str(data_directory(data, os.environ, demo=demo).root))
    notes = (*configuration.notes, *notes_on_names(configuration, table, groups), *around, *unreached, *waiting)
    configuration = msgspec.structs.replace(configuration, notes=notes)
    listings = {dialect: [endpoint.name for endpoint in table.spoken(dialect)] for dialect in _CLIENTS}
    others = _others(table)
    if as_json:
        print(
            json.dumps(
                _described(configuration, listings)
                | {"other_names": others}
                | {"stored": [{"kind": one.kind, "id": one.id, "name": one.name} for one in stored]}
            )
        )
        return
    for line in _lines(configuration, listings, others, counted(stored), Paint(wants_colour(sys.stdout, os.environ))):
        print(line)


def _notes_on_waiting(file: str, data_dir: str) -> tuple[str, ...]:
    """What the running gateway does not use of this file yet."""
    stated = read_configuration(data_dir)
    if stated.file != file or not stated.waiting:
        return ()
    return (f"[{'], ['.join(stated.waiting)}]: the running gateway uses the changes after a restart. Run `headgate restart`.",)


def _described(configuration: Configuration, listings: dict[str, list[str]]) -> dict[str, object]:
    return {
        "ok": True,
        "file": str(configuration.file) if configuration.file is not None else None,
        "providers": [
            {"name": each.name, "dialect": each.dialect, "base_url": each.base_url, "found": each.origin, "has_key": each.has_credential}
            for each in configuration.providers
        ],
        "endpoints": [endpoint.name for endpoint in configuration.endpoints],
        "governance": _governed(configuration),
        "names": listings,
        "notes": list(configuration.notes),
    }


def _governed(configuration: Configuration) -> dict[str, int]:
    """How many groups, grants, limits and budgets there are, of the file and the store together."""
    found = {"group": configuration.groups, "grant": configuration.grants, "limit": configuration.limits, "budget": configuration.budgets}
    return {word: len(entries) for word, entries in found.items() if entries}


def _others(table: EndpointTable) -> dict[str, list[str]]:
    """For each dialect, the providers that take names which are listed nowhere: in their order, with the patterns of those that have some."""
    found = {}
    for dialect in _CLIENTS:
        patterns = [(each, [model for model in each.models if is_open(model)]) for each in table.open_providers(dialect)]
        found[dialect] = [f"{each.name} ({', '.join(models)})" if models else each.name for each, models in patterns]
    return found


def _lines(configuration: Configuration, listings: dict[str, list[str]], others: dict[str, list[str]], stored: str, paint: Paint) -> list[str]:
    file = str(configuration.file) if configuration.file is not None else "none found, using defaults"
    lines = [f"{paint.good('✔')} config      {file}"]
    for provider in configuration.providers:
        key = (
            "with a key"
            if provider.api_key is not None
            else "with a sign-in"
            if provider.login is not None
            else "paid by each user"
            if provider.takes_client_credential
            else "without a key"
        )
        lines.append(f"{paint.good('✔')} provider    {provider.name} ({provider.origin}): {provider.dialect} at {provider.base_url}, {key}")
    if not configuration.providers:
        lines.append(f"{paint.warn('!')} provider    none; set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, or write [[providers]]")
    lines.extend(f"{paint.good('✔')} endpoint    {endpoint.name} → {_targets(endpoint)}" for endpoint in configuration.endpoints)
    governed = [f"{number} {word}{'s' if number > 1 else ''}" for word, number in _governed(configuration).items()]
    if governed:
        lines.append(f"{paint.good('✔')} governance  {', '.join(governed)}")
    if stored:
        lines.append(f"{paint.good('✔')} store       {stored}")
    by_names: dict[tuple[str, ...], list[str]] = {}
    for dialect, clients in _CLIENTS.items():
        by_names.setdefault(tuple(listings[dialect]), []).extend(clients)
    for names, who in by_names.items():
        lines += _names(who, names, paint)
    for dialect, taking in others.items():
        if taking:
            lines.append(f"{paint.good('✔')} other names of {_CLIENTS[dialect][0]} go to {', then '.join(taking)}")
    if formats := spoken_text(dialect for provider in configuration.providers for dialect in provider.dialects):
        lines.append(f"{paint.good('✔')} formats     {formats}")
    lines += [f"{paint.warn('!')} {note}" for note in configuration.notes]
    return lines


def _targets(endpoint: Endpoint) -> str:
    """What serves an endpoint, in the order of the tries or with shares."""
    targets = [_target(target) for target in endpoint.targets]
    fallbacks = [_target(target) for target in endpoint.fallbacks]
    between = ", " if is_split(endpoint.targets) else ", then "
    return between.join(targets) + (f"; if that fails {', then '.join(fallbacks)}" if fallbacks else "")


def _target(target: Target) -> str:
    share = "" if target.traffic_percent is None else f"{target.traffic_percent} % "
    return f"{share}{target.model or 'the model asked for'} at {target.provider.name}"


def _names(clients: Sequence[str], names: Sequence[str], paint: Paint) -> list[str]:
    if not names:
        return []
    who = f"{', '.join(clients[:-1])} and {clients[-1]}" if len(clients) > 1 else clients[0]
    return [f"{paint.good('✔')} {len(names)} name{'' if len(names) == 1 else 's'} for {who}:", *(f"    {name}" for name in names)]
