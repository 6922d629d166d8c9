"""The files of the settled ledger's tables."""

import datetime as dt

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from headgate.catalog.ledger.settled import COVERAGE, DAY_US, PART_TABLES, SettledTime
from headgate.storage.delta import delta_table
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.settling.settled_files import SettledFiles


@pytest.fixture
def files(tmp_path):
    """Tables that are not there yet."""
    return SettledFiles(str(tmp_path))


def some(table, *agents):
    """Rows as a query gives them: without the columns that say where they come from."""
    schema = pa.schema(list(arrow_schema(table.schema))[2:])
    return pa.Table.from_pylist([{"agent": agent} for agent in agents], schema=schema)


def kept(tmp_path, table=COVERAGE):
    """What is in a table: edition, day since 1970, agent."""
    rows = DeltaTable(delta_table.table_path(str(tmp_path), table)).to_pyarrow_table().to_pylist()
    return sorted((row["edition"], (row["settled_day"] - dt.date(1970, 1, 1)).days, row["agent"]) for row in rows)


def test_every_table_has_its_days(files):
    """The ledger is settled as far as each of its tables is."""
    for table in PART_TABLES:
        assert files.days_until_us() == 0
        files.append_days(table, some(table, "codex"), 10, 12)

    assert files.days_until_us() == 13 * DAY_US
    files.append_days(COVERAGE, some(COVERAGE), 13, 13)
    assert files.days_until_us() == 13 * DAY_US


def test_days_are_there_once(files, tmp_path):
    """An attempt that did not end leaves rows of its days; the next attempt replaces them, also if it takes more days at once."""
    files.append_days(COVERAGE, some(COVERAGE, "kept"), 10, 10)
    files.append_days(COVERAGE, some(COVERAGE, "first"), 11, 12)

    assert files.has(COVERAGE, 12)
    assert not files.has(COVERAGE, 13)
    files.append_days(COVERAGE, some(COVERAGE, "second"), 11, 13)

    assert kept(tmp_path) == [(0, 10, "kept"), (0, 13, "second")]


def test_drafts_that_no_query_reads_go(files, tmp_path):
    """The newest draft stays, and the one before it, which a query may still read."""
    files.append_days(COVERAGE, some(COVERAGE, "day"), 10, 10)
    for edition in (100, 200, 300):
        files.append_draft(COVERAGE, some(COVERAGE, f"draft {edition}"), 11, edition)
        files.clean(SettledTime(days_until_us=11 * DAY_US, draft_until_us=12 * DAY_US, edition=edition), 1)

    assert kept(tmp_path) == [(0, 10, "day"), (200, 11, "draft 200"), (300, 11, "draft 300")]
    assert files.has(COVERAGE, 10)


def test_old_days_go(files, tmp_path):
    """Days that no view shows are deleted."""
    files.append_days(COVERAGE, some(COVERAGE, "old"), 10, 10)
    files.append_days(COVERAGE, some(COVERAGE, "young"), 11, 11)
    files.clean(SettledTime(edition=5), 11)

    assert kept(tmp_path) == [(0, 11, "young")]
