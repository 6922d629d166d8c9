"""Loads the configuration: finds the file, reads it, applies variables and options, checks everything, and resolves its secrets.

The result is complete and valid, or a ConfigError that names all problems with file and line. A partly valid configuration is never used.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from headgate.config.budgets import References, compile_budgets
from headgate.config.compile import check_server, check_storage, check_telemetry, check_usage, compile_providers, compile_upstream
from headgate.config.discover import Probe, find_in_environment, find_ollama, ollama_address, ollama_provider, unused_in_demo
from headgate.config.endpoints import compile_endpoints
from headgate.config.entries import WrittenEndpoint
from headgate.config.grants import compile_grants
from headgate.config.groups import compile_groups
from headgate.config.limits import compile_limits
from headgate.config.model_profiles import compile_model_profiles
from headgate.config.overrides import apply_overrides, mistyped_variables
from headgate.config.paths import config_file
from headgate.config.prices import compile_prices
from headgate.config.problems import ConfigError, Problem, Problems
from headgate.config.schema import Discovery, Server, Settings
from headgate.config.toml_lines import key_lines
from headgate.config.validate import leaves, validate
from headgate.core.budget import Budget
from headgate.core.endpoint import Endpoint, Provider
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.group import Group
from headgate.core.limit import Limit
from headgate.core.loopback import is_loopback, is_loopback_url
from headgate.core.model_profile import ProfileChange
from headgate.core.price_rule import PriceRule

_SIZE_MAX = 1 << 20
_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


class WrittenFile(msgspec.Struct, frozen=True, tag="written_file"):
    """A configuration file that was accepted: its path and text, both empty if there is no file, and the secrets behind its `file:` references.

    A process that replaces a serving process receives it, and uses it even if the file has changed and the change is refused. It may hold keys, so it stays
    in memory: nothing writes it to disk. `env:` references need no copy, because a gateway's environment does not change.
    """

    file: str = ""
    text: str = ""
    secrets: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"WrittenFile(file={self.file!r})"


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The checked and resolved configuration. `file` is `None` if there is no configuration file; `text` is the content of the file.

    `providers`: those of the file, then those found. `origins` names what set each setting that is not a default. `notes` are warnings for people.
    """

    settings: Settings
    file: Path | None
    text: str = ""
    providers: tuple[Provider, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    prices: tuple[PriceRule, ...] = ()
    model_profiles: tuple[ProfileChange, ...] = ()
    groups: tuple[Group, ...] = ()
    grants: tuple[EndpointGrant, ...] = ()
    limits: tuple[Limit, ...] = ()
    budgets: tuple[Budget, ...] = ()
    origins: dict[str, str] = {}
    notes: tuple[str, ...] = ()


def load(
    asked: str,
    environ: Mapping[str, str],
    options: Mapping[str, str] | None = None,
    probe: Probe | None = None,
    *,
    demo: bool = False,
    accepted: WrittenFile | None = None,
) -> Configuration:
    """Load the configuration. `asked` is the file named by `--config` or empty; `options` are settings from the command line (`server.port`).

    In the `demo` no real provider may be reached: none is looked for, and the file's providers, endpoints and prices are ignored.
    With an `accepted` file, that copy is loaded: neither the file nor a file with a key is read again.
    Raises ConfigError with all problems: unknown keys, wrong types, and values that contradict each other.
    """
    written = accepted or _read(asked, environ)
    document, lines, name = _parsed(written)
    problems = Problems(name, lines)
    origins = _written_origins(document, lines, name)
    origins |= apply_overrides(document, environ, options or {}, problems)
    settings = validate(document, problems)
    if not demo:
        return _complete(settings, written, environ, origins, (problems, probe))
    found = _complete(_without_providers(settings), written, environ, origins, (problems, probe))
    return msgspec.structs.replace(found, notes=(*unused_in_demo(environ, written=bool(settings.providers)), *found.notes))


def load_without_secrets(asked: str, environ: Mapping[str, str], *, demo: bool = False) -> Configuration:
    """The configuration for commands that work beside the gateway: no key is read, as only the gateway may have them, and no provider is asked.

    Its providers cannot be used to send anything. Raises ConfigError for errors in the file, as `load` does.
    """
    written = _read(asked, environ)
    document = _parsed(written)[0]
    unread = _references(document, "budgets", "webhook", "https://unread.invalid/")
    for key in ("api_key", "client_secret", "credentials"):
        unread |= _references(document, "providers", key, "unread")
    without_keys = {**environ, "AWS_ACCESS_KEY_ID": "unread", "AWS_SECRET_ACCESS_KEY": "unread"}
    return load(asked, without_keys, probe=lambda _: None, demo=demo, accepted=msgspec.structs.replace(written, secrets=unread))


def _references(document: Mapping[str, Any], section: str, key: str, instead: str) -> dict[str, str]:
    """The references to secrets in an array of tables, each with a text that passes for the secret."""
    entries = document.get(section)
    values = [entry.get(key) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return {value: instead for value in values if isinstance(value, str) and value.startswith(("env:", "file:"))}


def accepted_of(configuration: Configuration) -> WrittenFile:
    """What `load` needs to load this configuration again, even if its file or the files with keys have changed."""
    keys = {provider.name: provider.api_key for provider in configuration.providers}
    references = {entry.api_key: keys.get(entry.name) for entry in configuration.settings.providers if entry.api_key.startswith("file:")}
    logins = {provider.name: provider.login.secret for provider in configuration.providers if provider.login is not None}
    references |= {
        entry.client_secret: logins.get(entry.name) for entry in configuration.settings.providers if entry.client_secret.startswith("file:")
    }
    hooks = {budget.name: budget.webhook for budget in configuration.budgets}
    references |= {entry.webhook: hooks.get(entry.name) for entry in configuration.settings.budgets if entry.webhook.startswith("file:")}
    secrets = {reference: key.reveal() for reference, key in references.items() if key is not None}
    return WrittenFile(str(configuration.file or ""), configuration.text, secrets)


def server_settings(asked: str, environ: Mapping[str, str]) -> Server:
    """Only the server's settings, for commands that need no provider's key. Raises ConfigError for errors in the file, as `load` does."""
    document, lines, name = _parsed(_read(asked, environ))
    problems = Problems(name, lines)
    apply_overrides(document, environ, {}, problems)
    settings = validate(document, problems)
    check_server(settings, problems)
    problems.raise_any()
    return settings.server


def _without_providers(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, providers=(), endpoints=(), prices=(), discovery=Discovery(environment=False, ollama=False))


def _broken(settings: Settings, providers: Sequence[Provider]) -> set[str]:
    """The names of providers that are written, but wrong: an endpoint that names one is not wrong for that."""
    return {entry.name for entry in settings.providers} - {provider.name for provider in providers}


def _complete(
    settings: Settings, source: WrittenFile, environ: Mapping[str, str], origins: dict[str, str], checks: tuple[Problems, Probe | None]
) -> Configuration:
    problems, probe = checks
    file = Path(source.file) if source.file else None
    written = compile_providers(settings, environ, file or Path(), problems, source.secrets)
    found, notes = _discover(settings, environ, {entry.name for entry in settings.providers}, probe)
    providers = (*written, *found)
    endpoints = compile_endpoints(settings.endpoints, providers, problems, _broken(settings, providers))
    prices = compile_prices(settings, [provider.name for provider in providers], problems)
    model_profiles = compile_model_profiles(settings.model_profiles, problems)
    groups = compile_groups(settings.groups, problems)
    grants = compile_grants(settings.grants, problems)
    limits = compile_limits(settings.limits, problems)
    budgets = compile_budgets(settings.budgets, problems, References(environ, (file or Path()).parent, source.secrets))
    settings = compile_upstream(settings, file, problems)
    check_server(settings, problems)
    check_storage(settings, problems)
    check_telemetry(settings, problems)
    check_usage(settings, problems)
    problems.raise_any()
    return Configuration(
        settings=settings,
        file=file,
        text=source.text,
        providers=providers,
        endpoints=endpoints,
        prices=prices,
        model_profiles=model_profiles,
        groups=groups,
        grants=grants,
        limits=limits,
        budgets=budgets,
        origins=origins,
        notes=(*notes, *mistyped_variables(environ), *_exposed_notes(settings.server), *_plaintext_notes(written), *_late_notes(settings)),
    )


def _read(asked: str, environ: Mapping[str, str]) -> WrittenFile:
    file, named_by = config_file(asked, environ)
    if file is None:
        return WrittenFile()
    try:
        content = file.read_bytes()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}" + (f" (named by {named_by})" if named_by else "")
        raise ConfigError([Problem(str(file), 0, "", reason)]) from error
    if len(content) > _SIZE_MAX:
        raise ConfigError([Problem(str(file), 0, "", f"is larger than {_SIZE_MAX} bytes")])
    try:
        return WrittenFile(str(file), content.decode())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem(str(file), line, "", "is not UTF-8 text")]) from error


