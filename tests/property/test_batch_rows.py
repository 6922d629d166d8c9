"""Whatever gateways, flushers and tables do, and wherever they die, each acknowledged export has its rows exactly once."""

import contextlib
import shutil
import tempfile

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from headgate.storage.delta import delta_table
from headgate.storage.flusher import rounds, table_append, table_care
from headgate.storage.journal import waiting_batches
from tests.fakes import exports
from tests.fakes.examples import count
from tests.fakes.landing_place import LandingPlace

TABLES = ("m", "n")
CRASHES = {
    "before a commit": (delta_table, "append", False),
    "after a commit": (delta_table, "append", True),
    "before rows are put aside": (waiting_batches, "add", False),
    "after rows are put aside": (waiting_batches, "add", True),
    "before the sync": (table_care.TableCare, "sync", False),
    "before the standing": (rounds, "write_standing", False),
    "after the standing": (rounds, "write_standing", True),
    "before a file goes": (waiting_batches, "remove", False),
}


class Crash(BaseException):
    """The flusher dies here."""


class Batches(RuleBasedStateMachine):
    """Exports for two tables that come and go, and flushers that carry and crash."""

    def __init__(self):
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.place = LandingPlace(self._folder.name)
        self.place.open()
        self.expected = {table: [] for table in TABLES}
        self.lost = set()  # tables whose files somebody deleted, with the rows in them
        self.count = 0
        for table in TABLES:
            self.place.create(table)

    @rule(tables=st.lists(st.sampled_from(TABLES), min_size=1, max_size=4))
    def export(self, tables):
        """Exports are acknowledged."""
        batches = []
        for table in tables:
            self.count += 1
            self.expected[table].append(f"{self.count:03}")
            batches.append(self.place.batch(exports.metrics(f"{self.count:03}", 1), table))
        self.place.put(*batches)

    @rule()
    def restart(self):
        """The gateway starts anew."""
        self.place.open()

    @rule(batch_bytes=st.sampled_from([1, 1 << 20]))
    def carry(self, batch_bytes):
        """A flusher does a round, and tries again what was put aside."""
        carrier = self.place.carrier(batch_bytes=batch_bytes)
        carrier.round()
        self.place.clock.now_ns += 120_000_000_000
        carrier.retry()

    @rule(table=st.sampled_from(TABLES))
    def hide(self, table):
        """A table's files cannot be reached for a while."""
        if table not in self.lost:
            shutil.move(self.place.location(table), self.place.location(f"{table}-away"))
            self.lost.add(table)

    @rule(table=st.sampled_from(TABLES))
    def show(self, table):
        """They can be reached again."""
        if table in self.lost:
            shutil.move(self.place.location(f"{table}-away"), self.place.location(table))
            self.lost.discard(table)

    @rule(where=st.sampled_from(list(CRASHES)))
    def crash(self, where):
        """A flusher dies in a round, or in trying again."""
        owner, name, after = CRASHES[where]
        real = getattr(owner, name)

        def dying(*args):
            if after:
                real(*args)
            raise Crash

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(owner, name, dying)
            patched.setattr(table_append, "ROWS_MAX", 1)
            with contextlib.suppress(Crash):
                carrier = self.place.carrier()
                carrier.round()
                self.place.clock.now_ns += 120_000_000_000
                carrier.retry()

    @invariant()
    def no_row_is_doubled(self):
        """And none is there that nobody sent."""
        for table in set(TABLES) - self.lost:
            marks = self.place.marks(table)
            assert len(set(marks)) == len(marks)
            assert set(marks) <= set(self.expected[table])

    def teardown(self):
        """After a last flusher every row is in its table."""
        for table in TABLES:
            self.show(table)
        self.place.close()
        while self.place.carrier().round().segments:
            pass
        self.place.clock.now_ns += 120_000_000_000
        carrier = self.place.carrier()
        carrier.retry()
        assert carrier.waiting() == []
        for table in TABLES:
            assert self.place.marks(table) == self.expected[table]
        self._folder.cleanup()


TestBatches = Batches.TestCase
TestBatches.settings = settings(max_examples=count(15), stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
