"""The tables that Headgate owns, as the statements that would make them: names, types, comments. Pure data; storage makes Delta tables of it.

Columns are only ever added, at the end and nullable: older files of a table read as NULL in a newer column.
"""

from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Field, Structure, parse_text


def _column(name: str, kind: str, comment: str = "") -> Field:
    return Field(name, parse_text(kind), comment=comment)


def _required(name: str, kind: str, comment: str) -> Field:
    return Field(name, parse_text(kind), nullable=False, comment=comment)


_TAGS = "map<string,string>"
_ATTEMPT = (
    "struct<priority:int,action:string,destination:string,destination_id:string,status_code:int,error_code:string,"
    "latency_ms:bigint,start_time:timestamp,end_time:timestamp>"
)
_ENDPOINT = "struct<creator:string,creation_time:timestamp,last_updated_time:timestamp,destinations:array<string>,inference_table:string,fallbacks:array<string>>"
_SESSION = "struct<session_id:string,subagent_id:string,parent_subagent_id:string,coding_agent:string,agent_version:string,surface:string>"
RATES = (
    "struct<input_mtok:double,cache_read_mtok:double,cache_write_5m_mtok:double,cache_write_1h_mtok:double,output_mtok:double,"
    "provider:string,model:string,source:string>"
)

# The same, and what a thousand uses of a tool cost.
_LINE_RATES = RATES.removesuffix(">") + ",use_kcount:double>"
USAGE_LINES = (
    "array<struct<kind:string,model:string,tier:string,fresh_input_tokens:bigint,cache_read_tokens:bigint,cache_write_5m_tokens:bigint,"
    f"cache_write_1h_tokens:bigint,output_tokens:bigint,reasoning_tokens:bigint,uses:bigint,charge:decimal(18,12),rates:{_LINE_RATES}>>"
)

_LOSSES = "array<struct<what:string,why:string>>"

# `action`: downgrade or block, NULL for none. `unpriced`: how the budget counted a model without a price (rate or pass), else NULL.
_BUDGETS = "array<struct<name:string,action:string,unpriced:string>>"

# The columns of Databricks' `system.ai_gateway.usage`, so that a query written for it runs here.
_SHARED = (
    _column("account_id", "string", "always NULL: Headgate has no accounts"),
    _column("workspace_id", "string", "always NULL: Headgate has no workspaces"),
    _required("request_id", "string", "the exchange, as sent to the client; one row each"),
    _column("invocation_id", "string", "always NULL: the attempts of an exchange are in routing_information"),
    _column("invocation_metadata", "struct<source:string,service_tier:string>"),
    _column("schema_version", "int", "version of this layout"),
    _column("endpoint_id", "string"),
    _column("endpoint_name", "string", "the governed name that served the exchange"),
    _column("endpoint_tags", _TAGS),
    _column("endpoint_metadata", _ENDPOINT),
    _column("service_type", "string"),
    _column("service_id", "string"),
    _column("service_name", "string"),
    _column("service_tags", _TAGS),
    _required("event_time", "timestamp", "when the request arrived"),
    _column("latency_ms", "bigint", "until the last byte; NULL where nobody saw the end"),
    _column("time_to_first_byte_ms", "bigint", "until the provider's first byte; NULL where none came"),
    _column("destination_type", "string", "EXTERNAL_MODEL; NULL where the exchange was refused before one was chosen"),
    _column("destination_name", "string", "the provider"),
    _column("destination_id", "string"),
    _column("destination_model", "string", "the model that was asked of the provider; the same as model_sent"),
    _column("requester", "string", "e-mail address or name of the principal"),
    _column("requester_type", "string", "USER or SERVICE_PRINCIPAL"),
    _column("auth_mode", "string"),
    _column("ip_address", "string"),
    _column("url", "string", "path of the request"),
    _column("user_agent", "string"),
    _column("api_type", "string"),
    _column("request_tags", _TAGS, "tags that the client sent in a header"),
    _column("input_tokens", "bigint", "all input: fresh, read from a cache and written to one"),
    _column("output_tokens", "bigint", "all output, reasoning included"),
    _column("total_tokens", "bigint", "input_tokens + output_tokens"),
    _column("token_details", "struct<cache_read_input_tokens:bigint,cache_creation_input_tokens:bigint,output_reasoning_tokens:bigint>"),
    _column("response_content_type", "string"),
    _column("status_code", "int", "what the client was answered; NULL where nothing was"),
    _column("routing_information", f"struct<attempts:array<{_ATTEMPT}>>"),
    _column("mcp_metadata", "struct<json_rpc_method:string,tool_name:string,server_type:string,client_name:string>"),
    _column("session_metadata", _SESSION),
)

