"""Which headers of a client go on to a provider: an open list, without credentials, origins and framing."""

import msgspec
import pytest

from headgate.core.client_credential import ClientCredential
from headgate.core.endpoint import Provider
from headgate.core.secret import Secret
from headgate.dialects.registry import PROVIDERS
from headgate.exchange.headers import ClientHeaders
from tests.unit.exchange.journeys import LAB

KEYLESS = Provider(name="local", dialect="openai", base_url="http://local/v1")
ANTHROPIC, CHAT = PROVIDERS["anthropic"], PROVIDERS["openai_chat"]
OWN = [(b"accept-encoding", b"identity")]


def _passed(*names: str, patterns: tuple[str, ...] = ("*",)) -> list[str]:
    headers = [(name.encode(), b"value") for name in names]
    return [name.decode() for name, _ in ClientHeaders(patterns).to_provider(headers, KEYLESS, CHAT)[:-1]]


@pytest.mark.parametrize(
    "name",
    ["x-session-affinity", "x-grok-conv-id", "idempotency-key", "x-session-id", "x-initiator", "x-stainless-retry-count", "anthropic-beta", "user-agent",
     "x-claude-code-session-id", "openai-beta", "accept", "content-type", "traceparent", "priority", "x-made-up-2031", "anthropic-thinking-token-count",
     "x-monkey", "accept-language"],
)  # fmt: skip
def test_what_nobody_knows_yet_passes(name: str) -> None:
    """Agents and providers agree on headers without asking Headgate."""
    assert _passed(name) == [name]


@pytest.mark.parametrize(
    "name",
    ["authorization", "proxy-authorization", "x-api-key", "x-goog-api-key", "api-key", "x-litellm-api-key", "x-amz-security-token", "x-auth-token",
     "helicone-auth", "ocp-apim-subscription-key", "cf-access-jwt-assertion", "x-client-secret", "cookie", "forwarded", "via", "x-forwarded-for",
     "x-forwarded-made-up", "x-real-ip", "cf-connecting-ip", "true-client-ip", "origin", "referer", "sec-fetch-site", "host", "content-length",
     "content-encoding", "accept-encoding", "transfer-encoding", "te", "trailer", "upgrade", "expect", "keep-alive", "proxy-connection", "http2-settings",
     "connection", "x-databricks-use-coding-agent-mode", "databricks-ai-gateway-request-tags", "x-headgate-anything", "openai-organization",
     "anthropic-organization-id", "x-goog-user-project", "content-digest", "chatgpt-account-id", "x-databricks-ai-gateway-token", "x-headgate-token"],
)  # fmt: skip
def test_what_says_who_asks_where_from_or_how_it_is_framed_stays(name: str) -> None:
    """Whatever the administrator lists, too."""
    assert _passed(name) == []
    assert _passed(name, patterns=(name, "*")) == []


def test_a_header_that_the_connection_names_stays() -> None:
    """It is meant for the next hop alone (RFC 9110 section 7.6.1)."""
    headers = [(b"x-hop", b"1"), (b"connection", b"Keep-Alive, X-Hop"), (b"connection", b"x-other"), (b"x-other", b"2"), (b"x-stays", b"3")]

    assert ClientHeaders().to_provider(headers, KEYLESS, CHAT) == [(b"x-stays", b"3"), *OWN]


def test_a_token_of_headgates_goes_no_further_under_any_name() -> None:
    """Whatever a client was told to call it."""
    headers = [(b"x-grok-conv-id", b"Bearer hg_0123"), (b"x-made-up", b"hg_0123")]

    assert ClientHeaders().to_provider(headers, KEYLESS, CHAT) == OWN


