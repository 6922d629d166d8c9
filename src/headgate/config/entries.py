"""The entries of `headgate.toml` of which there may be many: providers, endpoints, prices, groups, grants, limits, budgets. Each has its default values and its
help text.

They describe what is written, wherever it is written; `compile` and its siblings turn them into what the gateway uses.
"""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from headgate.core.endpoint import CLIENT_AUTH
from headgate.core.platform import PLATFORM_DIALECTS
from headgate.core.provider_dialect import WORDS

AUTH_WORDS = ("", "bearer", "api-key", CLIENT_AUTH)

Fraction = Annotated[float, Meta(ge=0, le=1)]
Mtok = Annotated[float, Meta(ge=0, le=1_000_000)]
Most = Annotated[int, Meta(ge=1, le=1_000_000_000_000)]
Percent = Annotated[int, Meta(ge=0, le=100)]


class WrittenProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An upstream account."""

    name: Annotated[str, Meta(description="Name that endpoints, tables and messages use for this provider.")] = ""
    dialect: Annotated[
        str,
        Meta(
            description="Wire format the provider speaks: anthropic, gemini, openai_chat (Chat Completions), openai_responses (Responses), or openai: both "
            "of these, each agent's requests in its own.",
            extra_json_schema={"enum": list(WORDS)},
        ),
    ] = ""
    base_url: Annotated[
        str,
        Meta(
            description="Base URL as the provider's own SDK takes it: with /v1 for OpenAI's formats, without a version for anthropic and gemini. "
            "Empty: the provider that defined the dialect. demo: is the built-in demo, which makes up answers and costs nothing."
        ),
    ] = ""
    api_key: Annotated[
        str,
        Meta(
            description="Where the key is: env:NAME for an environment variable, file:PATH for a file (relative to this one). Never the key itself.",
            extra_json_schema={"pattern": "^(env:|file:|$)"},
        ),
    ] = ""
    auth: Annotated[
        str,
        Meta(
            description='How the key is sent: "" in the dialect\'s or platform\'s own header, "bearer" as Authorization: Bearer, "api-key" in the header '
            "api-key. \"client\": there is no key; each user's own subscription or key is sent and charged, which their agent sends beside the Headgate token. Only at the provider's own address.",
            extra_json_schema={"enum": list(AUTH_WORDS)},
        ),
    ] = ""
    models: Annotated[
        tuple[str, ...],
        Meta(
            description="Models that the provider serves; no other name is sent to it. A name with * (claude-*) allows all that match. "
            "Empty: every name of its dialect that is configured nowhere is sent to it unchanged, and none is in the lists that agents offer."
        ),
    ] = ()
    price_as: Annotated[str, Meta(description="Provider id in the price data. Empty: by dialect.")] = ""
    ask_usage: Annotated[
        bool,
        Meta(
            description="Ask for token counts in chat streams if the agent did not (stream_options.include_usage), and do not pass them to the agent. "
            "A provider that refuses the field is asked again without it."
        ),
    ] = True
    platform: Annotated[
        str,
        Meta(
            description='Where its models are hosted, if it needs paths or a sign-in of its own: "bedrock", "vertex", "azure" or "databricks".',
            extra_json_schema={"enum": ["", *PLATFORM_DIALECTS]},
        ),
    ] = ""
    region: Annotated[str, Meta(description="Region of AWS (eu-central-1), or location of Google Cloud (europe-west1, global, eu, us).")] = ""
    project: Annotated[str, Meta(description="Project of Google Cloud that is charged.")] = ""
    api_version: Annotated[
        str, Meta(description="Version that Azure is asked for, as the query api-version. Without /v1 in base_url it also asks by deployment.")
    ] = ""
    profile: Annotated[str, Meta(description="Profile in AWS's configuration files. Empty: the environment, then AWS's other sources.")] = ""
    credentials: Annotated[
        str,
        Meta(
            description="Where Google's credentials are: file:PATH, such as a service account's key. Empty: GOOGLE_APPLICATION_CREDENTIALS, else those of "
            "gcloud or of the machine.",
            extra_json_schema={"pattern": "^(file:|$)"},
        ),
    ] = ""
    tenant_id: Annotated[str, Meta(description="Tenant of Entra ID, for Azure.")] = ""
    client_id: Annotated[
        str, Meta(description="Client that gets tokens by OAuth's client credentials: an application of Entra ID, a service principal.")
    ] = ""
    client_secret: Annotated[
        str,
        Meta(
            description="Where the secret of client_id is: env:NAME or file:PATH. Never the secret itself.",
            extra_json_schema={"pattern": "^(env:|file:|$)"},
        ),
    ] = ""
    token_url: Annotated[str, Meta(description="Address that gives tokens for client_id. Empty: that of the platform.")] = ""
    scope: Annotated[str, Meta(description="Scope that tokens for client_id are asked for. Empty: that of the platform.")] = ""
    betas: Annotated[
        tuple[str, ...] | None,
        Meta(
            description="Values of the header anthropic-beta that Bedrock or Vertex is sent, with *; others are left out, because they refuse the request. "
            "Unset: those that they document."
        ),
    ] = None


class WrittenTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an endpoint's requests go."""

    provider: Annotated[str, Meta(description="Name of a provider, written here or found in the environment.")] = ""
    model: Annotated[
        str, Meta(description="The provider's own name of the model. Empty: the endpoint's name, or the name asked for where that is a pattern.")
    ] = ""
    traffic_percent: Annotated[
        Percent | None,
        Meta(description="Share of the endpoint's requests, in percent: all targets have one, 100 together, or none has one."),
    ] = None


class WrittenEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A governed name that clients ask for as their model."""

    name: Annotated[
        str,
        Meta(description="The name clients send as their model, or a pattern with * (claude-*) that answers for every name without an endpoint."),
    ] = ""
    targets: Annotated[
        tuple[WrittenTarget, ...],
        Meta(description="Providers and models that serve it, at most 10: in the order they are tried, or by their shares (traffic_percent)."),
    ] = ()
    fallbacks: Annotated[
        tuple[WrittenTarget, ...],
        Meta(
            description="Targets to try, in this order, when another one fails, at most 5. With them a request is tried again after every 5xx and every "
            "failure to answer, although the provider may charge the one that failed too."
        ),
    ] = ()
    first_token_timeout_s: Annotated[
        Annotated[float, Meta(gt=0, le=86_400)] | None,
        Meta(
            description="How long the first token of a stream may take, in seconds; then the next target is tried. It needs one. Unset: as long as the "
            "provider may take."
        ),
    ] = None
    retry_budget_percent: Annotated[
        Percent,
        Meta(
            description="How many extra tries the endpoint may make within ten seconds, in percent of its requests, beside 30 that are always allowed."
        ),
    ] = 20
    display_name: Annotated[str, Meta(description="Name shown to people in listings.")] = ""
    tags: Annotated[dict[str, str], Meta(description="Tags on every usage row of this endpoint.")] = {}
    max_output_tokens: Annotated[
        Most | None,
        Meta(description="Most output tokens of one answer. A request that allows more, or does not say, is sent with this bound. Unset: its own."),
    ] = None
    allowed_tools: Annotated[
        tuple[str, ...] | None,
        Meta(description="Tools run by the agent that a request may offer to the model, by name, with * (mcp__*); others are refused. Unset: all."),
    ] = None
    allowed_server_tools: Annotated[
        tuple[str, ...] | None,
        Meta(description="Tools run by the provider that a request may use, by type, with * (web_search*); others are refused. Unset: all."),
    ] = None
    allowed_betas: Annotated[
        tuple[str, ...] | None,
        Meta(description="Values of the header anthropic-beta that are sent to the provider, with *; others are left out. Unset: all."),
    ] = None
    usage_tracking: Annotated[
        bool,
        Meta(
            description="Write a row of the usage table for each request. Without it limits and budgets count on, and what it cost is shown nowhere."
        ),
    ] = True
    payload_table: Annotated[
        str,
        Meta(description="Table for its requests and answers: main.default.coding means main.default.coding_payload. Empty: the one of [payloads]."),
    ] = ""
    payload_sampling: Annotated[Fraction | None, Meta(description="Share of its exchanges that is logged, 0 to 1. Unset: the one of [payloads].")] = (
        None
    )
    payload_paused: Annotated[bool, Meta(description="Stop logging its requests and answers for now.")] = False


class WrittenPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_date": "from"}):
    """The price of a model: it replaces the price list, or is a factor on it."""

    model: Annotated[str, Meta(description="The model as its provider names it, or a pattern with * (claude-*). By default every model.")] = "*"
    provider: Annotated[str, Meta(description="Name of a provider, written here or found in the environment. Empty: every provider.")] = ""
    from_date: Annotated[
        dt.date | None, Meta(description="First day on which it applies, such as 2026-01-31, in UTC. Unset: always, until a later entry begins.")
    ] = None
    factor: Annotated[
        Annotated[float, Meta(ge=0, le=1_000)] | None,
        Meta(description="Factor on the list price: 0.8 is a discount of 20 %. Instead of the rates below."),
    ] = None
    input_mtok: Annotated[Mtok | None, Meta(description="US dollars per million tokens of input without a cache.")] = None
    cache_read_mtok: Annotated[Mtok | None, Meta(description="The same for input read from a cache. Unset: as input.")] = None
    cache_write_5m_mtok: Annotated[
        Mtok | None, Meta(description="The same for input written to a cache, for five minutes or without a time. Unset: as input.")
    ] = None
    cache_write_1h_mtok: Annotated[
        Mtok | None, Meta(description="The same for input written to a cache for an hour. Unset: as for five minutes.")
    ] = None
    output_mtok: Annotated[Mtok | None, Meta(description="The same for output, reasoning included.")] = None
    tier: Annotated[
        str,
        Meta(
            description="Service tier that it applies to, as answers name it (flex, priority, batch, fast, us, fast+us), or a pattern with *. "
            "Unset: rates apply to the standard tier, a factor to every tier."
        ),
    ] = ""
    uses_kcount: Annotated[
        dict[str, Mtok],
        Meta(
            description="US dollars per thousand uses of a tool that the provider runs, such as { web_search = 10.0 }. Alone or together with rates."
        ),
    ] = {}


class WrittenGroup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Principals that limits, grants and privileges of the catalog name together."""

    name: Annotated[str, Meta(description="Name of the group.")] = ""
    members: Annotated[
        tuple[str, ...],
        Meta(
            description="Names of users, service principals and other groups. A name that is a group's and a user's means the group; user:NAME, "
            "service_principal:NAME or group:NAME say which is meant."
        ),
    ] = ()


