"""The flusher's loop and its process."""

import gc
import os
import signal
import subprocess
import sys
import time

import pytest

from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table
from headgate.storage.flusher.all_journals import AllJournals, RoundOfAll
from headgate.storage.flusher.memory import ENVIRONMENT
from headgate.storage.flusher.process import Flusher
from headgate.storage.flusher.rounds import FlusherSettings, Round
from headgate.storage.flusher.set_aside import SetAside
from headgate.storage.journal import journal_dir, journals
from headgate.storage.journal.charge_sums import ChargeSum, ChargeSums, SumKey, read_charges
from headgate.storage.journal.flusher_status import read_status
from headgate.storage.journal.writer import JournalWriter
from tests.fakes.records import QUIET, FakeClock, intent, outcome, rates_of


class Script:
    """Journals whose rounds do what the test says."""

    def __init__(self, *rounds):
        self.rounds = list(rounds)
        self.cared = self.ended = 0
        self.tables = self
        self.aside = SetAside()
        self.charges = ChargeSums()

    def round(self):
        """The next result, or error."""
        done = self.rounds.pop(0) if self.rounds else Round()
        return RoundOfAll(failure=done) if isinstance(done, Exception) else RoundOfAll(done)

    def care(self):
        """Count."""
        self.cared += 1

    def expire(self):
        """Nothing is too old."""

    def waiting(self):
        """Nothing waits."""
        return []

    def set_aside(self):
        """What the test says."""
        return self.aside

    def end_dead_writers(self):
        """Count."""
        self.ended += 1
        return True


@pytest.fixture
def make(tmp_path):
    """A flusher around scripted journals, and where its status is."""
    directory = journals.journals_dir(str(tmp_path))
    os.makedirs(directory)

    def made(*rounds):
        script = Script(*rounds)
        return Flusher(script, FlusherSettings(data_dir=str(tmp_path), interval_s=7.0), FakeClock()), script, directory

    yield made
    gc.unfreeze()  # what a round sets aside for the life of its process is this test's only


def test_the_next_round_comes_after_the_interval_or_at_once(make):
    """A full batch means that there is more."""
    loop, _, _ = make(Round(1, 5, 0, 9, more=True), Round(1, 5, 0, 19))
    delays = []
    for _ in range(3):
        loop.attempt()
        delays.append(loop.delay_s)

    assert delays == [0.0, 7.0, 7.0]


def test_rounds_come_less_often_while_few_rows_come(make):
    """Not for the first of them, and not when many come; after some that found nothing the next rows do not wait either."""
    few, many, none = Round(1, 5, 0, 9), Round(1, 500, 0, 9), Round()
    loop, _, _ = make(*[few] * 3, many, *[few] * 2, none, few, none, none, few)
    delays = []
    for _ in range(11):
        loop.attempt()
        delays.append(loop.delay_s)

    assert delays == [7.0] + [21.0] * 2 + [7.0] * 2 + [21.0, 7.0, 21.0] + [7.0] * 3


def test_failures_are_told_and_tried_again_ever_less_often(make):
    """The reason is in the status until a round succeeds; rows add up."""
    loop, _, directory = make(Round(1, 5, 0, 9), OSError(28, "No space left on device"), ValueError("odd"), Round())
    loop.attempt()
    assert read_status(directory).rows == 5
    delays = []
    for _ in range(2):
        assert loop.attempt() is None
        delays.append(loop.delay_s)
    assert delays == [1.0, 2.0]
    assert read_status(directory).trouble == "ValueError: odd"
    loop.attempt()

    assert (read_status(directory).trouble, read_status(directory).rows, read_status(directory).seq) == ("", 5, 9)
    assert [loop.delay_s] == [7.0]


def test_the_age_of_the_last_good_round_is_known(make):
    """An idle round counts, one that fails does not."""
    loop, _, directory = make(Round(), OSError(28, "No space left on device"))
    loop.attempt()
    good = read_status(directory)
    loop._clock.now_ns += 5
    loop.attempt()

    assert (good.round_at_ns, good.at_ns, good.pid) == (FakeClock().now_ns, 0, os.getpid())
    assert (read_status(directory).round_at_ns, read_status(directory).at_ns) == (good.round_at_ns, good.round_at_ns + 5)


def test_what_is_charged_is_stated_for_others(make):
    """The sums of this process, which begin with nothing."""
    loop, script, directory = make(Round(1, 2, 0, 9))
    assert read_charges(directory) == []
    script.charges.add([(SumKey("opus", "anthropic", "priced"), ChargeSum(2))])
    loop.attempt()

    assert read_charges(directory) == [(SumKey("opus", "anthropic", "priced"), ChargeSum(2))]


def test_segments_that_are_set_aside_are_in_the_status(make):
    """Their number and size, for `/readyz` to warn of them."""
    loop, script, directory = make(Round(1, 5, 1, 9))
    script.aside = SetAside(1, 7)
    loop.attempt()

    assert (read_status(directory).kept_segments, read_status(directory).kept_bytes) == (1, 7)


