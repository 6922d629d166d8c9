"""What a provider's `dialect` may say, and the wire formats that each word stands for. Data and two small decisions; it knows no format itself.

A word is what people write and what tables show. A dialect is a wire format, for which `dialects` has a provider's face.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec


class ProviderDialect(msgspec.Struct, frozen=True):
    """One word: the dialects that it stands for, and the address of the provider that defined them.

    `versioned`: a base URL of this format ends with the version of the API, as the SDKs take it (https://api.openai.com/v1).
    """

    dialects: tuple[str, ...]
    base_url: str
    versioned: bool = False


_OPENAI_URL = "https://api.openai.com/v1"

WORDS: Mapping[str, ProviderDialect] = {
    "anthropic": ProviderDialect(("anthropic",), "https://api.anthropic.com"),
    "openai": ProviderDialect(("openai_chat", "openai_responses"), _OPENAI_URL, versioned=True),
    "openai_chat": ProviderDialect(("openai_chat",), _OPENAI_URL, versioned=True),
    "openai_responses": ProviderDialect(("openai_responses",), _OPENAI_URL, versioned=True),
    "gemini": ProviderDialect(("gemini",), "https://generativelanguage.googleapis.com"),
}

DATABRICKS, AZURE = "databricks", "azure"
_VENDORS: Mapping[str, str] = {
    "api.anthropic.com": "anthropic",
    "api.openai.com": "openai",
    "generativelanguage.googleapis.com": "gemini",
}
_DATABRICKS_PATHS = ("/ai-gateway/", "/serving-endpoints/")
_AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
# Responses says what Chat Completions cannot (tools without a schema, encrypted reasoning), where a server has all of it. Of the others that answer to
# `/responses` most keep no state and know functions alone, while all of them know Chat Completions.
_PREFERRED: Mapping[str, str] = {"openai": "openai_responses", DATABRICKS: "openai_responses", AZURE: "openai_responses"}


def vendor_of(base_url: str) -> str:
    """`anthropic`, `openai`, `gemini`, `databricks` or `azure`, by the address; empty for any other, of which nothing is known."""
    parts = urlsplit(base_url)
    if f"{parts.path}/".startswith(_DATABRICKS_PATHS):
        return DATABRICKS
    host = parts.hostname or ""
    return AZURE if host.endswith(_AZURE_HOSTS) else _VENDORS.get(host, "")


def dialects_of(word: str, base_url: str) -> tuple[str, ...]:
    """The dialects that a provider at this address speaks. The first is the one that a request in a dialect it does not speak is to be translated to."""
    spoken = WORDS[word].dialects
    preferred = _PREFERRED.get(vendor_of(base_url))
    return tuple(sorted(spoken, key=lambda dialect: dialect != preferred))
