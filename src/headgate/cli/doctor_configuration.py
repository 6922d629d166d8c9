"""What `headgate doctor` finds in the configuration: whether it is accepted, from where the gateway can be reached, whether providers take their keys, and how old the
price data is.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from headgate.app.provider_trial import try_providers
from headgate.cli.finding import Finding, failure, ok, warning
from headgate.config.load import Configuration, load, load_without_secrets
from headgate.config.problems import ConfigError
from headgate.config.schema import Server
from headgate.core.dialect_names import spoken_text
from headgate.core.loopback import is_loopback
from headgate.exchange.provider_check import CheckedProvider

_OLD_DAYS = 120


def read_configuration(asked: str, environ: Mapping[str, str], *, demo: bool) -> tuple[Configuration | None, list[Finding]]:
    """The configuration that a start would use, with keys where this shell has them; and what is wrong with it."""
    try:
        configuration = load_without_secrets(asked, environ, demo=demo)
    except ConfigError as error:
        fix = "correct the file; `headgate check` says whether it is accepted"
        return None, [failure("configuration", str(problem), fix) for problem in error.problems]
    file = str(configuration.file) if configuration.file is not None else "no file, only defaults"
    found = [ok("configuration", file)]
    try:
        return load(asked, environ, demo=demo), found
    except ConfigError as error:
        fix = "run doctor with the variables and rights of the gateway, such as its EnvironmentFile"
        return configuration, [*found, *(warning("providers", f"Not tried: {problem}", fix) for problem in error.problems)]


def address_findings(server: Server) -> Iterator[Finding]:
    """From where the gateway can be reached, and under which names."""
    public = urlsplit(server.public_url).hostname or ""
    if server.allowed_hosts and public and public not in server.allowed_hosts:
        text = f"server.public_url names {public}, which server.allowed_hosts does not have: requests to it are refused."
        yield failure("allowed hosts", text, f'add "{public}" to server.allowed_hosts')
    elif not server.allowed_hosts and not is_loopback(server.host):
        text = (
            "A browser can reach the port, and server.allowed_hosts is empty: a web page elsewhere could send requests to it under a name of its own."
        )
        yield warning("allowed hosts", text, f'set server.allowed_hosts = ["{public or "gate.example"}"]')
    else:
        yield ok("allowed hosts", ", ".join(server.allowed_hosts) or "only this machine can reach the port")
    if not is_loopback(server.host) and not server.public_url.startswith("https://"):
        text = f"Headgate listens on {server.host} without TLS: tokens can be read on the way."
        yield warning("tls", text, "put a proxy with TLS in front, and set server.public_url to its https:// address")


def provider_findings(configuration: Configuration) -> list[Finding]:
    """Whether each provider with a key of Headgate's takes it: its list of models is asked for, which is free."""
    asked = [each for each in configuration.providers if not each.is_demo and not each.takes_client_credential]
    if not asked and configuration.providers:
        return [ok("providers", "none has a key of Headgate's: each user's own credential is sent, or the demo answers")]
    if not asked:
        fix = "set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, write [[providers]], or try `headgate up --demo`"
        return [failure("providers", "There is none: no request can be answered.", fix)]
    logging.getLogger("headgate").addHandler(logging.NullHandler())  # what would be logged is a finding
    return [_of_provider(each) for each in asyncio.run(try_providers(asked, configuration.settings.upstream))]


def format_findings(configuration: Configuration) -> list[Finding]:
    """Which formats need no translation."""
    formats = spoken_text(dialect for provider in configuration.providers for dialect in provider.dialects)
    return [ok("formats", formats)] if formats else []


def price_finding(today: dt.date) -> Finding:
    """How old the price data is."""
    from genai_prices import __version__  # ruff: ignore[import-outside-top-level] takes a second to load
    from genai_prices.data_snapshot import get_snapshot  # ruff: ignore[import-outside-top-level] see above

    from headgate.metering.price_age import latest_price_day  # ruff: ignore[import-outside-top-level] see above

    day = latest_price_day(get_snapshot(), today)
    if day is None or (today - day).days > _OLD_DAYS:
        text = f"The price data (genai-prices {__version__}) knows no price change since {day or 'long ago'}: new models may be unpriced."
        return warning("prices", text, "upgrade Headgate, or state prices in [[prices]]")
    return ok("prices", f"genai-prices {__version__}, which knows price changes up to {day}")


def _of_provider(checked: CheckedProvider) -> Finding:
    check, took = f"provider {checked.provider}", f"{checked.latency_ms} ms"
    match checked.verdict:
        case "good":
            return ok(check, f"{checked.message} ({took})")
        case "key_refused":
            return failure(check, f"It refuses Headgate's key: {checked.message}", f"renew api_key of the provider {checked.provider}")
        case "refused":
            fix = "check base_url and dialect of the provider; not every server has a list of models, and then this does not matter"
            return warning(check, f"It answers with status {checked.status}: {checked.message}", fix)
        case _:
            fix = "check base_url, the network, and the proxy in [upstream]"
            return failure(check, f"It cannot be reached: {checked.message}", fix)