class WrittenGrant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A permission on endpoints. An endpoint that a grant names may be used only by principals that a grant names with it."""

    principal: Annotated[
        str,
        Meta(
            description="Name of a user, a service principal or a group; user:NAME, service_principal:NAME or group:NAME say which is meant. "
            '"account users" are all.'
        ),
    ] = ""
    endpoint: Annotated[str, Meta(description="Name of an endpoint, or a pattern with * (databricks-gpt-*); * for all.")] = ""
    permission: Annotated[
        Literal["CAN_QUERY", "CAN_MANAGE"],
        Meta(description='"CAN_QUERY" sends requests to it; "CAN_MANAGE" also changes it and its permissions.'),
    ] = "CAN_QUERY"


class WrittenLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rate limit: how much the requests that it counts together may use within any window."""

    endpoint: Annotated[
        str,
        Meta(description="Name of an endpoint, or a pattern with * (databricks-claude-*), whose endpoints count together; * for all."),
    ] = "*"
    key: Annotated[
        Literal["", "endpoint", "user_default", "user", "group", "service_principal", "request_tag", "token", "agent"],
        Meta(
            description='What is counted together: "endpoint" everything, "user_default" each user and service principal, "user", "group" or '
            '"service_principal" the one that principal names (a group\'s members share), "request_tag", "agent" one value or each, "token" each token.'
        ),
    ] = ""
    principal: Annotated[str, Meta(description="Name of the user, group or service principal, for those keys.")] = ""
    request_tag_key: Annotated[str, Meta(description='Name of the tag, for the key "request_tag".')] = ""
    request_tag_value: Annotated[str, Meta(description="Value of the tag. Empty: each value has a count of its own.")] = ""
    agent: Annotated[
        str, Meta(description='Name of an agent (claude-code, codex), for the key "agent". Empty: each agent has a count of its own.')
    ] = ""
    per: Annotated[Literal["", "minute", "hour", "day"], Meta(description='The window, which slides: "minute", "hour" or "day".')] = ""
    requests: Annotated[Most | None, Meta(description="Most requests within a window.")] = None
    tokens: Annotated[Most | None, Meta(description="Most tokens within a window, input and output together.")] = None
    input_tokens: Annotated[Most | None, Meta(description="Most input tokens within a window, those of caches included.")] = None
    output_tokens: Annotated[Most | None, Meta(description="Most output tokens within a window.")] = None
    concurrent: Annotated[Most | None, Meta(description="Most requests at the same time. A limit of nothing else needs no window.")] = None
    hard: Annotated[
        bool,
        Meta(
            description="Reserve all the output that a request allows before it is sent, so that output never exceeds the limit; a request that states no "
            "largest output is refused. Otherwise what 95 % of the endpoint's latest answers had is reserved."
        ),
    ] = False