def test_tables_are_cared_for_now_and_then(make):
    """Every twentieth round with rows, not when idle."""
    loop, script, _ = make(*[Round(1, 1, 0, n) for n in range(40)])
    for _ in range(60):
        loop.attempt()

    assert script.cared == 2


def test_the_end_carries_all_and_states_the_writers_death(make):
    """What is left, then the statement, then the rows of it; a failure ends it early, for the journal keeps the rest."""
    loop, script, _ = make(Round(1, 1, 0, 1, more=True), Round(1, 1, 0, 2), Round(1, 1, 0, 3))
    loop.finish()
    assert (script.rounds, script.ended) == ([], 1)

    loop, script, _ = make(OSError(5, "gone"), OSError(5, "gone"))
    loop.finish()
    assert script.ended == 1


def start(data_dir, *options):
    """The flusher as its own process."""
    return subprocess.Popen([sys.executable, "-m", "headgate.storage.flusher", "--data", str(data_dir), "--interval", "0.05", *options])


def until(condition, timeout_s=20.0):
    """Wait for another process."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def carried(data_dir):
    """How many rows the table has."""
    table = delta_table.open_table(delta_table.table_path(str(data_dir), USAGE))
    return 0 if table is None else table.count()


def test_the_process_carries_and_ends_with_sigterm(tmp_path):
    """Rows appear while the gateway lives; after it was killed and the flusher was told to end, its open exchange has a row too."""
    journal = JournalWriter.open(journals.writer_dir(str(tmp_path)), QUIET)
    journal.outcome(outcome("a"))
    journal._end.log.roll()
    process = start(tmp_path, "--parent", str(os.getpid()))
    try:
        until(lambda: carried(tmp_path) == 1)
        journal.intent(intent("b"))
        journal.outcome(outcome("c"))
        journal.close()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()

    assert carried(tmp_path) == 3


def test_a_signal_that_comes_while_the_process_loads_waits_for_its_last_round(tmp_path):
    """Started as the supervisor starts it, with the signal blocked, and ended at once: what is in the journal is carried all the same."""
    journal = JournalWriter.open(journals.writer_dir(str(tmp_path)), QUIET, FakeClock())
    for number in range(3):
        journal.intent(intent(f"r{number}"))
        journal.outcome(outcome(f"r{number}"))
    journal.close()

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    process = start(tmp_path)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 0
    assert carried(tmp_path) == 3


def test_an_orphan_ends_and_two_flushers_never_work_at_once(tmp_path):
    """One whose supervisor is gone ends by itself; one that finds the lock taken waits, and ends when it is told to."""
    orphan = start(tmp_path, "--parent", "1")
    assert orphan.wait(20) == 0
    lock = journal_dir.try_lock(os.path.join(journals.journals_dir(str(tmp_path)), journal_dir.FLUSHER_LOCK))
    journal = JournalWriter.open(journals.writer_dir(str(tmp_path)), QUIET)
    journal.outcome(outcome("a"))
    journal.close()
    waiting = start(tmp_path)
    try:
        time.sleep(1.0)
        assert waiting.poll() is None
        assert carried(tmp_path) == 0
        os.close(lock)
        until(lambda: carried(tmp_path) == 1)
        waiting.send_signal(signal.SIGTERM)
        assert waiting.wait(20) == 0
    finally:
        waiting.kill()
        waiting.wait()


def test_a_round_leaves_no_garbage(tmp_path):
    """Writing a table leaves objects in cycles that hold native buffers; a round frees them itself, for the interpreter would not look for hours."""
    journal = JournalWriter.open(journals.writer_dir(str(tmp_path)), QUIET)
    settings = FlusherSettings(data_dir=str(tmp_path))
    loop = Flusher(AllJournals(settings, rates_of, FakeClock()), settings, FakeClock())
    gc.collect()
    gc.disable()
    try:
        for name in ("a", "b", "c"):
            journal.outcome(outcome(name))
            journal._end.log.roll()
            assert loop.attempt().rows == 1
        left = gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
        journal.close()

    assert left < 10


def test_the_flusher_is_started_with_bounds_for_its_native_libraries(tmp_path):
    """They read their environment when they are loaded, so the process must be born with it; an administrator's own values win."""
    assert set(ENVIRONMENT) == {"_RJEM_MALLOC_CONF", "TOKIO_WORKER_THREADS"}
    journal_dir.ensure_dir(journals.writer_dir(str(tmp_path)))
    environment = {**os.environ, **ENVIRONMENT, "_RJEM_MALLOC_CONF": "stats_print:true"}
    code = "import deltalake"
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60).stderr

    assert "jemalloc statistics" in told


def test_the_journals_fit_the_loop(tmp_path):
    """The real one has what the script pretends to have."""
    settings = FlusherSettings(data_dir=str(tmp_path))
    os.makedirs(journals.writer_dir(str(tmp_path)))

    assert Flusher(AllJournals(settings, rates_of, FakeClock()), settings, FakeClock()).attempt() == Round()