def _parsed(written: WrittenFile) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int], str]:
    file = written.file
    if not file:
        return {}, {}, ""
    try:
        return tomllib.loads(written.text), key_lines(written.text), file
    except RecursionError as error:
        raise ConfigError([Problem(file, 0, "", "is nested too deep")]) from error
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        reason = _TOML_PLACE.sub("", str(error))
        where = f" (column {place[2]})" if place else ""
        raise ConfigError([Problem(file, int(place[1]) if place else 0, "", f"is not TOML: {reason}{where}")]) from error


def _written_origins(document: Mapping[str, Any], lines: Mapping[tuple[str | int, ...], int], name: str) -> dict[str, str]:
    origins: dict[str, str] = {}
    for path, _ in leaves():
        at: Any = document
        for step in path:
            at = at.get(step) if isinstance(at, Mapping) else None
        if at is not None:
            origins[".".join(path)] = f"{name}:{lines.get(path) or lines.get((*path, 0), 0)}"
    return origins


def _discover(settings: Settings, environ: Mapping[str, str], taken: set[str], probe: Probe | None) -> tuple[tuple[Provider, ...], tuple[str, ...]]:
    found: list[Provider] = []
    notes: tuple[str, ...] = ()
    if settings.discovery.environment:
        seen = find_in_environment(environ)
        found, notes = list(seen.providers), seen.notes
    if settings.discovery.ollama and "ollama" not in taken:
        ollama = find_ollama(environ, probe) or _silent_ollama(settings.endpoints, environ)
        found += [ollama] if ollama else []
    return tuple(provider for provider in found if provider.name not in taken), notes


