"""`headgate status`: which gateway it is, where its data and its configuration are, and whether it is ready."""

import datetime as dt
import os
from collections.abc import Mapping

import typer

from headgate import __version__
from headgate.cli.gateway_address import own_url
from headgate.cli.gateway_choice import gateway_or_store
from headgate.cli.gateway_health import GatewayHealth, health_of
from headgate.cli.options import ConfigOption, DataOption, JsonOption, UrlOption, reports_errors, typer_app
from headgate.cli.output import json_text, printable
from headgate.config.paths import config_file, data_directory
from headgate.core.clock import SystemClock

app = typer_app("Show whether the gateway is ready, and where it is.")


@app.command()
@reports_errors
def status(url: UrlOption = "", data: DataOption = "", config: ConfigOption = "", as_json: JsonOption = False) -> None:
    """Show whether the gateway is ready, and where it is: its address, its data directory, its configuration. Exit code 1 if it is not ready."""
    gateway = gateway_or_store(url, data)
    facts: dict[str, str] = {"version": __version__}
    if gateway is None:
        environ: Mapping[str, str] = {**os.environ, "HEADGATE_CONFIG": config} if config else os.environ
        file, _ = config_file(config, environ)
        facts |= {"data": str(data_directory(data, environ).root), "config": str(file or "none, only defaults"), "address": own_url(environ)}
    else:
        facts["address"] = gateway.url
    health = health_of(facts["address"], dt.datetime.fromtimestamp(SystemClock().wall_ns() / 1e9, dt.UTC))
    if as_json:
        told = {"ready": health.ready, "reasons": [*health.reasons, *filter(None, [health.trouble])], "warnings": list(health.warnings)}
        print(json_text(facts | told))
    else:
        for name, value in (facts | {"state": _state(health)}).items():
            print(f"{name:<9} {printable(value, 400)}")
        for text in health.warnings:
            print(f"{'warning':<9} {printable(text, 400)}")
    if not health.ready:
        raise typer.Exit(1)


def _state(health: GatewayHealth) -> str:
    if health.ready:
        return "ready"
    return "not ready: " + " ".join((*health.reasons, *filter(None, [health.trouble])))
