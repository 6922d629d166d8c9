"""The payload tables' names and columns."""

import pytest

from headgate.catalog import payload_tables, types
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.core.errors import BadRequest


@pytest.mark.parametrize("prefix", ["main.default.coding", "MAIN.default.coding_payload"])
def test_a_prefix_names_a_table(prefix):
    """The suffix is added once."""
    assert payload_tables.table_name(prefix) == Name(("main", "default", "coding_payload"))


def test_a_prefix_has_three_parts():
    """Else it names no table."""
    with pytest.raises(BadRequest, match="full table name"):
        payload_tables.table_name("coding")


def test_the_columns_are_those_of_databricks_and_ours_at_the_end():
    """A query written for an inference table runs here."""
    names = [field.name for field in payload_tables.SCHEMA.fields]

    assert names[:7] == ["request_id", "invocation_id", "request_tags", "event_time", "status_code", "sampling_fraction", "latency_ms"]
    assert set(names[-4:]) == {"endpoint_name", "session_id", "request_file", "response_file"}
    assert payload_tables.creation(Name(("a", "b", "c_payload"))).schema == payload_tables.SCHEMA


def test_a_table_fits_if_what_it_has_is_of_the_same_types():
    """Columns that it lacks are added, columns of its own stay empty."""
    assert not payload_tables.misfit(payload_tables.SCHEMA)
    assert not payload_tables.misfit(Structure(types.parse_columns("request_id: string, mine: int")))
    assert (
        payload_tables.misfit(Structure(types.parse_columns("request_id: string, event_time: string")))
        == "column event_time is string, not timestamp"
    )
    assert payload_tables.misfit(Structure(types.parse_columns("name: string"))) == "it has no column request_id"
