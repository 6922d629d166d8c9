"""Providers, targets and endpoints: what can serve a request."""

from typing import Final

import msgspec

from headgate.core.platform import Platform, PlatformLogin
from headgate.core.provider_dialect import dialects_of
from headgate.core.secret import Secret

CLIENT_AUTH: Final = "client"
DEMO_SCHEME: Final = "demo:"  # of the base URL; alone it is also what a file says to have the demo beside real providers


class Provider(msgspec.Struct, frozen=True):
    """An upstream account. `dialect` is the word of `provider_dialect.WORDS` for what it speaks: `openai` is both chat and responses.

    `base_url` is as the provider's SDK takes it: with `/v1` for openai, without a version for the others. `origin` says where it was found
    (`ANTHROPIC_API_KEY`, `headgate.toml`, …), for people.
    """

    name: str
    dialect: str
    base_url: str
    api_key: Secret | None = None
    auth: str = ""  # "" = the dialect's own header; "bearer", "api-key" = that header; "client" = each client's own credential, no key of Headgate's
    models: tuple[str, ...] = ()
    origin: str = ""
    price_as: str = ""  # provider id in the price data, "" = by dialect
    ask_usage: bool = True  # add `stream_options.include_usage` to chat streams that lack it
    deleted: bool = False  # only its name is left, in endpoints that were stored
    platform: Platform | None = None  # it is reached as its host wants it
    login: PlatformLogin | None = None  # instead of a key

    @property
    def has_credential(self) -> bool:
        """Whether requests go there with a credential of Headgate's: a key, or what a sign-in gives."""
        return self.api_key is not None or self.login is not None

    @property
    def takes_client_credential(self) -> bool:
        """Whether each client's own credential is sent to it, and its account is charged."""
        return self.auth == CLIENT_AUTH

    @property
    def is_demo(self) -> bool:
        """Whether the built-in demo answers for it, which costs nothing."""
        return self.base_url.startswith(DEMO_SCHEME)

    @property
    def dialects(self) -> tuple[str, ...]:
        """The wire formats that it speaks. The first is the one to translate to. A deleted provider speaks none."""
        return () if self.deleted else dialects_of(self.dialect, self.base_url)


class Target(msgspec.Struct, frozen=True):
    """One provider, the model name it knows, and the wire format that it is asked in: empty where the provider is deleted.

    `traffic_percent` is its share of the endpoint's requests; `None` where the endpoint has no shares and tries its targets in order.
    """

    provider: Provider
    model: str
    dialect: str
    traffic_percent: int | None = None

    @property
    def label(self) -> str:
        """Provider and model, as a header and the log name it."""
        return f"{self.provider.name}/{self.model}"

    def asked_in(self, dialect: str) -> "Target":
        """The target for a request in this dialect: asked in it where the provider speaks it, else in the dialect to translate to."""
        spoken = self.provider.dialects
        meant = dialect if dialect in spoken else spoken[0] if spoken else ""
        return self if meant == self.dialect else msgspec.structs.replace(self, dialect=meant)


def target_of(provider: Provider, model: str, traffic_percent: int | None = None) -> Target:
    """A target before any request: to be asked in the dialect that its provider is best asked in."""
    spoken = provider.dialects
    return Target(provider, model, spoken[0] if spoken else "", traffic_percent)


def deleted_provider(name: str) -> Provider:
    """A provider that an endpoint names and that is gone. Its targets refuse every request."""
    return Provider(name=name, dialect="", base_url="", deleted=True)


class PayloadRule(msgspec.Struct, frozen=True):
    """Which of an endpoint's requests and answers are logged in full. `table` is a prefix as configured, empty for the general one.

    `sampling` below zero means the general share.
    """

    table: str = ""
    sampling: float = -1.0
    paused: bool = False


class ParameterPolicy(msgspec.Struct, frozen=True):
    """What an endpoint allows of its requests. Tools and beta values are patterns with `*`; `None` allows all of them, an empty tuple none.

    `tools` are those that the client runs, by name; `server_tools` those that the provider runs, by type.
    """

    max_output_tokens: int = 0  # for each answer; 0: no bound
    tools: tuple[str, ...] | None = None
    server_tools: tuple[str, ...] | None = None
    betas: tuple[str, ...] | None = None  # of the header `anthropic-beta`


class Endpoint(msgspec.Struct, frozen=True):
    """The governed name a client asks for as its model, with its targets: in the order they are tried, or each with its share of the traffic.

    `fallbacks` are tried, in order, where a target fails. With them, a call that may have been billed is made again elsewhere; without, it never is.

    A name with `*` answers for names that nothing else answers to; a target of it without a model is asked for the name that the client asked for.
    """

    name: str
    targets: tuple[Target, ...]
    display_name: str = ""
    listed: bool = True  # aliases and patterns answer but are not listed twice
    tags: dict[str, str] = {}
    payload: PayloadRule = PayloadRule()
    parameters: ParameterPolicy | None = None  # nothing is declared
    usage_tracking: bool = True  # each exchange becomes a row of the usage table
    fallbacks: tuple[Target, ...] = ()
    first_token_timeout_s: float = 0.0  # of a stream, then another target is tried; 0: none
    retry_budget_percent: int = 20  # extra tries, of all requests of the endpoint
