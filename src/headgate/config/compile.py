"""Compiles the file's providers into what the gateway uses, with their secrets. Checks every rule that spans several keys of the other sections."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path as FilePath

import msgspec

from headgate.config.entries import AUTH_WORDS, WrittenProvider
from headgate.config.platforms import Given, compile_login, compile_platform, platform_base_url, resolved
from headgate.config.problems import Path, Problems, nearest
from headgate.config.schema import OBJECT_STORES, Settings
from headgate.config.urls import split_url
from headgate.core.client_credential import ISSUER_HOSTS, issuer_at
from headgate.core.endpoint import CLIENT_AUTH, DEMO_SCHEME, Provider
from headgate.core.model_names import is_name, is_pattern
from headgate.core.platform import AZURE, BEDROCK, DATABRICKS
from headgate.core.provider_dialect import WORDS

_PROVIDER_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_VERSION = re.compile(r"v\d+(?:alpha|beta)?\d*")
_WAREHOUSE = re.compile(rf"/[^\x00-\x1f]*|(?:{'|'.join(OBJECT_STORES)})://[A-Za-z0-9._-]+(?:@[A-Za-z0-9.-]+)?(?:/[^?#\s]*)?")
_TABLE = re.compile(r"[^\x00-\x20./\\`\"'\x7f<>]+(?:\.[^\x00-\x20./\\`\"'\x7f<>]+){2}")
_HEADER = re.compile(r"[A-Za-z0-9_*-]{1,128}")
_KEY_HEADERS: Mapping[tuple[str, str], str] = {  # how a platform takes a key, in a dialect or else in any
    (BEDROCK, ""): "bearer", (AZURE, ""): "api-key", (AZURE, "anthropic"): "", (DATABRICKS, ""): "bearer",
}  # fmt: skip
USAGE_DAYS_MIN = 32
NAME_GRAMMAR = "letters, digits and . _ : / @ - only, at most 128"


def compile_providers(
    settings: Settings, environ: Mapping[str, str], file: FilePath, problems: Problems, secrets: Mapping[str, str] | None = None
) -> tuple[Provider, ...]:
    """The providers of the file, without those that have a problem, which is noted. `secrets` are those that were resolved before, by reference."""
    compiled: list[Provider] = []
    names: dict[str, int] = {}
    given = Given(environ, file.parent, secrets or {})
    for index, entry in enumerate(settings.providers):
        path: Path = ("providers", index)
        if entry.name and entry.name in names:
            problems.add((*path, "name"), f"{entry.name!r} is already the name of providers[{names[entry.name]}]")
            continue
        names[entry.name] = index
        before = len(problems.found)
        _check_words(entry, path, problems)
        base_url = _base_url(entry, path, problems)
        if entry.auth == CLIENT_AUTH:
            _check_client_auth(entry, base_url, path, problems)
        platform = compile_platform(entry, path, problems)
        key = resolved(entry.api_key, (*path, "api_key"), given, problems)
        login = compile_login(entry, base_url, path, given, problems)
        if len(problems.found) == before:
            compiled.append(
                Provider(
                    name=entry.name,
                    dialect=entry.dialect,
                    base_url=base_url,
                    api_key=key,
                    auth=entry.auth or _KEY_HEADERS.get((entry.platform, entry.dialect), _KEY_HEADERS.get((entry.platform, ""), "")),
                    models=entry.models,
                    origin=file.name,
                    price_as=entry.price_as,
                    ask_usage=entry.ask_usage,
                    platform=platform,
                    login=login,
                )
            )
    return tuple(compiled)


def compile_upstream(settings: Settings, file: FilePath | None, problems: Problems) -> Settings:
    """The settings with the certificate file's absolute path. Checks the proxy and the file before a request depends on them."""
    if settings.upstream.proxy_url:
        reason, parts = split_url(settings.upstream.proxy_url)
        if not reason and parts is not None and (parts.scheme != "http" or parts.path not in {"", "/"}):
            reason = "must be http://HOST:PORT"
        if reason:
            problems.add(("upstream", "proxy_url"), reason)
    for index, name in enumerate(settings.upstream.pass_headers):
        if not _HEADER.fullmatch(name):
            problems.add(("upstream", "pass_headers", index), f"{name!r} is no name of a header, such as x-session-id or x-*")
    if settings.upstream.extra_ca_file:
        path = (file.parent if file else FilePath()) / FilePath(settings.upstream.extra_ca_file).expanduser()
        if not path.is_file():
            problems.add(("upstream", "extra_ca_file"), f"no such file: {path}")
        upstream = msgspec.structs.replace(settings.upstream, extra_ca_file=str(path.absolute()))
        return msgspec.structs.replace(settings, upstream=upstream)
    return settings


def check_server(settings: Settings, problems: Problems) -> None:
    """Check that links can be made with the public address, that the contact is one line, and that proxies and readers of metrics are addresses or networks."""
    public = settings.server.public_url
    if public:
        reason, parts = split_url(public)
        if not reason and parts is not None and parts.path not in {"", "/"}:
            reason = "must have no path"
        if reason:
            problems.add(("server", "public_url"), reason)
    if not settings.server.contact.isprintable():
        problems.add(("server", "contact"), "must be one line of printable text")
    for path in (("server", "trusted_proxies"), ("metrics", "networks")):
        for index, network in enumerate(getattr(getattr(settings, path[0]), path[1])):
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                problems.add((*path, index), f"{network!r} is no address or network, such as 127.0.0.1 or 10.0.0.0/8")


