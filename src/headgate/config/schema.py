"""Every setting of `headgate.toml`, with its default and its help text. `compile` turns the settings into what the gateway uses.

The JSON Schema, the reference page and `headgate config show` are generated from these types, so a setting is described only here.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from headgate.config.entries import (
    Fraction,
    WrittenBudget,
    WrittenEndpoint,
    WrittenGrant,
    WrittenGroup,
    WrittenLimit,
    WrittenPrice,
    WrittenProvider,
)
from headgate.config.model_profile_entry import WrittenModelProfile

OBJECT_STORES = ("s3", "s3a", "gs", "az", "abfs", "abfss")  # schemes of URLs that tables may have

CONTACT_CHARS_MAX = 120

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
SecondsOrNone = Annotated[float, Meta(ge=0, le=86_400)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Megabytes = Annotated[int, Meta(ge=1, le=1_048_576)]


class Server(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The port that agents talk to."""

    host: Annotated[str, Meta(description="Address to listen on. With anything but a loopback address, other machines can connect.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="Port to listen on; 0 lets the system choose one.")] = 8484
    drain_s: Annotated[SecondsOrNone, Meta(description="How long open streams may continue when Headgate is stopped, in seconds.")] = 30.0
    replaced_drain_s: Annotated[
        SecondsOrNone, Meta(description="How long open streams may continue in a serving process that a restart has replaced, in seconds.")
    ] = 600.0
    watchdog_s: Annotated[
        SecondsOrNone,
        Meta(description="How long the serving process may be unresponsive before it is killed and restarted, in seconds; 0: no limit."),
    ] = 10.0
    max_body_mb: Annotated[Megabytes, Meta(description="Largest request body that is accepted, in MiB; a larger one is answered 413.")] = 64
    max_translated_objects: Annotated[
        Annotated[int, Meta(ge=1_000, le=1_000_000)],
        Meta(
            description="Most JSON objects in a request that is translated for a provider of another format; one with more is answered 413. "
            "Other requests wait while it is translated: about a tenth of a second for 10,000."
        ),
    ] = 50_000
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
    contact: Annotated[
        str,
        Meta(
            max_length=CONTACT_CHARS_MAX,
            description='Whom users may ask, such as "#ai-platform or ai@example.com": it is at the end of each error that Headgate answers an agent or '
            "shows in a browser. At most 120 characters. Empty: no such words.",
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
    keep_ready: Annotated[
        bool,
        Meta(
            description="Start what answers queries a few seconds after the gateway, and keep it, about 220 MB; otherwise the first page or statement "
            "starts it and waits for that, and an hour without any ends it."
        ),
    ] = True


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


class Responses(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Responses that clients of OpenAI's Responses format may name again, where a provider of another format answered."""

    retention_days: Annotated[
        Count, Meta(description="Days for which a response is kept, unless its request says `store: false`; 0: none is kept.")
    ] = 30
    max_mb: Annotated[Megabytes, Meta(description="Disk space for all responses, compressed, in MiB; then the oldest are deleted.")] = 1024
    principal_max_mb: Annotated[
        Megabytes, Meta(description="Disk space for the responses of one user or service principal, in MiB; then their oldest are deleted.")
    ] = 128
    principal_max: Annotated[
        int, Meta(ge=1, le=10_000_000, description="How many responses of one user or service principal are kept; then their oldest are deleted.")
    ] = 10_000
    hidden_states_hours: Annotated[
        Count,
        Meta(
            description="Hours for which the signatures of thoughts are kept for clients of Chat Completions, which have no place for them; 0: they are lost."
        ),
    ] = 12


class UsageKeeping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long rows of usage and cost stay."""

    retention_days: Annotated[
        Count,
        Meta(
            description="Days after which rows of the usage table and the settled ledger are deleted; 0: never. Else at least 32, so that the month that runs is whole."
        ),
    ] = 0


class Log(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The log that all processes write to standard error."""

    format: Annotated[Literal["text", "json"], Meta(description='How a line looks: "text" for people, "json" for machines, one object a line.')] = (
        "text"
    )
    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description='The lowest level that is logged: "debug", "info", "warning" or "error".')
    ] = "info"


class MetricsSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `/metrics` shows, and to which clients."""

    networks: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses or networks whose clients read /metrics without a token, such as 127.0.0.1. Behind a reverse proxy on this machine "
            "set server.trusted_proxies too: otherwise every client has the proxy's address. Empty: only administrators and viewers, with a token."
        ),
    ] = ()
    users: Annotated[bool, Meta(description="Count requests and tokens by user too, with the users' names as a label.")] = False


class Demo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """[demo]"""

    fill: Annotated[
        bool,
        Meta(description="Fill the store of `headgate up --demo` with a made-up month, and go on making exchanges up while it runs."),
    ] = True


class Discovery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Providers that are found rather than written."""

    environment: Annotated[
        bool,
        Meta(description="Use ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY and DATABRICKS_HOST with DATABRICKS_TOKEN where they are set."),
    ] = True
    ollama: Annotated[bool, Meta(description="Use Ollama when it answers on this machine (or at OLLAMA_HOST).")] = True


class WrittenPreviews(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Features that can be switched off for everybody."""

    coding_agents: Annotated[bool, Meta(description="Models for coding agents: all routes of the gateway.")] = True
    opentelemetry: Annotated[bool, Meta(description="OpenTelemetry that agents export, over HTTP and gRPC.")] = True


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


class Permissions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds where no grant says anything."""

    default: Annotated[
        Literal["open", "closed"],
        Meta(description='Endpoints that no grant names: "open" for every token, or "closed" for all but administrators.'),
    ] = "open"


class PagesSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What pages show."""

    dashboards: Annotated[
        str,
        Meta(
            description="Folder of your own dashboards. A relative path starts at the folder of headgate.toml, or at the data directory if there is "
            "no such file."
        ),
    ] = "dashboards"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of headgate.toml."""

    server: Annotated[Server, Meta(description="The port that agents talk to.")] = Server()
    streams: Annotated[Streams, Meta(description="How long answers may be silent, and how long they may last.")] = Streams()
    journal: Annotated[Journal, Meta(description="The log on disk that holds records until they are in tables.")] = Journal()
    storage: Annotated[Storage, Meta(description="Where tables are stored.")] = Storage()
    sql: Annotated[Sql, Meta(description="What SQL statements may use.")] = Sql()
    log: Annotated[Log, Meta(description="The log that all processes write to standard error.")] = Log()
    metrics: Annotated[MetricsSettings, Meta(description="What /metrics shows, and to which clients.")] = MetricsSettings()
    telemetry: Annotated[Telemetry, Meta(description="OpenTelemetry that agents export into tables, and what Headgate traces itself.")] = Telemetry()
    payloads: Annotated[Payloads, Meta(description="Requests and answers that are logged in full.")] = Payloads()
    responses: Annotated[Responses, Meta(description="Responses that clients may name again.")] = Responses()
    usage: Annotated[UsageKeeping, Meta(description="How long rows of usage and cost stay.")] = UsageKeeping()
    providers: Annotated[tuple[WrittenProvider, ...], Meta(description="Upstream accounts.")] = ()
    endpoints: Annotated[tuple[WrittenEndpoint, ...], Meta(description="Governed names that clients ask for as their model.")] = ()
    prices: Annotated[tuple[WrittenPrice, ...], Meta(description="Your own prices, which override the price list.")] = ()
    model_profiles: Annotated[tuple[WrittenModelProfile, ...], Meta(description="What models accept, where Headgate does not know it.")] = ()
    groups: Annotated[tuple[WrittenGroup, ...], Meta(description="Groups of users and service principals.")] = ()
    grants: Annotated[tuple[WrittenGrant, ...], Meta(description="Permissions on endpoints.")] = ()
    permissions: Annotated[Permissions, Meta(description="What holds where no grant says anything.")] = Permissions()
    limits: Annotated[tuple[WrittenLimit, ...], Meta(description="Rate limits.")] = ()
    previews: Annotated[WrittenPreviews, Meta(description="Features that can be switched off for everybody.")] = WrittenPreviews()
    budgets: Annotated[tuple[WrittenBudget, ...], Meta(description="Budgets: how much money may be spent.")] = ()
    demo: Annotated[Demo, Meta(description="What `headgate up --demo` makes up.")] = Demo()
    discovery: Annotated[Discovery, Meta(description="Providers that are found rather than written.")] = Discovery()
    pages: Annotated[PagesSettings, Meta(description="What pages show.")] = PagesSettings()
    upstream: Annotated[UpstreamAccess, Meta(description="How providers are reached.")] = UpstreamAccess()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of headgate.toml, for editors."""
    schema = msgspec.json.schema(Settings)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "headgate.toml", **schema}