_OURS = (
    _column("agent", "string", "the coding agent, as its headers and body say; never used for identity"),
    _column("agent_version", "string"),
    _column("surface", "string", "where the agent runs: cli, an editor, CI"),
    _column("session_id", "string"),
    _column("subagent_id", "string"),
    _column("turn_id", "string"),
    _column("model_asked", "string", "what the client sent as its model"),
    _column("model_sent", "string", "what the provider was asked for"),
    _column("model_served", "string", "what the provider said it used"),
    _column("fresh_input_tokens", "bigint", "input neither read from nor written to a cache"),
    _column("cache_read_tokens", "bigint"),
    _column("cache_write_5m_tokens", "bigint"),
    _column("cache_write_1h_tokens", "bigint"),
    _column("reasoning_tokens", "bigint", "part of output_tokens"),
    _column("usage_estimated", "boolean", "true where the provider never reported and the counts are ours"),
    _column("charge", "decimal(18,12)", "USD, exact; NULL where it could not be priced"),
    _column("charge_status", "string", "priced, unpriced (tokens but no rates), not_charged or demo (see paid_by), or none (no tokens)"),
    _column("rates", RATES, "USD per million tokens that the charge was made with"),
    _column("ended", "string", "completed, failed, cut, client_gone, refused or interrupted"),
    _column("error_code", "string"),
    _column("error_message", "string"),
    _column("upstream_request_id", "string"),
    _column("client_request_id", "string"),
    _column("trace_id", "string"),
    _column("token_id", "string", "the token that was presented"),
    _column("stream", "boolean"),
    _column("finish_reason", "string", "the provider's own word"),
    _column("request_bytes", "bigint"),
    _column("response_bytes", "bigint"),
    _column("principal_id", "string"),
    _column("dialect", "string", "wire format of the client"),
    _column("provider_dialect", "string", "wire format family of the provider"),
    _column("response_id", "string", "the provider's id of its answer"),
    _column("usage_lines", USAGE_LINES, "what was charged, line by line: counts add up to the row's, charges to its charge"),
    _column("service_tier", "string", "how it was served, as the answer says: flex, priority, fast, …; NULL for the ordinary way"),
    _column("charge_reported", "decimal(18,12)", "USD that the provider itself says it charged"),
    _column(
        "paid_by",
        "string",
        "requester: with a subscription or key of their own, so charge is 0; demo: no account, charge is what it would have cost; NULL: Headgate's account",
    ),
    _column("list_charge", "decimal(18,12)", "USD that it would have cost Headgate's account, where paid_by is requester"),
    _column("budgets", _BUDGETS, "the budgets that the charge counts in, or the one that refused the exchange"),
    _column("downgraded_from", "string", "the endpoint that was asked for, where a budget sent the exchange to endpoint_name; else NULL"),
    _column("traffic_percent", "int", "share of the endpoint's requests that the target has which was chosen; NULL where it has none"),
    _column("translated_to", "string", "wire format that the provider was asked in, where the client's is another; else NULL"),
    _column("translation_losses", _LOSSES, "what could not be said in that format, and why"),
)

USAGE_SCHEMA_VERSION = 1

USAGE = CreateTable(
    name=Name(("system", "ai_gateway", "usage")),
    comment="One row for each exchange of a client with a model through Headgate.",
    schema=Structure(_SHARED + _OURS),
    if_not_exists=True,
    properties={
        # Rows are records: no engine may delete or change one. Compaction is still allowed.
        "delta.appendOnly": "true",
        # Request ids are time-ordered, so the last two prune a range of time and a single exchange; few statistics keep commits fast. delta-rs 1.6 reads no
        # statistics of what comes after a structure of which none are stated, so each structure before `event_time` has a column here.
        "delta.dataSkippingStatsColumns": "invocation_metadata.source,endpoint_metadata.creator,event_time,request_id",
        "delta.checkpointInterval": "50",
        "delta.logRetentionDuration": "interval 12 hours",
        "delta.deletedFileRetentionDuration": "interval 12 hours",
    },
)
