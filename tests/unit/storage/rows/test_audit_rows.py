"""Audit events as rows."""

import msgspec
import pytest

from headgate.catalog.audit_chain import Head, chained
from headgate.catalog.audit_table import AUDIT
from headgate.storage.rows import audit_rows
from tests.fakes.audit_place import event


def test_a_row_is_read_as_it_was_written():
    """Times, days, maps and structures come back in the form that the chain hashes."""
    full = event(
        "a", who="ada", run_as="admin", address="::1", user_agent="u", session_id="s", request_id="r", params={"b": "2", "a": "1"}, status_code=403,
        error_message="No.", result="denied", before="{}", after="[]", occurrences=7,
    )  # fmt: skip
    made = list(chained([audit_rows.row_of(full), audit_rows.row_of(event("b"))], Head()))
    (batch,) = audit_rows.table(made).to_batches()
    assert [{name: value for name, value in row.items() if value is not None} for row in audit_rows.rows_read(batch)] == [
        {name: value for name, value in row.items() if value is not None} for row in made
    ]


def test_events_outside_of_the_chain_have_no_place():
    """As a query shows them before they are in the table."""
    rows = audit_rows.unlinked([msgspec.json.encode([event("a"), event("b")])]).to_pylist()
    assert [(row["event_id"], row["chain_sequence"]) for row in rows] == [("a", None), ("b", None)]
    assert set(rows[0]) == {field.name for field in AUDIT.schema.fields}
    with pytest.raises(msgspec.DecodeError):
        audit_rows.unlinked([b"{"])
