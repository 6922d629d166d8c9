"""The audit table: the columns of Databricks' `system.access.audit`, so that a query written for it runs here, and ours at the end. Pure data.

Columns are only ever added, at the end and nullable. The hash of a row is over the columns that its `version` has.
"""

from headgate.catalog.names import Name
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Field, Structure, parse_text

AUDIT_VERSION = "1.0"


def _column(name: str, kind: str, comment: str = "") -> Field:
    return Field(name, parse_text(kind), comment=comment)


_SHARED = (
    _column("account_id", "string", "always NULL: Headgate has no accounts"),
    _column("workspace_id", "string", "always NULL: Headgate has no workspaces"),
    _column("version", "string", "version of this layout, and of what row_hash is made of"),
    _column("event_time", "timestamp", "when it happened"),
    _column("event_date", "date", "its day, in UTC"),
    _column("source_ip_address", "string", "NULL for a command"),
    _column("user_agent", "string"),
    _column("session_id", "string", "session of an agent"),
    _column("user_identity", "struct<email:string,subject_name:string>", "who acted: a user, a service principal, os:NAME for a command, headgate"),
    _column("service_name", "string", "accounts, unityCatalog, aiGateway, otel, workspace or headgate"),
    _column("action_name", "string"),
    _column("request_id", "string"),
    _column("request_params", "map<string,string>", "what the action was about; never a secret"),
    _column("response", "struct<status_code:int,error_message:string,result:string>"),
    _column("audit_level", "string", "always WORKSPACE_LEVEL"),
    _column("event_id", "string"),
    _column("identity_metadata", "struct<run_by:string,run_as:string,acting_resource:string>", "with whose rights it happened"),
)

_OURS = (
    _column("before", "string", "what was changed, as JSON, before; NULL where there was nothing"),
    _column("after", "string", "the same after"),
    _column("occurrences", "bigint", "how many refusals of the same kind the row stands for"),
    _column("chain_sequence", "bigint", "place of the row in the chain, from 1 without a gap"),
    _column("previous_hash", "string", "row_hash of the row before"),
    _column("row_hash", "string", "SHA-256 of all other columns"),
)

AUDIT = CreateTable(
    name=Name(("system", "access", "audit")),
    comment="Administrative acts and refusals. Each row has the hash of the one before.",
    schema=Structure(_SHARED + _OURS),
    if_not_exists=True,
    properties={
        "delta.appendOnly": "true",
        "delta.dataSkippingStatsColumns": "event_time",
        "delta.checkpointInterval": "50",
        "delta.logRetentionDuration": "interval 12 hours",
        "delta.deletedFileRetentionDuration": "interval 12 hours",
    },
)
