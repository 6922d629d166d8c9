"""Whatever gateways and flushers do, and wherever they die, each exchange has exactly one row."""

import contextlib
import tempfile

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table
from headgate.storage.flusher import rounds
from headgate.storage.journal import journals
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.query.usage import read_usage
from tests.fakes.examples import count
from tests.fakes.records import QUIET, FakeClock, intent, outcome, rates_of
from tests.fakes.rounds import journal_rounds

CRASHES = st.sampled_from(["before the commit", "after the commit", "after the standing"])


class Crash(BaseException):
    """The flusher dies here."""


class Records(RuleBasedStateMachine):
    """Gateways that come and go over one journal, flushers that carry and crash, and what must be true of the rows."""

    def __init__(self):
        super().__init__()
        self._place = tempfile.TemporaryDirectory()
        self.data_dir = self._place.name
        self.directory = journals.writer_dir(self.data_dir)
        self.journal = None
        self.open = []
        self.expected = {}
        self.count = 0

    def _interrupt(self):
        self.expected.update(dict.fromkeys(self.open, "interrupted"))
        self.open = []

    def _carrier(self, batch_bytes=1 << 20):
        return journal_rounds(self.data_dir, FakeClock(), batch_bytes=batch_bytes)

    @rule()
    def start(self):
        """A gateway starts; the one before it, if there is one, is killed."""
        self.kill()
        self.journal = JournalWriter.open(self.directory, QUIET)

    @rule()
    def kill(self):
        """The gateway dies with its exchanges open."""
        if self.journal is not None:
            self.journal.close()
            self.journal = None
            self._interrupt()

    @precondition(lambda self: self.journal is not None)
    @rule(exchanges=st.integers(1, 3))
    def begin(self, exchanges):
        """Exchanges begin."""
        for _ in range(exchanges):
            self.count += 1
            self.open.append(f"r-{self.count}")
            self.journal.intent(intent(self.open[-1]))

    @precondition(lambda self: self.journal is not None and self.open)
    @rule(data=st.data())
    def end(self, data):
        """One of them ends."""
        request_id = data.draw(st.sampled_from(self.open))
        self.open.remove(request_id)
        self.expected[request_id] = "completed"
        self.journal.outcome(outcome(request_id))

    @precondition(lambda self: self.journal is not None)
    @rule()
    def refuse(self):
        """One is refused before anything is sent: it has an outcome only."""
        self.count += 1
        self.expected[f"r-{self.count}"] = "refused"
        self.journal.outcome(outcome(f"r-{self.count}", ended="refused"))

    @precondition(lambda self: self.journal is not None)
    @rule()
    def roll(self):
        """A segment is finished."""
        self.journal._end.log.roll()

    @rule(batch_bytes=st.sampled_from([1, 1 << 20]))
    def carry(self, batch_bytes):
        """A flusher does a round."""
        self._carrier(batch_bytes).round()

    @rule()
    def state_the_end(self):
        """A flusher states that the writer is dead, if it is."""
        self._carrier().end_dead_writer()

    @rule(where=CRASHES)
    def crash(self, where):
        """A flusher dies in a round."""
        module, name = (delta_table, "append") if "commit" in where else (rounds, "write_standing")
        real = getattr(module, name)

        def dying(*args):
            if where.startswith("after"):
                real(*args)
            raise Crash

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(module, name, dying)
            with contextlib.suppress(Crash):
                self._carrier().round()

    @invariant()
    def every_exchange_is_seen_once(self):
        """Table and tail together show what has ended, and of a dead gateway what was open."""
        seen = [(row["request_id"], row["ended"]) for row in read_usage(self.data_dir, rates_of, FakeClock()).rows()]
        assert sorted(seen) == sorted(self.expected.items())

    def teardown(self):
        """After a last flusher the table alone has it all."""
        self.kill()
        self._carrier().end_dead_writer()
        while self._carrier().round().segments:
            pass
        self.every_exchange_is_seen_once()
        table = delta_table.open_table(delta_table.table_path(self.data_dir, USAGE))
        assert (0 if table is None else table.count()) == len(self.expected)
        self._place.cleanup()


TestRecords = Records.TestCase
TestRecords.settings = settings(max_examples=count(6), stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck))
