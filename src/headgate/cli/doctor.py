"""`headgate doctor`: looks at everything that an installation needs, and says for each failure what to do. It changes nothing."""

import datetime as dt
import os
import platform
import sys
from typing import Annotated

import msgspec
import typer

from headgate import __version__
from headgate.cli.finding import Finding, failure, finding_lines, ok
from headgate.cli.gateway import RemoteGateway
from headgate.cli.gateway_address import own_url
from headgate.cli.gateway_choice import gateway_or_store
from headgate.cli.gateway_health import clock_finding, gateway_findings, health_of, proxy_findings, transport_finding
from headgate.cli.options import ConfigOption, DataOption, JsonOption, UrlOption, reports_errors, typer_app
from headgate.cli.output import Paint, json_text, wants_colour
from headgate.core.clock import SystemClock
from headgate.core.errors import GatewayError

app = typer_app("Find what is wrong, and what to do about it.")


@app.command()
@reports_errors
def doctor(
    url: UrlOption = "",
    data: DataOption = "",
    config: ConfigOption = "",
    offline: Annotated[bool, typer.Option("--offline", help="Do not try providers.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Find what is wrong, and what to do about it. It looks at this machine's gateway, or at the one that you signed in to. Exit code 1 for a failure."""
    now = dt.datetime.fromtimestamp(SystemClock().wall_ns() / 1e9, dt.UTC)
    python = f"Headgate {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    found = [ok("version", python), *_library_findings()]
    try:
        gateway = gateway_or_store(url, data)
    except GatewayError as error:
        found.append(failure("login", error.message, "headgate login URL"))
    else:
        found += _here(data, config, now, offline=offline) if gateway is None else _elsewhere(gateway, now)
    failed = any(each.state == "failure" for each in found)
    if as_json:
        print(json_text({"ok": not failed, "findings": [msgspec.to_builtins(each) for each in found]}))
    else:
        print("\n".join(finding_lines(found, Paint(wants_colour(sys.stdout, os.environ)))))
    if failed:
        raise typer.Exit(1)


def _library_findings() -> list[Finding]:
    """A package beside Headgate that breaks its SQL."""
    from headgate.catalog import sql_text  # ruff: ignore[import-outside-top-level] takes a while to load

    return [failure("sqlglotc", sql_text.COMPILED, "pip uninstall sqlglotc")] if sql_text.is_compiled() else []


def _elsewhere(gateway: RemoteGateway, now: dt.datetime) -> list[Finding]:
    """A gateway that runs elsewhere, as this machine reaches it."""
    health = health_of(gateway.url, now)
    found = gateway_findings(health, is_own=False)
    if health.is_headgate:
        found.append(_login_finding(gateway))
        found.append(transport_finding(gateway.url))
    clock = clock_finding(health)
    return [*found, *([clock] if clock is not None else []), *proxy_findings(gateway.url, os.environ), *_agents(gateway.url)]


def _login_finding(gateway: RemoteGateway) -> Finding:
    try:
        me = gateway.me()
    except GatewayError as error:
        return failure("token", error.message, f"headgate login {gateway.url}")
    end = f", ends {me['token']['expires_at']}" if me["token"]["expires_at"] else ""
    return ok("token", f"{me['token']['name']} of {me['principal']['name']}{end}")


def _here(data: str, config: str, now: dt.datetime, *, offline: bool) -> list[Finding]:
    """The store, the configuration and the gateway of this machine."""
    from headgate.cli import doctor_configuration as of_configuration  # ruff: ignore[import-outside-top-level] takes a while to load
    from headgate.cli import doctor_store as of_store  # ruff: ignore[import-outside-top-level] see above
    from headgate.storage.state.stated_configuration import read_configuration  # ruff: ignore[import-outside-top-level] see above

    directory, found = of_store.find_store(data)
    now_s = now.timestamp()
    demo, running = False, False
    if directory is not None:
        demo, running = read_configuration(str(directory.root)).demo, of_store.is_running(directory)
        found += [of_store.disk_finding(directory.root), *of_store.store_findings(directory, now_s)]
    configuration, of_file = of_configuration.read_configuration(config, os.environ, demo=demo)
    found += of_file
    if configuration is None:
        return found
    url = own_url({**os.environ, "HEADGATE_CONFIG": config} if config else os.environ)
    health = health_of(url, now)
    found += gateway_findings(health, is_own=True, running=running)
    found += [*of_configuration.address_findings(configuration.settings.server), *proxy_findings(url, os.environ)]
    if not offline and not any(each.check == "providers" for each in of_file):
        found += [ok("providers", "the demo")] if demo else of_configuration.provider_findings(configuration)
        found += of_configuration.format_findings(configuration)
    found.append(of_configuration.price_finding(now.date()))
    if directory is not None:
        found += of_store.telemetry_findings(directory, now_s)
    return [*found, *_agents(configuration.settings.server.public_url or url)]


def _agents(url: str) -> list[Finding]:
    from headgate.cli.doctor_agents import agent_findings  # ruff: ignore[import-outside-top-level] looks for programs

    return agent_findings(url.rstrip("/"))
