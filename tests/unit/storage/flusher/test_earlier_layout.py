"""A data directory of the last release, whose one journal is in `journal/` itself."""

import contextlib
import os
import time

import pytest

from headgate.storage.flusher import earlier_layout, rounds
from headgate.storage.flusher.all_journals import AllJournals
from headgate.storage.flusher.rounds import FlusherSettings, JournalRounds
from headgate.storage.flusher.table_care import TableCare
from headgate.storage.journal import journal_dir, journals, waiting_batches
from headgate.storage.journal.charge_sums import ChargeSums
from headgate.storage.query.usage import read_usage
from headgate.storage.rows.usage_rows import UsageRows
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import intent, outcome, rates_of

ALL = ["in the table", "killed", "new", "on the way"]


class Crash(BaseException):
    """The process dies here."""


class EarlierPlace(LandingPlace):
    """What the last release left: rows in the table, rows that wait for one, frames that are in no table, and an exchange that was killed."""

    def __init__(self, tmp_path):
        super().__init__(tmp_path)
        self.root = self.directory = journals.journals_dir(self.data_dir)
        self.create()
        self.put(self.batch(exports.metrics("early", 1)), self.batch(exports.metrics("waited", 1), "late"))
        self.journal.outcome(outcome("in the table"))
        self.journal._end.log.roll()
        settings = FlusherSettings(data_dir=self.data_dir)
        JournalRounds(self.root, settings, TableCare(self.data_dir, self.clock), UsageRows(rates_of), self.clock, ChargeSums()).round()
        self.journal.intent(intent("killed"))
        self.journal.outcome(outcome("on the way"))
        self.put(self.batch(exports.metrics("soon", 1)))
        self.close()
        self.directory = journals.writer_dir(self.data_dir)

    def flush(self):
        """A flusher of this release that has just started."""
        return AllJournals(FlusherSettings(data_dir=self.data_dir), rates_of, self.clock)

    def ids(self):
        """The exchanges that a reader sees, each as often as it sees it."""
        return sorted(row["request_id"] for row in read_usage(self.data_dir, rates_of, self.clock).rows())


@pytest.fixture
def place(tmp_path):
    """It, and a gateway of this release that has started and served an exchange."""
    made = EarlierPlace(tmp_path)
    made.open().outcome(outcome("new"))
    yield made
    made.close()


def later(place):
    """So much later that released segments are old. Files have the real time."""
    place.clock.now_ns = max(place.clock.now_ns, time.time_ns()) + 3_600_000_000_000


def leftovers(place):
    """What is in `journal/` beside this release's journal."""
    return sorted(set(os.listdir(place.root)) - {"0", "flusher.json", "flusher.lock"})


def test_no_row_of_the_last_release_is_lost_or_doubled(place):
    """Readers see all of them from the start; the flusher writes the rest, and at last removes the files that nothing needs."""
    assert place.ids() == ALL
    place.journal._end.log.roll()
    both = place.flush()
    assert both.round().failure is None
    assert both.end_dead_writers()
    place.create("late")
    place.clock.now_ns += 120_000_000_000
    both.round()

    assert place.ids() == ALL
    assert (place.marks(), place.marks("late"), both.waiting()) == (["early", "soon"], ["waited"], [])
    later(place)
    both.round()
    assert leftovers(place) == []
    assert journals.list_journals(place.data_dir) == [place.directory]
    assert place.ids() == ALL


def test_it_stays_while_a_table_does_not_take_its_rows(place):
    """Time alone removes nothing."""
    both = place.flush()
    both.round()
    both.end_dead_writers()
    both.round()
    later(place)
    both.round()

    assert [table.name for table in waiting_batches.tables(place.root)] == ["main.default.late"]
    assert len(both.waiting()) == 1


STEPS = {
    "before the standing": (rounds, "write_standing"),
    "before a segment is released": (os, "rename"),
    "before a file is deleted": (os, "unlink"),
    "before the standing is deleted": (earlier_layout, "remove_standing"),
    "before the name is deleted": (journal_dir, "remove_app_id"),
}


@pytest.mark.parametrize("after", range(3))
@pytest.mark.parametrize("step", STEPS)
def test_a_flusher_that_dies_on_the_way_is_followed_by_one_that_finishes(place, monkeypatch, step, after):
    """At any step, the first, second or third time: a reader sees each exchange once, and so do the tables at the end."""
    owner, name = STEPS[step]
    real, left = getattr(owner, name), [after]

    def dying(*given, **named):
        if name != "unlink" or str(given[0]).startswith(place.root):
            left[0] -= 1
        if left[0] < 0:
            raise Crash
        return real(*given, **named)

    def everything():
        both = place.flush()
        both.round()
        both.end_dead_writers()
        both.round()
        later(place)
        both.round()

    place.create("late")
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, dying)
        with contextlib.suppress(Crash):
            everything()
    assert place.ids() == ALL
    place.journal._end.log.roll()
    for _ in range(2):
        everything()

    assert place.ids() == ALL
    assert (place.marks(), place.marks("late")) == (["early", "soon"], ["waited"])
    assert leftovers(place) == []