def check_storage(settings: Settings, problems: Problems) -> None:
    """Check that the warehouse's root does not depend on the working directory."""
    warehouse = settings.storage.warehouse
    if warehouse and not _WAREHOUSE.fullmatch(warehouse):
        reason = f"{warehouse!r} is neither an absolute path nor {', '.join(f'{scheme}://…' for scheme in OBJECT_STORES)}"
        problems.add(("storage", "warehouse"), reason)


def check_usage(settings: Settings, problems: Problems) -> None:
    """Check that the month that runs stays whole: its statement and forecasts are made of the usage table."""
    days = settings.usage.retention_days
    if 0 < days < USAGE_DAYS_MIN:
        problems.add(("usage", "retention_days"), f"{days} is less than {USAGE_DAYS_MIN}: rows of the month that runs would be deleted; 0 keeps all")


def check_telemetry(settings: Settings, problems: Problems) -> None:
    """Check that tables have complete names, and that patterns are valid."""
    for path in (("telemetry", "trace_table"), ("payloads", "table")):
        table: str = getattr(getattr(settings, path[0]), path[1])
        if table:
            check_table(table, path, problems)
    for key in ("redact", "keep"):
        for index, name in enumerate(getattr(settings.telemetry, key)):
            if not name.strip("*?") and (key, name) != ("keep", "*"):
                problems.add(("telemetry", key, index), f"{name!r} would mean every attribute")
    for index, pattern in enumerate(settings.payloads.redact):
        try:
            matches_nothing = re.match(pattern, "") is not None
        except (re.error, RecursionError, OverflowError) as error:
            problems.add(("payloads", "redact", index), f"is no regular expression: {error}")
        else:
            if matches_nothing:
                problems.add(("payloads", "redact", index), f"{pattern!r} matches where there is nothing to replace")


def check_table(name: str, path: Path, problems: Problems) -> None:
    """Check that a table has a complete name."""
    if not _TABLE.fullmatch(name):
        problems.add(path, f"{name!r} is no table name: write catalog.schema.table")


def _check_words(entry: WrittenProvider, path: Path, problems: Problems) -> None:
    if not _PROVIDER_NAME.fullmatch(entry.name):
        reason = f"{entry.name!r} is no provider name: letters, digits and . _ - only, at most 64" if entry.name else "a provider needs a name"
        problems.add((*path, "name"), reason)
    if entry.dialect not in WORDS:
        reason = f"unknown dialect {entry.dialect!r}{nearest(entry.dialect, WORDS)}" if entry.dialect else "a provider needs a dialect"
        problems.add((*path, "dialect"), reason if entry.dialect else f"{reason}: {', '.join(WORDS)}")
    if entry.auth not in AUTH_WORDS:
        problems.add((*path, "auth"), f"unknown word {entry.auth!r}{nearest(entry.auth, [word for word in AUTH_WORDS if word])}")
    for index, model in enumerate(entry.models):
        if not (is_name(model) or is_pattern(model)):
            problems.add((*path, "models", index), f"{model!r} is no model name: {NAME_GRAMMAR}")


def _check_client_auth(entry: WrittenProvider, base_url: str, path: Path, problems: Problems) -> None:
    """The credentials of users go to the host that issued them, so nothing else may be the address; and a key of Headgate's would never be used."""
    if issuer_at(base_url) is None:
        hosts = ", ".join(f"https://{host}" for host in ISSUER_HOSTS)
        problems.add(
            (*path, "auth"), f'"client" sends the credentials of users, which go to their issuers alone: base_url begins with one of {hosts}'
        )
    if entry.api_key:
        problems.add(
            (*path, "api_key"), 'a provider with auth = "client" has no key; write a second provider for requests that Headgate\'s account pays'
        )


def _base_url(entry: WrittenProvider, path: Path, problems: Problems) -> str:
    word = WORDS.get(entry.dialect)
    if not entry.base_url:
        return platform_base_url(entry) or ("" if word is None or entry.platform else word.base_url)
    if entry.base_url == DEMO_SCHEME:
        if entry.api_key or entry.auth:
            problems.add((*path, "base_url"), f"the built-in demo ({DEMO_SCHEME}) needs no key: leave out api_key and auth")
        return f"{DEMO_SCHEME}{entry.dialect}"
    reason, parts = split_url(entry.base_url)
    if not reason and parts is not None and word is not None:
        reason = _misplaced_version(entry.dialect, parts.path.rstrip("/"), ends_with_version=word.versioned)
    if reason:
        problems.add((*path, "base_url"), reason)
    return entry.base_url.rstrip("/")


def _misplaced_version(dialect: str, path: str, *, ends_with_version: bool) -> str:
    last = path.rpartition("/")[2]
    if ends_with_version and not path:
        return f"an {dialect} base_url ends with its version, as in http://127.0.0.1:9000/v1"
    if not ends_with_version and _VERSION.fullmatch(last):
        return f"the base_url of a provider that speaks {dialect} goes without /{last}"
    return ""
