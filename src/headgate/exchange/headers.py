"""Which headers cross the gateway, in both directions. Allow-lists: what is not named here stays behind.

A client's credential is never among them, nor is a provider's.
"""

from headgate.core.endpoint import Provider
from headgate.exchange.ports import Headers

# What clients send to steer the provider (spec of each dialect), never what says who they are or where they come from.
_TO_PROVIDER = frozenset({
    b"accept",
    b"content-type",
    b"openai-beta",
    b"originator",
    b"session-id",
    b"session_id",
    b"thread-id",
    b"user-agent",
    b"x-app",
    b"x-client-request-id",
    b"x-codex-beta-features",
    b"x-codex-turn-state",
    b"x-goog-api-client",
    b"x-openai-internal-codex-responses-lite",
})
_TO_PROVIDER_PREFIX = b"anthropic-"  # an open list by Anthropic's gateway contract
_ACCOUNT_HEADERS = frozenset({b"anthropic-organization", b"anthropic-organization-id", b"anthropic-workspace-id"})

_TO_CLIENT = frozenset({
    b"content-type",
    b"openai-processing-ms",
    b"request-id",
    b"retry-after",
    b"retry-after-ms",
    b"x-codex-turn-state",
    b"x-request-id",
    b"x-should-retry",
})
_TO_CLIENT_PREFIXES = (b"anthropic-ratelimit-", b"x-ratelimit-")

_ACCEPT_IDENTITY = (b"accept-encoding", b"identity")  # a coded answer could not be metered as it passes


def to_provider(headers: Headers, provider: Provider) -> Headers:
    """The headers of the request to a provider: the allowed ones as the client sent them, and the provider's own credential."""
    sent = [
        (name, value) for name, value in headers if name in _TO_PROVIDER or (name.startswith(_TO_PROVIDER_PREFIX) and name not in _ACCOUNT_HEADERS)
    ]
    sent.append(_ACCEPT_IDENTITY)
    if provider.dialect == "anthropic" and not any(name == b"anthropic-version" for name, _ in sent):
        sent.append((b"anthropic-version", b"2023-06-01"))
    sent.extend(credential(provider))
    return sent


def credential(provider: Provider) -> Headers:
    """The provider's own credential in the header its API takes, or nothing where it needs none."""
    if provider.api_key is None:
        return []
    secret = provider.api_key.reveal().encode("latin-1")
    if provider.auth == "bearer" or provider.dialect == "openai":
        return [(b"authorization", b"Bearer " + secret)]
    if provider.dialect == "gemini":
        return [(b"x-goog-api-key", secret)]
    return [(b"x-api-key", secret)]


def request_ids(request_id: str) -> Headers:
    """Our own id of a request, under the names that agents and their makers' tools look for."""
    own = request_id.encode()
    return [(b"request-id", own), (b"x-request-id", own), (b"x-databricks-request-id", own)]


def to_client(headers: Headers) -> Headers:
    """The headers of a provider's answer that its client may see."""
    return [(name, value) for name, value in headers if name in _TO_CLIENT or name.startswith(_TO_CLIENT_PREFIXES)]


def is_coded(headers: Headers) -> bool:
    """Whether a provider's answer is packed, although none was asked to be."""
    for name, value in headers:  # ruff: ignore[reimplemented-builtin] - any() would build a generator for every answer
        if name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
            return True
    return False


def value_of(headers: Headers, name: bytes) -> bytes:
    """The first value of a header, or empty."""
    for header, value in headers:
        if header == name:
            return value
    return b""
