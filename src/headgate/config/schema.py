"""Every setting of `headgate.toml`, with its default and its help text. `compile` turns the settings into what the gateway uses.

The JSON Schema, the reference page and `headgate config show` are generated from these types, so a setting is described only here.
"""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from headgate.core.provider_dialect import WORDS

AUTH_WORDS = ("", "bearer")
OBJECT_STORES = ("s3", "s3a", "gs", "az", "abfs", "abfss")  # schemes of URLs that tables may have

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
SecondsOrNone = Annotated[float, Meta(ge=0, le=86_400)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Mtok = Annotated[float, Meta(ge=0, le=1_000_000)]
Most = Annotated[int, Meta(ge=1, le=1_000_000_000_000)]
Megabytes = Annotated[int, Meta(ge=1, le=1_048_576)]


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The port that agents talk to."""

    host: Annotated[str, Meta(description="Address to listen on. With anything but a loopback address, other machines can connect.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="Port to listen on; 0 lets the system choose one.")] = 8484
    drain_s: Annotated[SecondsOrNone, Meta(description="How long open streams may continue after SIGTERM, in seconds.")] = 30.0
    watchdog_s: Annotated[
        SecondsOrNone,
        Meta(description="How long the serving process may be unresponsive before it is killed and restarted, in seconds; 0: no limit."),
    ] = 10.0
    max_body_mb: Annotated[Megabytes, Meta(description="Largest request body that is accepted, in MiB; a larger one is answered 413.")] = 64
    allowed_hosts: Annotated[
        tuple[str, ...],
        Meta(description="Host names that requests may be addressed to, without a port. Empty: any. Set it when a browser can reach the port."),
    ] = ()
    public_url: Annotated[
        str,
        Meta(
            description="Address at which people and agents reach Headgate, such as https://gate.example, for links and configurations. "
            "Empty: the address that each request was sent to. With https, cookies are sent over TLS only."
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses or networks (10.0.0.0/8) of the reverse proxies in front. Their X-Forwarded-For, X-Forwarded-Proto and Forwarded "
            "name the client; from other addresses those headers are ignored."
        ),
    ] = ()


class Streams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long answers may be silent, and how long they may last."""

    keep_alive_s: Annotated[Seconds, Meta(description="Silence after which the agent is sent a keep-alive, in seconds.")] = 15.0
    early_headers_s: Annotated[
        Seconds, Meta(description="When a provider is slow to begin, the agent gets its response headers after this many seconds.")
    ] = 40.0
    first_byte_timeout_s: Annotated[Seconds, Meta(description="How long a provider may take to begin its answer, in seconds.")] = 600.0
    idle_timeout_s: Annotated[Seconds, Meta(description="How long a provider may fall silent within an answer, in seconds.")] = 300.0
    total_timeout_s: Annotated[Seconds, Meta(description="How long one answer may last in all, in seconds.")] = 3600.0
    drain_after_client_s: Annotated[
        SecondsOrNone,
        Meta(description="How long Headgate keeps reading an answer for its token counts after the agent has disconnected, in seconds."),
    ] = 30.0
    max_drains: Annotated[
        Count, Meta(description="How many answers Headgate keeps reading at the same time after their agents have disconnected.")
    ] = 64


class Journal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log on disk that holds records until they are in tables."""

    roll_s: Annotated[Seconds, Meta(description="How often a journal segment is closed and written to the tables, in seconds.")] = 1.0
    max_mb: Annotated[
        Megabytes, Meta(description="Size the journal may grow to while tables cannot be written, in MiB; then new work is refused.")
    ] = 4096


class Storage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where tables are stored."""

    warehouse: Annotated[
        str,
        Meta(
            description="Root of new tables: empty for the warehouse folder of the data directory, an absolute path, or an object-storage URL such as "
            "s3://bucket/path. Tables that exist stay where they are, and Headgate's own stay in the data directory. Credentials of object storage "
            "come from the environment.",
            extra_json_schema={"pattern": f"^$|^/|^({'|'.join(OBJECT_STORES)})://"},
        ),
    ] = ""


class Sql(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What SQL statements may use."""

    timeout_s: Annotated[
        Seconds, Meta(description="How long one query may take, in seconds, including waiting and parsing; then its process is killed.")
    ] = 60.0
    memory_mb: Annotated[Megabytes, Meta(description="Memory that one query may use, in MiB.")] = 1024
    workers: Annotated[
        int, Meta(ge=1, le=64, description="How many queries run at the same time; further ones wait. One user can use at most all but one.")
    ] = 3
    require_sandbox: Annotated[
        bool,
        Meta(
            description="Refuse every statement on a machine whose kernel lacks a part of the sandbox (Landlock, seccomp, limits of memory); "
            "otherwise the gap is only reported."
        ),
    ] = False
    cache_mb: Annotated[
        Megabytes,
        Meta(
            description="Disk space in the data directory for copies of the data files of tables in object storage, in MiB; "
            "a query that reads more than that is refused."
        ),
    ] = 8192


class Telemetry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """OpenTelemetry that agents export into tables, and what Headgate traces itself."""

    create_tables: Annotated[
        bool,
        Meta(description="Create the table that an export names if it does not exist. The sender then needs CREATE TABLE on the schema."),
    ] = False
    max_body_mb: Annotated[
        Megabytes, Meta(description="Largest export that is accepted, compressed or decompressed, in MiB; a larger one is answered 413.")
    ] = 16
    redact: Annotated[
        tuple[str, ...],
        Meta(
            description="Attributes whose values are replaced before anything is stored, by name, with * and ?. "
            "Those that hold prompts, answers, or the arguments and results of tools are replaced already."
        ),
    ] = ()
    keep: Annotated[
        tuple[str, ...],
        Meta(description="Attributes to store although they hold prompts, answers, or arguments and results of tools, by name; * for all of them."),
    ] = ()
    grpc_port: Annotated[
        int,
        Meta(ge=0, le=65_535, description="Port for OTLP over gRPC, on the address of [server]; 0: none. Needs the extra headgate[grpc]."),
    ] = 0
    trace_table: Annotated[
        str,
        Meta(description="Table for traces of every exchange, as spans: catalog.schema.table; it is created if it is missing. Empty: none."),
    ] = ""


class Payloads(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Requests and answers that are logged in full. Off unless a table is named, here or for an endpoint."""

    table: Annotated[
        str,
        Meta(description="Table for endpoints that name none: main.default.all means main.default.all_payload. Empty: none."),
    ] = ""
    sampling: Annotated[Fraction, Meta(description="Share of exchanges that is logged, 0 to 1. Errors are always logged.")] = 1.0
    redact_secrets: Annotated[bool, Meta(description="Replace what looks like a key, a token or a password before anything is stored.")] = True
    redact: Annotated[
        tuple[str, ...],
        Meta(
            description="Regular expressions; what they match is replaced before anything is stored. A body on which they take longer than ten seconds is not stored."
        ),
    ] = ()
    max_mb: Annotated[
        Annotated[int, Meta(ge=1, le=64)],
        Meta(description="Largest body that goes into the table, in MiB. A larger one becomes a file below the data directory."),
    ] = 10
    retention_days: Annotated[
        Count, Meta(description="Days after which rows and files are deleted; 0: files never, rows as the table itself says.")
    ] = 0


class Log(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log that all processes write to standard error."""

    format: Annotated[Literal["text", "json"], Meta(description='How a line looks: "text" for people, "json" for machines, one object a line.')] = (
        "text"
    )
    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description='The lowest level that is logged: "debug", "info", "warning" or "error".')
    ] = "info"


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
            "Empty: the provider that defined the dialect."
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
            description='How the key is sent: "" in the dialect\'s own header, "bearer" as Authorization: Bearer.',
            extra_json_schema={"enum": list(AUTH_WORDS)},
        ),
    ] = ""
    models: Annotated[
        tuple[str, ...],
        Meta(
            description="Models that the provider serves; no other name is sent to it. A name with * (claude-*) allows all that match. "
            "Empty: every name of its dialect that is configured nowhere is sent to it unchanged."
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


class WrittenTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where an endpoint's requests go."""

    provider: Annotated[str, Meta(description="Name of a provider, written here or found in the environment.")] = ""
    model: Annotated[str, Meta(description="The provider's own name of the model. Empty: the endpoint's name.")] = ""


class WrittenEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A governed name that clients ask for as their model."""

    name: Annotated[str, Meta(description="The name clients send as their model.")] = ""
    targets: Annotated[tuple[WrittenTarget, ...], Meta(description="Providers and models that serve it, in the order they are tried.")] = ()
    display_name: Annotated[str, Meta(description="Name shown to people in listings.")] = ""
    tags: Annotated[dict[str, str], Meta(description="Labels on every usage row of this endpoint.")] = {}
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


class Discovery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Providers that are found rather than written."""

    environment: Annotated[
        bool,
        Meta(description="Use ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY and DATABRICKS_HOST with DATABRICKS_TOKEN where they are set."),
    ] = True
    ollama: Annotated[bool, Meta(description="Use Ollama when it answers on this machine (or at OLLAMA_HOST).")] = True


class UpstreamAccess(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How providers are reached. The proxy variables of the environment are not read."""

    proxy_url: Annotated[str, Meta(description="HTTP proxy for providers, such as http://proxy.example:3128. Empty: none.")] = ""
    no_proxy: Annotated[tuple[str, ...], Meta(description="Hosts reached without the proxy; .example.com means all below example.com.")] = ()
    extra_ca_file: Annotated[str, Meta(description="PEM file with certificate authorities to trust in addition to the system's own.")] = ""
    pass_headers: Annotated[
        tuple[str, ...],
        Meta(
            description="Names of request headers to send to providers, with *. By default all. Credentials, cookies, headers of proxies and of the "
            "connection, and Headgate's own are never sent. Empty: only those that the agents' own formats need."
        ),
    ] = ("*",)
    connect_timeout_s: Annotated[Seconds, Meta(description="How long connecting to a provider may take, in seconds.")] = 10.0


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of headgate.toml."""

    server: Annotated[Server, Meta(description="The port that agents talk to.")] = Server()
    streams: Annotated[Streams, Meta(description="How long answers may be silent, and how long they may last.")] = Streams()
    journal: Annotated[Journal, Meta(description="The log on disk that holds records until they are in tables.")] = Journal()
    storage: Annotated[Storage, Meta(description="Where tables are stored.")] = Storage()
    sql: Annotated[Sql, Meta(description="What SQL statements may use.")] = Sql()
    log: Annotated[Log, Meta(description="The log that all processes write to standard error.")] = Log()
    telemetry: Annotated[Telemetry, Meta(description="OpenTelemetry that agents export into tables, and what Headgate traces itself.")] = Telemetry()
    payloads: Annotated[Payloads, Meta(description="Requests and answers that are logged in full.")] = Payloads()
    providers: Annotated[tuple[WrittenProvider, ...], Meta(description="Upstream accounts.")] = ()
    endpoints: Annotated[tuple[WrittenEndpoint, ...], Meta(description="Governed names that clients ask for as their model.")] = ()
    prices: Annotated[tuple[WrittenPrice, ...], Meta(description="Your own prices, which override the price list.")] = ()
    limits: Annotated[tuple[WrittenLimit, ...], Meta(description="Rate limits.")] = ()
    discovery: Annotated[Discovery, Meta(description="Providers that are found rather than written.")] = Discovery()
    upstream: Annotated[UpstreamAccess, Meta(description="How providers are reached.")] = UpstreamAccess()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of headgate.toml, for editors."""
    schema = msgspec.json.schema(Settings)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "headgate.toml", **schema}
