"""The first round of a flusher after a loss of power: every table can be read and takes its rows."""

import os

import pytest

from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import outcome


@pytest.fixture
def place(tmp_path):
    """A data directory with a metrics table."""
    made = LandingPlace(tmp_path)
    made.create()
    yield made
    made.close()


def newest_commit(path):
    """The file of a table's last commit."""
    log = os.path.join(path, "_delta_log")
    return os.path.join(log, max(name for name in os.listdir(log) if name.endswith(".json")))


def test_a_usage_table_whose_creation_was_torn_is_made_anew(place):
    """Nobody can open the table as it is; the round makes it again, and its rows come from the journal."""
    usage = delta_table.table_path(place.data_dir, USAGE)
    place.open().outcome(outcome("r-1"))
    delta_table.ensure_table(usage, USAGE)
    os.truncate(newest_commit(usage), 0)
    place.close()

    assert place.carrier().round().rows == 1
    assert delta_table.open_table(usage).to_pyarrow_table(columns=["request_id"]).column(0).to_pylist() == ["r-1"]


def test_a_table_without_new_rows_can_be_read_again(place):
    """A torn commit at the end of its log is emptied when the flusher begins, not only when rows come."""
    for mark in ("a", "b"):
        place.put(place.batch(exports.metrics(mark, 1)))
        place.carrier().round()
    delta_table.open_table(place.location("m")).optimize.compact()
    os.truncate(newest_commit(place.location("m")), 0)
    place.put(place.batch(exports.metrics("c", 1), table="another"))
    place.carrier().round()

    assert place.marks() == ["a", "b"]
