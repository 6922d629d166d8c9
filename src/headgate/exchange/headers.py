"""Which headers cross the gateway. To a provider all that a client sends, except what says who it is, where it comes from or how the message is framed.

To a client only what is named here. A provider's credential never crosses, nor does a client's, except the one that it sends beside its Headgate
token, to its issuer alone.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from headgate.core.client_credential import ClientCredential
from headgate.core.endpoint import Provider
from headgate.core.headers import Headers
from headgate.core.model_names import matches_any
from headgate.dialects.faces import ProviderFace
from headgate.exchange.head_memory import HeadMemory

# What the agents' own formats need; it passes though an administrator closes the list.
_FORMATS: Final = frozenset({
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
_FORMATS_PREFIX: Final = b"anthropic-"  # an open list by Anthropic's gateway contract

_NEVER: Final = frozenset({
    # Hop by hop (RFC 9110 section 7.6.1), and what frames or codes the body, which is not the client's bytes any more.
    b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"http2-settings", b"expect", b"host",
    b"content-length", b"content-encoding", b"accept-encoding", b"content-md5", b"content-digest", b"digest", b"repr-digest", b"want-digest",
    # Who asks: credentials, cookies, and the account at the provider that is charged, which goes with Headgate's key.
    b"authorization", b"proxy-authorization", b"x-api-key", b"x-goog-api-key", b"api-key", b"apikey", b"cookie", b"cookie2", b"anthropic-organization",
    b"anthropic-organization-id", b"anthropic-workspace-id", b"openai-organization", b"openai-project", b"x-goog-user-project", b"chatgpt-account-id",
    # Where it comes from: proxies on the way, and browsers.
    b"forwarded", b"via", b"from", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"x-remote-ip", b"x-remote-user", b"client-ip",
    b"true-client-ip", b"x-original-host", b"x-original-url", b"x-request-start", b"x-amzn-trace-id", b"x-cloud-trace-context", b"cdn-loop", b"origin",
    b"referer",
})  # fmt: skip
_NEVER_PREFIXES: Final = (
    b"proxy-", b"x-forwarded-", b"cf-", b"fly-", b"fastly-", b"x-envoy-", b"x-azure-", b"x-vercel-", b"x-nginx-", b"x-arr-", b"x-appengine-", b"x-auth-request-",
    b"sec-", b"access-control-", b"databricks-", b"x-databricks-", b"headgate-", b"x-headgate-",
)  # fmt: skip
# The endings of names that credentials go under. An `idempotency-key` is none.
_CREDENTIAL: Final = re.compile(
    rb"(?:^|[-_])(?:api[-_]?key|access[-_]?key|subscription[-_]?key|token|secret|password|auth|authorization|credentials?|jwt|assertion)$"
)
_OWN_TOKEN: Final = b"hg_"  # Headgate's tokens begin so: under whatever name one comes, it goes no further
_NAMES_MAX: Final = 4096

_TO_CLIENT: Final = frozenset({
    b"content-type",
    b"openai-processing-ms",
    b"request-id",
    b"retry-after",
    b"retry-after-ms",
    b"x-codex-turn-state",
    b"x-request-id",
    b"x-should-retry",
})
_TO_CLIENT_PREFIXES: Final = (b"anthropic-ratelimit-", b"x-ratelimit-")

_KEY_HEADERS: Final = {"bearer": (b"authorization", b"Bearer "), "api-key": (b"api-key", b"")}  # by the word of `auth`
_ACCEPT_IDENTITY: Final = (b"accept-encoding", b"identity")  # a coded answer could not be metered as it passes


class ClientHeaders:
    """The headers of requests to providers. One for a worker; remembers its verdict on each name, within a bound.

    `patterns` are the names that pass beside those of the agents' own formats, with `*`.
    """

    __slots__ = ("_credentials", "_patterns", "_verdicts")

    def __init__(self, patterns: Sequence[str] = ("*",)) -> None:
        self._patterns = tuple(pattern.lower() for pattern in patterns)
        self._verdicts: dict[bytes, bool] = {}  # by name
        self._credentials: dict[tuple[str, str], tuple[Provider, Headers]] = {}  # by names: a changed provider is another object

    def to_provider(
        self, headers: Headers, provider: Provider, face: ProviderFace, own: ClientCredential | None = None, memory: HeadMemory | None = None
    ) -> Headers:
        """What passes, as the client sent it, what the provider's API needs beside it, and the credential: Headgate's own for the provider, or the
        client's own where the provider takes that. `memory` is that of the client's head, if these are its headers.
        """
        if memory is None:
            return self._to_provider(headers, provider, face, own)
        known = memory.sent(provider, face.name)
        if known is not None:
            return known.of(headers)
        sent = self._to_provider(headers, provider, face, own)
        memory.send(headers, provider, face.name, sent)
        return sent

    def _to_provider(self, headers: Headers, provider: Provider, face: ProviderFace, own: ClientCredential | None) -> Headers:
        verdicts = self._verdicts
        sent: Headers = []
        hops = b""
        for header in headers:
            name, value = header
            passes = verdicts.get(name)
            if passes is None:
                passes = self._judge(name)
            if passes:
                if value.find(_OWN_TOKEN) < 0:
                    sent.append(header)
            elif name == b"connection" and value.lower() != b"keep-alive":
                hops += value.lower() + b","
        if hops:
            listed = {word.strip() for word in hops.split(b",")}
            sent = [header for header in sent if header[0] not in listed]
        sent.append(_ACCEPT_IDENTITY)
        for needed in face.headers:
            if not value_of(sent, needed[0]):
                sent.append(needed)
        sent.extend(self._credential(provider, face) if own is None else _of_client(own, provider, headers))
        return sent

    def _credential(self, provider: Provider, face: ProviderFace) -> Headers:
        key = (provider.name, face.name)
        known = self._credentials.get(key)
        if known is None or known[0] is not provider:
            known = self._credentials[key] = (provider, credential(provider, face))
        return known[1]

    def _judge(self, name: bytes) -> bool:
        """Whether a header passes, by its name; asked once for each name."""
        if len(self._verdicts) >= _NAMES_MAX:
            self._verdicts.clear()
        passes = self._verdicts[name] = self._passes(name)
        return passes

    def _passes(self, name: bytes) -> bool:
        if name in _NEVER or name.startswith(_NEVER_PREFIXES) or _CREDENTIAL.search(name) is not None:
            return False
        return name in _FORMATS or name.startswith(_FORMATS_PREFIX) or matches_any(self._patterns, name.decode("latin-1"))


def credential(provider: Provider, face: ProviderFace) -> Headers:
    """The provider's own credential in the header its API takes, or nothing where it needs none."""
    if provider.api_key is None:
        return []
    name, before = _KEY_HEADERS.get(provider.auth, face.key_header)
    return [(name, before + provider.api_key.reveal().encode("latin-1"))]


def _of_client(own: ClientCredential, provider: Provider, headers: Headers) -> Headers:
    """The client's own credential, for a provider that takes one. Raises ValueError for any other: the last check before it leaves."""
    if not provider.takes_client_credential:
        raise ValueError(f"provider {provider.name} takes no credential of a client")
    return own.headers_to(provider.base_url, headers)


def request_ids(request_id: str) -> Headers:
    """Our own id of a request, under the names that agents and their makers' tools look for."""
    own = request_id.encode()
    return [(b"request-id", own), (b"x-request-id", own), (b"x-databricks-request-id", own)]


def to_client(headers: Headers) -> Headers:
    """The headers of a provider's answer that its client may see."""
    return [header for header in headers if _goes_to_client(header[0])]


@lru_cache(_NAMES_MAX)  # a provider's answer has twenty, the same each time
def _goes_to_client(name: bytes) -> bool:
    return name in _TO_CLIENT or name.startswith(_TO_CLIENT_PREFIXES)


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
