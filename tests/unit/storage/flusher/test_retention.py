"""Rows that are past keeping."""

import os

import msgspec
import pytest
from deltalake import DeltaTable

from headgate.catalog import types
from headgate.catalog.types import Structure
from headgate.core.batch import PAYLOADS
from headgate.core.payload import LoggedPayload
from headgate.storage.delta import delta_table
from headgate.storage.flusher import retention
from tests.fakes import exports
from tests.fakes.exports import AT_NS
from tests.fakes.landing_place import LandingPlace

DAY_NS = 86_400_000_000_000


@pytest.fixture
def place(tmp_path):
    """A data directory."""
    made = LandingPlace(tmp_path)
    yield made
    made.close()


def fill(place, signal, version="v1"):
    """Four rows, most of them a second or a nanosecond apart."""
    place.create("t", signal, version)
    if signal == PAYLOADS:
        rows = [LoggedPayload(request_id=str(number), event_time_ns=AT_NS + number * 1_000_000_000) for number in range(4)]
        place.put(*(place.batch(msgspec.msgpack.encode(row), "t", PAYLOADS) for row in rows))
    else:
        place.put(place.batch(getattr(exports, signal)("x", 4), "t", signal))
    place.carrier().round()
    return DeltaTable(place.location("t"))


def keep_for(table, days):
    """Set the property."""
    table.alter.set_table_properties({retention.RETENTION_PROPERTY: str(days)}, raise_if_not_exists=False)


@pytest.mark.parametrize(
    ("signal", "version"), [("metrics", "v1"), ("metrics", "v2"), ("logs", "v1"), ("logs", "v2"), ("spans", "v1"), ("spans", "v2"), (PAYLOADS, "v1")]
)
def test_rows_go_when_their_days_are_over(place, signal, version):
    """By the time that each kind of table has; a second before, they stay."""
    keep_for(fill(place, signal, version), 30)
    assert retention.enforce(place.location("t"), AT_NS + 30 * DAY_NS) == 0
    assert DeltaTable(place.location("t")).count() == 4
    assert retention.enforce(place.location("t"), AT_NS + 30 * DAY_NS + 10_000_000_000) == 4
    assert DeltaTable(place.location("t")).count() == 0


def test_what_is_younger_stays(place):
    """Only the rows that are too old go."""
    keep_for(fill(place, PAYLOADS), 1)

    assert retention.enforce(place.location("t"), AT_NS + DAY_NS + 2_000_000_000) == 2
    assert sorted(row["request_id"] for row in place.rows("t")) == ["2", "3"]


def test_their_files_go_too_once_no_reader_needs_them(place, monkeypatch):
    """Not only from the table's present version."""
    keep_for(fill(place, "logs"), 1)
    monkeypatch.setattr(delta_table, "RETENTION_HOURS", 0)
    retention.enforce(place.location("t"), AT_NS + 2 * DAY_NS)
    retention.enforce(place.location("t"), AT_NS + 2 * DAY_NS)

    assert [name for name in os.listdir(place.location("t")) if name.endswith(".parquet")] == []


@pytest.mark.parametrize("days", ["", "0", "soon", "99999999"])
def test_a_table_that_says_nothing_of_use_keeps_all(place, days):
    """As does one that is not there, and one without a time."""
    table = fill(place, "logs")
    if days:
        keep_for(table, days)
    assert retention.enforce(place.location("t"), AT_NS + 9999 * DAY_NS) == 0
    assert retention.enforce(place.location("nowhere"), AT_NS) == 0
    assert not retention.before(Structure(types.parse_columns("name: string, time: string, event_time: string")), AT_NS)


def test_the_flusher_looks_once_an_hour_at_every_table(place):
    """Also at those that get no rows, and trouble with one does not keep it from the others."""
    keep_for(fill(place, "logs"), 1)
    place.create("broken")
    keep_for(DeltaTable(place.location("broken")), 1)
    with open(os.path.join(place.location("broken"), "_delta_log", f"{2:020d}.json"), "wb") as file:
        file.write(b"{")
    carrier = place.carrier()
    place.clock.now_ns += 2 * DAY_NS
    carrier.tables.expire()
    assert DeltaTable(place.location("t")).count() == 0

    place.put(place.batch(exports.logs("x", 4), "t", "logs"))
    carrier.round()
    carrier.tables.expire()
    assert DeltaTable(place.location("t")).count() == 4
    place.clock.now_ns += 3_600_000_000_000
    carrier.tables.expire()
    assert DeltaTable(place.location("t")).count() == 0
