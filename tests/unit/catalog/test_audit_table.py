"""The audit table's columns."""

import re

from headgate.catalog import types
from headgate.catalog.audit_table import AUDIT
from tests.tidy.source import ROOT

# `system.access.audit` as Databricks documents it (https://docs.databricks.com/aws/en/admin/system-tables/audit-logs).
DATABRICKS = [
    "account_id",
    "workspace_id",
    "version",
    "event_time",
    "event_date",
    "source_ip_address",
    "user_agent",
    "session_id",
    "user_identity",
    "service_name",
    "action_name",
    "request_id",
    "request_params",
    "response",
    "audit_level",
    "event_id",
    "identity_metadata",
]


def test_databricks_columns_come_first():
    """With its types; ours follow."""
    fields = {field.name: types.text(field.type) for field in AUDIT.schema.fields}
    assert list(fields)[: len(DATABRICKS)] == DATABRICKS
    assert fields["user_identity"] == "struct<email:string,subject_name:string>"
    assert fields["response"] == "struct<status_code:int,error_message:string,result:string>"
    assert fields["request_params"] == "map<string,string>"


def test_every_column_of_ours_is_on_the_page():
    """With what it says."""
    page = (ROOT / "docs/audit.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)(?:\.\w+)?`", page))
    unused = {"audit_level", "version", "session_id", "event_id"}
    assert {field.name for field in AUDIT.schema.fields} - named <= unused