class WrittenAction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a budget does when a part of it is used."""

    percent: Annotated[Annotated[float, Meta(gt=0, le=1_000)] | None, Meta(description="Percent of the budget from which it happens.")] = None
    do: Annotated[
        Literal["", "warn", "downgrade", "block"],
        Meta(
            description='"warn" in a header, the log and the webhook; "downgrade" requests to the endpoint that `to` names; "block" what would exceed it.'
        ),
    ] = ""
    to: Annotated[str, Meta(description='The endpoint that serves instead, for "downgrade".')] = ""


class WrittenBudget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A budget: how much money the requests that it counts together may cost in a day, a week or a month."""

    name: Annotated[str, Meta(description="Name that messages, headers and listings use. Its count goes on under this name.")] = ""
    scope: Annotated[
        Literal["shared", "per_user"],
        Meta(description='"shared": one count for all requests; "per_user": one for each user and service principal.'),
    ] = "shared"
    group: Annotated[str, Meta(description="Only requests of this group's members. A request must match all that is stated.")] = ""
    user: Annotated[str, Meta(description="Only requests of this user.")] = ""
    service_principal: Annotated[str, Meta(description="Only requests of this service principal.")] = ""
    endpoint: Annotated[str, Meta(description="Only requests of this endpoint, or of those that match a pattern with *.")] = "*"
    agent: Annotated[str, Meta(description="Only requests of this agent (claude-code, codex).")] = ""
    request_tag: Annotated[dict[str, str], Meta(description='Only requests with this tag and value, such as { team = "search" }.')] = {}
    session: Annotated[bool, Meta(description="Each session of a user has a count of its own. Agents name their sessions themselves.")] = False
    per: Annotated[
        Literal["", "day", "week", "month"], Meta(description='Period of the calendar: "day", "week" (from Monday) or "month". Then it begins anew.')
    ] = ""
    timezone: Annotated[str, Meta(description="Time zone of the period, such as Europe/Berlin.")] = "UTC"
    usd: Annotated[Annotated[float, Meta(ge=0, le=1_000_000_000)] | None, Meta(description="US dollars within a period.")] = None
    actions: Annotated[
        tuple[WrittenAction, ...], Meta(description='What happens at which percent. By default [{ percent = 100, do = "block" }].')
    ] = (WrittenAction(percent=100.0, do="block"),)
    overrides: Annotated[
        dict[str, Annotated[float, Meta(ge=0, le=1_000_000_000)]],
        Meta(description='US dollars for single users and service principals, for "per_user", such as { "ada@example.com" = 100.0 }.'),
    ] = {}
    unpriced: Annotated[
        Literal["refuse", "rate", "pass"],
        Meta(
            description='Requests to a model without a price: "refuse" them, count them at the "rate" of the next two settings, or let them "pass" uncounted.'
        ),
    ] = "refuse"
    unpriced_input_mtok: Annotated[Mtok | None, Meta(description='US dollars per million input tokens for unpriced = "rate".')] = None
    unpriced_output_mtok: Annotated[Mtok | None, Meta(description='US dollars per million output tokens for unpriced = "rate".')] = None
    hard: Annotated[
        bool,
        Meta(
            description="Reserve the most that a request can cost before it is sent, so that the budget is not exceeded; a request that states no largest "
            "output is refused. Otherwise what requests usually cost is reserved."
        ),
    ] = False
    webhook: Annotated[
        str,
        Meta(
            description="Where the URL is that gets a POST when a percent is reached: env:NAME for an environment variable, file:PATH for a file.",
            extra_json_schema={"pattern": "^(env:|file:|$)"},
        ),
    ] = ""