def _silent_ollama(endpoints: tuple[WrittenEndpoint, ...], environ: Mapping[str, str]) -> Provider | None:
    """Ollama with the models that endpoints expect of it, if there are any; used when Ollama does not answer yet."""
    models = {
        target.model or endpoint.name for endpoint in endpoints for target in (*endpoint.targets, *endpoint.fallbacks) if target.provider == "ollama"
    }
    if not models:
        return None
    return ollama_provider(ollama_address(environ), tuple(sorted(models)), "does not answer yet")


def _exposed_notes(server: Server) -> list[str]:
    if is_loopback(server.host) or server.public_url.startswith("https:"):
        return []
    return [
        (
            f"other machines reach {server.host} over plain HTTP: tokens and prompts cross the network unencrypted. "
            "Put a proxy with TLS in front and set server.public_url"
        )
    ]


def _late_notes(settings: Settings) -> list[str]:
    """An agent that has the head of its stream gets no other target's answer."""
    return [
        f"endpoint {entry.name}: first_token_timeout_s has no effect, because agents get the head of their stream after "
        f"{settings.streams.early_headers_s:g} s (streams.early_headers_s)"
        for entry in settings.endpoints
        if (entry.first_token_timeout_s or 0) >= settings.streams.early_headers_s
    ]


def _plaintext_notes(providers: tuple[Provider, ...]) -> list[str]:
    return [
        f"provider {provider.name}: its key travels unencrypted to {provider.base_url}"
        for provider in providers
        if provider.has_credential and provider.base_url.startswith("http:") and not is_loopback_url(provider.base_url)
    ]
