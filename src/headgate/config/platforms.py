"""Compiles what a provider says of its platform: where it is, what is sent beside the dialect, and how Headgate signs in there.

Addresses are those of the platforms' documentation: https://docs.aws.amazon.com/general/latest/gr/bedrock.html,
https://cloud.google.com/vertex-ai/docs/reference/rest, https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow,
https://docs.databricks.com/dev-tools/auth/oauth-m2m.
"""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from urllib.parse import urlsplit

import msgspec

from headgate.config.entries import WrittenProvider
from headgate.config.problems import Path, Problems, nearest
from headgate.config.references import BadReference, resolve_secret
from headgate.config.urls import split_url
from headgate.core.loopback import is_loopback_url
from headgate.core.platform import AWS, AZURE, BEDROCK, DATABRICKS, GOOGLE, OAUTH, PLATFORM_DIALECTS, VERTEX, Platform, PlatformLogin
from headgate.core.secret import Secret

_OAUTH_KEYS = ("client_id", "client_secret", "token_url", "scope")
_KEYS: Mapping[str, tuple[str, ...]] = {  # of each platform, beside those of every provider
    "": _OAUTH_KEYS,
    BEDROCK: ("region", "profile", "betas"),
    VERTEX: ("region", "project", "credentials", "betas"),
    AZURE: ("api_version", "tenant_id", *_OAUTH_KEYS),
    DATABRICKS: _OAUTH_KEYS,
}
_NEEDED: Mapping[str, tuple[str, ...]] = {BEDROCK: ("region",), VERTEX: ("region", "project"), AZURE: ("base_url",), DATABRICKS: ("base_url",)}
_PLACE = re.compile(r"[a-z0-9-]{1,63}")
_WORD = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_MULTI_REGIONS = ("us", "eu")
_EXTRAS: Mapping[str, tuple[str, str]] = {AWS: ("botocore", "bedrock"), GOOGLE: ("google.auth", "vertex")}
_FOUNDRY_SCOPE = "https://ai.azure.com/.default"
_SCOPES: Mapping[str, str] = {AZURE: "https://cognitiveservices.azure.com/.default", DATABRICKS: "all-apis"}


class Given(msgspec.Struct, frozen=True):
    """What secrets are resolved with. `secrets` are those that were resolved before, by reference."""

    environ: Mapping[str, str]
    directory: FilePath
    secrets: Mapping[str, str]


def platform_base_url(entry: WrittenProvider) -> str:
    """The base URL of a platform that has one for each region; empty for any other."""
    if entry.platform == BEDROCK:
        return f"https://bedrock-runtime.{entry.region}.amazonaws.com"
    if entry.platform != VERTEX:
        return ""
    if entry.region == "global":
        return "https://aiplatform.googleapis.com"
    if entry.region in _MULTI_REGIONS:
        return f"https://aiplatform.{entry.region}.rep.googleapis.com"
    return f"https://{entry.region}-aiplatform.googleapis.com"


def compile_platform(entry: WrittenProvider, path: Path, problems: Problems) -> Platform | None:
    """The platform of a provider; `None` if it has none."""
    if entry.platform and entry.platform not in PLATFORM_DIALECTS:
        problems.add((*path, "platform"), f"unknown platform {entry.platform!r}{nearest(entry.platform, PLATFORM_DIALECTS)}")
        return None
    _check_keys(entry, path, problems)
    if not entry.platform:
        return None
    if entry.dialect and entry.dialect not in PLATFORM_DIALECTS[entry.platform]:
        problems.add((*path, "dialect"), f"a provider with platform = {entry.platform!r} speaks {' or '.join(PLATFORM_DIALECTS[entry.platform])}")
    if entry.auth == "client":
        problems.add((*path, "auth"), '"client" sends the credentials of users to their issuers, and no platform is one')
    for key in ("region", "project", "api_version"):
        value = getattr(entry, key)
        if value and not (_WORD if key != "region" else _PLACE).fullmatch(value):
            problems.add((*path, key), f"{value!r} is no {key.replace('_', ' ')}")
    return Platform(entry.platform, entry.region, entry.project, entry.api_version, entry.betas)


def compile_login(entry: WrittenProvider, base_url: str, path: Path, given: Given, problems: Problems) -> PlatformLogin | None:
    """How Headgate signs in; `None` where there is a key, or nothing is needed."""
    if entry.platform == VERTEX and entry.api_key:
        problems.add((*path, "api_key"), "Vertex AI takes no key here: leave it out, and give credentials or a service account of the machine")
    if entry.api_key and entry.client_id:
        problems.add((*path, "client_id"), "a provider has either an api_key, or a client_id with its client_secret")
    if entry.api_key:
        return None
    if entry.client_id or entry.client_secret:
        return _oauth(entry, base_url, path, given, problems)
    if entry.platform == BEDROCK:
        return _aws(entry, path, given.environ, problems)
    if entry.platform == VERTEX:
        return _google(entry, path, given, problems)
    if entry.platform:
        problems.add((*path, "api_key"), "the provider needs an api_key, or a client_id with its client_secret")
    return None


