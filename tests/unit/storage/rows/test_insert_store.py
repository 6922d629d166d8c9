"""Rows of INSERT on their way into the journal."""

import pyarrow as pa
import pytest

from headgate.admin.insert_ports import InsertTarget
from headgate.catalog import types
from headgate.catalog.entries import Entry, TableFacts
from headgate.catalog.holders import user
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.core.batch import ROWS
from headgate.core.errors import BadRequest
from headgate.storage.rows import inserted_rows
from headgate.storage.rows.insert_store import InsertStore
from tests.fakes.records import FakeClock

SCHEMA = Structure(types.parse_columns("a: int, s: struct<x: bigint>, m: map<string,double>, v: variant, t: timestamp"))
TARGET = InsertTarget(SCHEMA, "id-1")


class Kept:
    """Remembers batches."""

    def __init__(self):
        self.batches = []

    async def keep(self, batch):
        self.batches.append(batch)


def entry(kind: str) -> Entry:
    facts = TableFacts(table_type=kind, columns=types.to_delta_json(SCHEMA))
    return Entry(id="e", name=Name(("main", "default", "t")), owner=user("ada"), location="/t", table=facts)


async def test_rows_get_the_tables_very_types():
    """What a query answers becomes what the table holds; every column is there, in order."""
    journal = Kept()
    rows = pa.table({
        "m": pa.array([[("k", 1.5)], None], pa.map_(pa.string(), pa.float64())), "a": pa.array([1, 2], pa.int32()), "s": pa.array([{"x": 3}, None]), "t": pa.nulls(2),
    })  # fmt: skip
    await InsertStore(journal, FakeClock()).keep(entry("MANAGED"), TARGET, rows)
    (batch,) = journal.batches
    assert (batch.table, batch.location, batch.signal, batch.rows, batch.managed) == ("e", "/t", ROWS, 2, True)
    assert not inserted_rows.misfit(types.to_delta_json(SCHEMA), batch.payload)
    made = inserted_rows.table(types.to_delta_json(SCHEMA), [batch.payload])
    assert made.select(["a", "s", "v", "t"]).to_pylist() == [{"a": 1, "s": {"x": 3}, "v": None, "t": None}, {"a": 2, "s": None, "v": None, "t": None}]
    await InsertStore(journal, FakeClock()).keep(entry("EXTERNAL"), TARGET, rows)
    assert not journal.batches[1].managed


async def test_values_that_do_not_fit():
    """What slipped through the casts is refused with the column's name, and nothing is kept."""
    journal = Kept()
    with pytest.raises(BadRequest, match="The values for the column a do not fit it"):
        await InsertStore(journal, FakeClock()).keep(entry("MANAGED"), TARGET, pa.table({"a": pa.array([2**40])}))
    assert journal.batches == []
