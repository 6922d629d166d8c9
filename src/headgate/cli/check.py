"""`headgate check`: reads the configuration as a start would, and says what it found or everything that is wrong with it."""

import json
import os
import sys
from collections.abc import Sequence

import msgspec
import typer

from headgate.cli.options import ConfigOption, DemoOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import Paint, wants_colour
from headgate.config.load import Configuration, load
from headgate.config.problems import ConfigError
from headgate.core.endpoint import Endpoint
from headgate.routing.table import EndpointTable
from headgate.upstream.demo import demo_providers

app = typer_app("Check the configuration, and say what was found.")

_CLIENTS = (
    ("anthropic", "Claude Code and Anthropic SDKs"),
    ("openai_chat", "Codex, Cursor and OpenAI SDKs"),
    ("gemini", "Gemini CLI and Google SDKs"),
)


@app.command()
@reports_errors
def check(config: ConfigOption = "", demo: DemoOption = False, as_json: JsonOption = False) -> None:
    """Check the configuration, and say what was found: providers, endpoints, model names. Exit code 1 if anything is wrong."""
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
    table = EndpointTable(configuration.providers, configuration.endpoints)
    listings = {client: table.listing(client, ("*",)) for client, _ in _CLIENTS}
    if as_json:
        print(json.dumps(_described(configuration, listings)))
        return
    for line in _lines(configuration, listings, Paint(wants_colour(sys.stdout, os.environ))):
        print(line)


def _described(configuration: Configuration, listings: dict[str, list[Endpoint]]) -> dict[str, object]:
    return {
        "ok": True,
        "file": str(configuration.file) if configuration.file is not None else None,
        "providers": [
            {"name": each.name, "dialect": each.dialect, "base_url": each.base_url, "found": each.origin, "has_key": each.api_key is not None}
            for each in configuration.providers
        ],
        "endpoints": [endpoint.name for endpoint in configuration.endpoints],
        "names": {client: [endpoint.name for endpoint in listed] for client, listed in listings.items()},
        "notes": list(configuration.notes),
    }


def _lines(configuration: Configuration, listings: dict[str, list[Endpoint]], paint: Paint) -> list[str]:
    file = str(configuration.file) if configuration.file is not None else "none found, using defaults"
    lines = [f"{paint.good('✔')} config      {file}"]
    for provider in configuration.providers:
        key = "with a key" if provider.api_key is not None else "without a key"
        lines.append(f"{paint.good('✔')} provider    {provider.name} ({provider.origin}): {provider.dialect} at {provider.base_url}, {key}")
    if not configuration.providers:
        lines.append(f"{paint.warn('!')} provider    none; set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, or write [[providers]]")
    for endpoint in configuration.endpoints:
        targets = ", then ".join(f"{target.model} at {target.provider.name}" for target in endpoint.targets)
        lines.append(f"{paint.good('✔')} endpoint    {endpoint.name} → {targets}")
    for client, who in _CLIENTS:
        lines += _names(who, listings[client], paint)
    lines += [f"{paint.warn('!')} {note}" for note in configuration.notes]
    return lines


def _names(who: str, listed: Sequence[Endpoint], paint: Paint) -> list[str]:
    if not listed:
        return []
    return [f"{paint.good('✔')} {len(listed)} name{'' if len(listed) == 1 else 's'} for {who}:", *(f"    {endpoint.name}" for endpoint in listed)]