def resolved(reference: str, path: Path, given: Given, problems: Problems) -> Secret | None:
    """The secret behind a reference; `None` if there is none, or a problem, which is noted."""
    known = given.secrets.get(reference)
    if known or not reference:
        return Secret(known) if known else None
    try:
        return resolve_secret(reference, given.environ, given.directory)
    except BadReference as error:
        problems.add(path, str(error))
        return None


def _check_keys(entry: WrittenProvider, path: Path, problems: Problems) -> None:
    """Note each key that another platform needs, and each that this one lacks."""
    for key in sorted({key for keys in _KEYS.values() for key in keys} - set(_KEYS[entry.platform])):
        if getattr(entry, key):
            meant = [f'"{platform}"' for platform, keys in _KEYS.items() if platform and key in keys]
            problems.add((*path, key), f"is for a provider with platform = {' or '.join(meant)}")
    for key in _NEEDED.get(entry.platform, ()):
        if not getattr(entry, key):
            problems.add((*path, key), f"a provider with platform = {entry.platform!r} needs its {key}")


def _oauth(entry: WrittenProvider, base_url: str, path: Path, given: Given, problems: Problems) -> PlatformLogin | None:
    for key in ("client_id", "client_secret"):
        if not getattr(entry, key):
            problems.add((*path, key), "client_id and client_secret belong together")
    secret = resolved(entry.client_secret, (*path, "client_secret"), given, problems)
    token_url = entry.token_url
    if not token_url and entry.platform == AZURE:
        if not _WORD.fullmatch(entry.tenant_id):
            problems.add((*path, "tenant_id"), "Entra ID needs the tenant's id or domain beside client_id")
        token_url = f"https://login.microsoftonline.com/{entry.tenant_id}/oauth2/v2.0/token"
    elif not token_url and entry.platform == DATABRICKS:
        parts = urlsplit(base_url)
        token_url = f"{parts.scheme}://{parts.netloc}/oidc/v1/token"
    elif not token_url:
        problems.add((*path, "token_url"), "client_id needs the token_url that gives its tokens")
    reason = split_url(token_url)[0] if token_url else ""
    if not reason and token_url.startswith("http:") and not is_loopback_url(token_url):
        reason = "must begin with https://, for the client's secret is sent there"
    if reason:
        problems.add((*path, "token_url"), reason)
    scope = entry.scope or (_FOUNDRY_SCOPE if (entry.platform, entry.dialect) == (AZURE, "anthropic") else _SCOPES.get(entry.platform, ""))
    return PlatformLogin(OAUTH, client_id=entry.client_id, secret=secret, token_url=token_url, scope=scope)


def _aws(entry: WrittenProvider, path: Path, environ: Mapping[str, str], problems: Problems) -> PlatformLogin:
    """The keys of the environment, which need no library; else AWS's own sources."""
    key, secret, token = (environ.get(name, "") for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))
    if key and secret and not entry.profile:
        return PlatformLogin(AWS, client_id=key, secret=Secret(secret), session_token=Secret(token) if token else None)
    _check_extra(AWS, path, problems)
    return PlatformLogin(AWS, profile=entry.profile)


def _google(entry: WrittenProvider, path: Path, given: Given, problems: Problems) -> PlatformLogin:
    _check_extra(GOOGLE, path, problems)
    named = (*path, "credentials")
    if not entry.credentials:
        return PlatformLogin(GOOGLE, file=given.environ.get("GOOGLE_APPLICATION_CREDENTIALS", ""))
    kind, _, rest = entry.credentials.partition(":")
    file = given.directory / FilePath(rest).expanduser()
    if kind != "file" or not rest:
        problems.add(named, "say where the credentials are: file:PATH for a file of Google's")
    elif entry.credentials not in given.secrets and not file.is_file():
        problems.add(named, f"no such file: {file}")
    return PlatformLogin(GOOGLE, file=str(file.absolute()))


def _check_extra(kind: str, path: Path, problems: Problems) -> None:
    module, extra = _EXTRAS[kind]
    try:
        found = importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # its parent is missing
        found = False
    if not found:
        problems.add(
            (*path, "platform"), f"its credentials need the extra headgate[{extra}]; install it, for example: pip install 'headgate[{extra}]'"
        )