def test_a_closed_list() -> None:
    """Only what the agents' own formats need, and what the administrator names."""
    names = ("anthropic-beta", "x-codex-turn-state", "x-session-id", "x-session-affinity", "idempotency-key")

    assert _passed(*names, patterns=()) == ["anthropic-beta", "x-codex-turn-state"]
    assert _passed(*names, patterns=("X-Session-*",)) == ["anthropic-beta", "x-codex-turn-state", "x-session-id", "x-session-affinity"]


def test_the_providers_key_and_version_are_added() -> None:
    """Once, and the client's own version stands."""
    key = (b"x-api-key", b"lab-key-123")

    assert ClientHeaders().to_provider([(b"x-api-key", b"sk-other")], LAB, ANTHROPIC) == [*OWN, (b"anthropic-version", b"2023-06-01"), key]
    assert ClientHeaders().to_provider([(b"anthropic-version", b"2031-01-01")], LAB, ANTHROPIC) == [(b"anthropic-version", b"2031-01-01"), *OWN, key]


def test_names_are_remembered_within_a_bound() -> None:
    """Clients choose them."""
    headers = ClientHeaders()
    for number in range(10_000):
        headers.to_provider([(b"x-%d" % number, b"")], KEYLESS, CHAT)

    assert len(headers._verdicts) <= 4096


def test_naming_the_key_for_the_connection_does_not_take_it_away() -> None:
    """A client cannot have the provider asked without its key, or with the client's own."""
    for named in (b"x-api-key", b"authorization, x-api-key, host"):
        sent = ClientHeaders().to_provider([(b"connection", named), (b"x-api-key", b"mine")], LAB, ANTHROPIC)
        assert [value for name, value in sent if name == b"x-api-key"] == [b"lab-key-123"]
        assert (b"connection", named) not in sent


@pytest.mark.parametrize(
    ("dialect", "auth", "header"),
    [
        ("anthropic", "", (b"x-api-key", b"key-123")),
        ("gemini", "", (b"x-goog-api-key", b"key-123")),
        ("openai_chat", "", (b"authorization", b"Bearer key-123")),
        ("openai_responses", "", (b"authorization", b"Bearer key-123")),
        ("anthropic", "bearer", (b"authorization", b"Bearer key-123")),
        ("gemini", "bearer", (b"authorization", b"Bearer key-123")),
        ("openai_chat", "api-key", (b"api-key", b"key-123")),
    ],
)
def test_each_api_takes_its_key_in_a_header_of_its_own(dialect: str, auth: str, header: tuple[bytes, bytes]) -> None:
    """Unless the provider takes it as `Authorization: Bearer`, or in `api-key`."""
    provider = Provider(name="p", dialect=dialect, base_url="http://p", api_key=Secret("key-123"), auth=auth)

    assert ClientHeaders().to_provider([], provider, PROVIDERS[dialect])[-1] == header


def test_a_clients_own_credential_goes_to_a_provider_that_takes_it() -> None:
    """In place of any key of Headgate's, with the account that it chose; for any other provider it is a mistake of ours that sends nothing."""
    takes = Provider(name="max", dialect="anthropic", base_url="https://api.anthropic.com", auth="client")
    own = ClientCredential(b"authorization", Secret("sk-ant-oat01-mine"))
    headers = [(b"authorization", b"Bearer sk-ant-oat01-mine"), (b"x-headgate-token", b"Bearer hg_0"), (b"anthropic-organization-id", b"org")]

    sent = ClientHeaders().to_provider(headers, takes, ANTHROPIC, own)
    assert sent == [
        *OWN,
        (b"anthropic-version", b"2023-06-01"),
        (b"anthropic-organization-id", b"org"),
        (b"authorization", b"Bearer sk-ant-oat01-mine"),
    ]
    for other in (
        LAB,
        msgspec.structs.replace(LAB, base_url="https://api.anthropic.com"),
        msgspec.structs.replace(takes, base_url="https://evil.example"),
    ):
        with pytest.raises(ValueError, match="credential"):
            ClientHeaders().to_provider(headers, other, ANTHROPIC, own)
