"""Finds providers: those whose standard environment variables are set, and Ollama if it answers.

It never reads ANTHROPIC_BASE_URL, OPENAI_BASE_URL, GOOGLE_GEMINI_BASE_URL and similar ones: on a developer's machine they point at Headgate itself.
"""

import contextlib
import http.client
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from headgate.config.references import BadReference, resolve_secret
from headgate.config.schema import Settings
from headgate.core.endpoint import Provider
from headgate.core.model_names import is_name
from headgate.core.provider_dialect import WORDS
from headgate.core.secret import Secret

_KEY_VARIABLES = (
    ("anthropic", "anthropic", ("ANTHROPIC_API_KEY",)),
    ("openai", "openai", ("OPENAI_API_KEY",)),
    ("gemini", "gemini", ("GEMINI_API_KEY", "GOOGLE_API_KEY")),
)
_DATABRICKS = (
    ("databricks-anthropic", "anthropic", "/ai-gateway/anthropic"),
    ("databricks-openai", "openai", "/ai-gateway/openai/v1"),
    ("databricks-gemini", "gemini", "/ai-gateway/gemini"),
)
_OWN_TOKEN = "hg_"  # ruff: ignore[hardcoded-password-string] what Headgate's own tokens begin with
_NOWHERE = Path()  # no file is read here
_OLLAMA = "127.0.0.1:11434"
_OLLAMA_BYTES_MAX = 1 << 20
PROBE_TIMEOUT_S = 0.2

Probe = Callable[[str], tuple[str, ...] | None]


class Found(msgspec.Struct, frozen=True):
    """The providers that were found. `notes` say which variables were not used, and why."""

    providers: tuple[Provider, ...] = ()
    notes: tuple[str, ...] = ()


def key_variables(settings: Settings) -> frozenset[str]:
    """The variables that hold providers' keys: the standard ones, and those that the file refers to with `env:`."""
    standard = (variable for _, _, variables in _KEY_VARIABLES for variable in variables)
    references = (reference for entry in settings.providers for reference in (entry.api_key, entry.client_secret))
    written = (reference.removeprefix("env:") for reference in references if reference.startswith("env:"))
    return frozenset((*standard, "DATABRICKS_TOKEN", *written))


def find_in_environment(environ: Mapping[str, str]) -> Found:
    """The providers whose standard variables are set."""
    providers: list[Provider] = []
    notes: list[str] = []
    for name, dialect, variables in _KEY_VARIABLES:
        variable = next((each for each in variables if environ.get(each)), "")
        key = _key(variable, environ, notes) if variable else None
        if key is not None:
            providers.append(Provider(name=name, dialect=dialect, base_url=WORDS[dialect].base_url, api_key=key, origin=variable))
    return Found((*providers, *_databricks(environ, notes)), tuple(notes))


def unused_in_demo(environ: Mapping[str, str], *, written: bool) -> list[str]:
    """Notes on what the demo does not use: variables with keys, and providers of the file."""
    names = [*(variable for _, _, variables in _KEY_VARIABLES for variable in variables), "DATABRICKS_TOKEN"]
    unused = [name for name in names if environ.get(name)]
    told = [f"{' and '.join(unused)} {'is' if len(unused) == 1 else 'are'} set and not used in the demo"] if unused else []
    return [*told, *(["the providers of the configuration file are not used in the demo"] if written else [])]


def find_ollama(environ: Mapping[str, str], probe: Probe | None = None) -> Provider | None:
    """Ollama with its models, if it answers within a fifth of a second. Without models it is left out: it could serve nothing, but would be asked for any name."""
    address = ollama_address(environ)
    models = (probe or probe_ollama)(address)
    return ollama_provider(address, models, "answers") if models else None


def ollama_provider(address: str, models: tuple[str, ...], origin: str) -> Provider:
    """Ollama at an address. It has its own price list: a local model costs nothing, even if its name has a price elsewhere."""
    return Provider(name="ollama", dialect="openai", base_url=f"http://{address}/v1", models=models, origin=origin, price_as="ollama")


def ollama_address(environ: Mapping[str, str]) -> str:
    """`host:port` of Ollama. Reads OLLAMA_HOST as Ollama does: with or without a scheme or a port; `0.0.0.0` means this machine."""
    named = environ.get("OLLAMA_HOST", "").strip()
    if not named:
        return _OLLAMA
    try:
        parts = urlsplit(named if "://" in named else f"http://{named}")
        host, port = parts.hostname or "127.0.0.1", parts.port or 11434
    except ValueError:
        return _OLLAMA
    host = "127.0.0.1" if host == "0.0.0.0" else host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def probe_ollama(address: str) -> tuple[str, ...] | None:
    """The names of Ollama's models, or `None` if nothing answers in time. The time is bounded for any kind of server."""
    answers: list[tuple[str, ...]] = []
    thread = threading.Thread(target=_ask_ollama, args=(address, answers), daemon=True)
    thread.start()
    thread.join(PROBE_TIMEOUT_S)
    return answers[0] if answers else None


class _Tag(msgspec.Struct):
    name: str


class _Tags(msgspec.Struct):
    models: list[_Tag]  # required: without it the server is not Ollama


def _ask_ollama(address: str, answers: list[tuple[str, ...]]) -> None:
    connection = http.client.HTTPConnection(address, timeout=PROBE_TIMEOUT_S)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException, msgspec.DecodeError, ValueError):
        connection.request("GET", "/api/tags")
        response = connection.getresponse()
        body = response.read(_OLLAMA_BYTES_MAX)
        if response.status == 200:  # otherwise the server is not Ollama
            tags = msgspec.json.decode(body, type=_Tags).models
            answers.append(tuple(tag.name for tag in tags if is_name(tag.name)))


def _databricks(environ: Mapping[str, str], notes: list[str]) -> list[Provider]:
    host = environ.get("DATABRICKS_HOST", "").strip()
    if not host or not environ.get("DATABRICKS_TOKEN"):
        return []
    parts = urlsplit(host if "://" in host else f"https://{host}")
    key = _key("DATABRICKS_TOKEN", environ, notes)
    if key is None:
        return []
    root = f"{parts.scheme}://{parts.netloc}"
    return [
        Provider(name=name, dialect=dialect, base_url=root + path, api_key=key, auth="bearer", origin="DATABRICKS_HOST")
        for name, dialect, path in _DATABRICKS
    ]


def _key(variable: str, environ: Mapping[str, str], notes: list[str]) -> Secret | None:
    """The provider's key in the variable. Headgate's own tokens are ignored: agents have them in the same variables, and Headgate would call itself."""
    if environ[variable].startswith(_OWN_TOKEN):
        notes.append(f"{variable} holds a Headgate token, not a provider's key; ignored")
        return None
    try:
        return resolve_secret(f"env:{variable}", environ, _NOWHERE)
    except BadReference as error:
        notes.append(f"{error}; ignored")
        return None
