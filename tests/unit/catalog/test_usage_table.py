"""The tables we own, as data."""

import json

from headgate.catalog.types import Structure, to_delta_json
from headgate.catalog.usage_table import USAGE

# The names of Databricks' table, in its order.
SHARED = """
account_id workspace_id request_id invocation_id invocation_metadata schema_version endpoint_id endpoint_name endpoint_tags endpoint_metadata
service_type service_id service_name service_tags event_time latency_ms time_to_first_byte_ms destination_type destination_name destination_id
destination_model requester requester_type auth_mode ip_address url user_agent api_type request_tags input_tokens output_tokens total_tokens
token_details response_content_type status_code routing_information mcp_metadata session_metadata
"""


def test_the_shared_columns_come_first_and_in_order():
    """A query written for Databricks' usage table finds its columns here."""
    assert [field.name for field in USAGE.schema.fields][: len(SHARED.split())] == SHARED.split()


def test_no_column_is_named_twice():
    """Names are unique, also for an engine that does not tell case apart."""
    names = [field.name.lower() for field in USAGE.schema.fields]

    assert len(set(names)) == len(names)


def test_only_what_every_row_has_is_required():
    """A column that is added later can never be required, so only the oldest two are."""
    assert [field.name for field in USAGE.schema.fields if not field.nullable] == ["request_id", "event_time"]


def test_statistics_are_kept_of_columns_that_exist():
    """Spark fails on a table whose statistics name an unknown column."""
    names = {field.name for field in USAGE.schema.fields}

    stated = [name.partition(".") for name in USAGE.properties["delta.dataSkippingStatsColumns"].split(",")]
    assert {name for name, _, _ in stated} <= names
    kinds = {field.name: field.type for field in USAGE.schema.fields}
    parts = {(name, part.name) for name, kind in kinds.items() if isinstance(kind, Structure) for part in kind.fields}
    assert {(name, part) for name, _, part in stated if part} <= parts


def test_statistics_are_kept_of_a_column_of_each_structure_before_the_time():
    """Else the time's are not read."""
    before = USAGE.schema.fields[: [field.name for field in USAGE.schema.fields].index("event_time")]
    stated = {name.partition(".")[0] for name in USAGE.properties["delta.dataSkippingStatsColumns"].split(",")}
    assert {field.name for field in before if isinstance(field.type, Structure)} == stated - {"event_time", "request_id"}


def test_the_types_that_matter_as_delta_has_them():
    """Money is exact, time has a zone, counts are 64 bits wide."""
    fields = {field["name"]: field["type"] for field in json.loads(to_delta_json(USAGE.schema))["fields"]}

    assert fields["charge"] == "decimal(18,12)"
    assert fields["event_time"] == "timestamp"
    assert fields["input_tokens"] == "long"
    assert fields["request_tags"]["type"] == "map"
    assert [field["name"] for field in fields["session_metadata"]["fields"]][:2] == ["session_id", "subagent_id"]
