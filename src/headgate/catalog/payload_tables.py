"""The payload (inference) tables as data: one for each endpoint that logs content, in the columns that Databricks gives them, and ours at the end."""

from headgate.catalog import names, types
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Field, Structure, parse_text

SUFFIX = "_payload"
SCHEMA_VERSION = 1


def _column(name: str, kind: str, comment: str = "") -> Field:
    return Field(name, parse_text(kind), comment=comment)


SCHEMA = Structure((
    _column("request_id", "string", "the exchange, as in system.ai_gateway.usage"),
    _column("invocation_id", "string", "always NULL: attempts are in the usage row"),
    _column("request_tags", "map<string,string>"),
    _column("event_time", "timestamp", "when the request arrived"),
    _column("status_code", "int", "what the client was answered"),
    _column("sampling_fraction", "double", "the share of exchanges that was logged then; errors are always logged"),
    _column("latency_ms", "bigint"),
    _column("time_to_first_byte_ms", "bigint"),
    _column("request", "string", "the body as it came, redacted"),
    _column("response", "string", "the answer as one JSON value, redacted; a stream is folded into the answer it tells"),
    _column("destination_id", "string"),
    _column("destination_type", "string"),
    _column("destination_name", "string", "the provider"),
    _column("destination_model", "string", "the model that was asked of the provider"),
    _column("requester", "string"),
    _column("logging_error_codes", "array<string>", "MAX_REQUEST_SIZE_EXCEEDED, MAX_RESPONSE_SIZE_EXCEEDED: that body is in a file, or cut"),
    _column("schema_version", "int"),
    _column("url", "string", "path of the request"),
    _column("api_type", "string"),
    _column("endpoint_name", "string"),
    _column("session_id", "string"),
    _column("request_file", "string", "where a request lies that was too large, below the data directory"),
    _column("response_file", "string", "where an answer lies that was too large, below the data directory"),
))  # fmt: skip

PROPERTIES = {
    "delta.dataSkippingStatsColumns": "event_time,request_id",
    "delta.checkpointInterval": "50",
    "delta.logRetentionDuration": "interval 12 hours",
    "delta.deletedFileRetentionDuration": "interval 12 hours",
}


def table_name(prefix: str) -> Name:
    """The table that a configured prefix means: `main.default.coding` is `main.default.coding_payload`."""
    named = names.parse(prefix, 3)
    return named if named.leaf.endswith(SUFFIX) else named.parent.child(named.leaf + SUFFIX)


def creation(name: Name) -> CreateTable:
    """The statement that creates such a table."""
    comment = "Requests and answers, logged by Headgate."
    return CreateTable(name=name, schema=SCHEMA, properties=PROPERTIES, comment=comment, if_not_exists=True)


def misfit(table: Structure) -> str:
    """Why rows of this module do not fit a table; empty if they do. Columns that it lacks are added with the first row."""
    have = {field.name.lower(): field.type for field in table.fields}
    wrong = [
        f"column {field.name} is {types.text(have[field.name])}, not {types.text(field.type)}"
        for field in SCHEMA.fields
        if have.get(field.name, field.type) != field.type
    ]
    if "request_id" not in have:
        wrong.insert(0, "it has no column request_id")
    return "; ".join(wrong[:3])
