"""The journal's tail as rows of the usage table, for the query gateway."""

import pyarrow as pa
import pytest

from headgate.catalog.names import Name
from headgate.catalog.tables import USAGE
from headgate.storage import delta, journal_dir
from headgate.storage.carry import Carrier, FlusherSettings
from headgate.storage.journal import JournalWriter
from headgate.storage.usage_tail import UsageTails
from tests.fakes.records import QUIET, FakeClock, outcome, rates_of


@pytest.fixture
def tails(tmp_path):
    """The tails of a data directory."""
    return UsageTails(str(tmp_path), rates_of, FakeClock())


def ids(stream: bytes | None) -> list[str]:
    return [] if stream is None else pa.ipc.open_stream(stream).read_all().column("request_id").to_pylist()


def nothing_committed(_application: str) -> None:
    return None


def test_only_the_usage_table_has_one(tails, tmp_path):
    """Another table has no tail, and a directory without a journal has none at all."""
    assert tails.begin(USAGE.name)(nothing_committed) is None
    JournalWriter.open(journal_dir.journal_dir(str(tmp_path)), QUIET).close()
    assert tails.begin(Name(("main", "default", "t")))(nothing_committed) is None
    assert tails.begin(USAGE.name)(nothing_committed) is None


def test_no_row_falls_between(tails, tmp_path):
    """What is carried after a query began is still in its tail, whichever state of the table it opened; what is in its state is not."""
    directory = journal_dir.journal_dir(str(tmp_path))
    for name in ("a", "b"):
        journal = JournalWriter.open(directory, QUIET)
        journal.outcome(outcome(name))
        journal.close()
        begun = tails.begin(USAGE.name)
        assert ids(begun(nothing_committed)) == [name]
        Carrier(FlusherSettings(data_dir=str(tmp_path)), rates_of, FakeClock()).round()
        table = delta.open_table(delta.table_path(str(tmp_path), USAGE))
        assert ids(begun(table.transaction_version)) == []
    assert ids(tails.begin(USAGE.name)(nothing_committed)) == []
