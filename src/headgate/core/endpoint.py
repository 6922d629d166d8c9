"""Providers, targets and endpoints: what a request can be served by."""

import msgspec

from headgate.core.secret import Secret


class Provider(msgspec.Struct, frozen=True):
    """An upstream account. `dialect` is the family it speaks: `anthropic`, `openai` (chat and responses) or `gemini`.

    `base_url` is as the provider's SDK takes it: with `/v1` for openai, without a version for the others. `origin` says where it was found
    (`ANTHROPIC_API_KEY`, `headgate.toml`, …), for people.
    """

    name: str
    dialect: str
    base_url: str
    api_key: Secret | None = None
    auth: str = ""  # "" = the family's own header; "bearer" = Authorization: Bearer
    models: tuple[str, ...] = ()
    origin: str = ""
    price_as: str = ""  # provider id in the price data, "" = by dialect
    ask_usage: bool = True  # add `stream_options.include_usage` to chat streams that lack it


class Target(msgspec.Struct, frozen=True):
    """An endpoint resolved: one provider and the model name it knows."""

    provider: Provider
    model: str


class PayloadRule(msgspec.Struct, frozen=True):
    """Which of an endpoint's requests and answers are kept whole. `table` is a prefix as written, empty for the one that holds for all.

    `sampling` below zero: the share that holds for all.
    """

    table: str = ""
    sampling: float = -1.0
    paused: bool = False


class Endpoint(msgspec.Struct, frozen=True):
    """The governed name a client asks for as its model, with its targets in the order they are tried."""

    name: str
    targets: tuple[Target, ...]
    display_name: str = ""
    listed: bool = True  # aliases and patterns answer but are not listed twice
    tags: dict[str, str] = {}
    payload: PayloadRule = PayloadRule()
