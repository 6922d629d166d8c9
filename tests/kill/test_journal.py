"""`kill -9` of the journal's writer and of the flusher, at any moment: no record lost, none doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table
from headgate.storage.journal import journal_dir, journals
from headgate.storage.query.usage import read_usage
from tests.fakes.records import rates_of
from tests.fakes.tested import TESTED


class Programs:
    """Writers, each with its journal, and a flusher over one data directory; and the writers' ledger."""

    def __init__(self, data_dir, writers=1):
        self.data_dir = str(data_dir)
        self.writers = [str(number) for number in range(writers)]
        self._ledger = os.path.join(self.data_dir, "ledger")
        self._lives = 0
        self._running = {}

    def start(self):
        """Start what does not run."""
        for writer in self.writers:
            if writer not in self._running:
                self._lives += 1
                self._spawn(writer, "tests.kill.journal_writer", journals.writer_dir(self.data_dir, writer), self._ledger, f"w{self._lives}")
        if "flusher" not in self._running:
            self._start_flusher()

    def kill(self, *names):
        """End programs without a word."""
        for name in names:
            process = self._running.pop(name, None)
            if process is not None:
                process.kill()
                process.wait()

    def finish(self):
        """Kill the writers; let the flusher carry the rest and end by itself."""
        self.kill(*self.writers)
        self.start_flusher_alone()
        flusher = self._running.pop("flusher")
        flusher.send_signal(signal.SIGTERM)
        assert flusher.wait(60) == 0

    def start_flusher_alone(self):
        """A flusher that has come to its loop."""
        self.kill("flusher")
        before = self.ledger_size()
        self._start_flusher()
        while not journal_dir.is_locked(os.path.join(journals.journals_dir(self.data_dir), journal_dir.FLUSHER_LOCK)):
            time.sleep(0.02)
        assert self.ledger_size() == before

    def ledger_size(self):
        """How long the ledger is."""
        return os.stat(self._ledger).st_size if os.path.exists(self._ledger) else 0

    def ledger(self):
        """Which exchanges were kept, and which of them had ended."""
        with open(self._ledger, encoding="ascii") as file:
            lines = [line.split() for line in file.read().splitlines() if line.count("-") == 1]
        return {line[1] for line in lines if line[0] == "intent"}, {line[1] for line in lines if line[0] == "outcome"}

    def _start_flusher(self):
        self._spawn("flusher", "headgate.storage.flusher", "--data", self.data_dir, "--parent", str(os.getpid()), "--interval", "0.01")

    def _spawn(self, name, module, *arguments):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([TESTED, "."])}
        self._running[name] = subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment)


@pytest.fixture
def make(tmp_path):
    """Nothing runs afterwards."""
    made = []

    def programs(writers=1):
        made.append(Programs(tmp_path, writers))
        return made[0]

    yield programs
    for each in made:
        each.kill(*each.writers, "flusher")


def check(programs, rows):
    """One row for each exchange at most; one for each that was kept, and of those that ended the real end."""
    counts = Counter(row["request_id"] for row in rows)
    assert {request_id: count for request_id, count in counts.items() if count > 1} == {}
    ended = {row["request_id"] for row in rows if row["ended"] == "completed"}
    return counts.keys(), ended


def loop(programs, rounds, seed):
    """Kill this or that, again and again; readers see everything at every time."""
    chance = random.Random(seed)
    for number in range(rounds):
        programs.start()
        time.sleep(chance.uniform(0.15, 0.7))
        writer = chance.choice(programs.writers)
        programs.kill(*((writer,), ("flusher",), (*programs.writers, "flusher"))[number % 3])
        if programs.ledger_size() and number % max(rounds // 10, 1) == 0:
            _, ended = programs.ledger()
            _, seen_ended = check(programs, read_usage(programs.data_dir, rates_of).rows())
            assert ended <= seen_ended
    programs.finish()
    begun, ended = programs.ledger()
    table = delta_table.open_table(delta_table.table_path(programs.data_dir, USAGE))
    rows = read_usage(programs.data_dir, rates_of).rows()
    seen, seen_ended = check(programs, rows)
    assert begun <= seen
    assert ended <= seen_ended
    assert table.count() == len(rows)
    return len(rows), len(rows) - len(seen_ended)


@pytest.mark.slow
def test_no_record_is_lost_or_doubled_in_ten_kills(make):
    """Ten rounds, a different place to die in each."""
    _, interrupted = loop(make(), 10, 1)

    assert interrupted > 0


def test_no_record_of_two_writers_is_lost_or_doubled_in_six_kills(make):
    """Side by side, one flusher for both; one of them dies, or the flusher, or all, each twice."""
    programs = make(writers=2)
    _, interrupted = loop(programs, 6, 2)

    assert interrupted > 0
    assert len(journals.list_journals(programs.data_dir)) == 2


@pytest.mark.kill
def test_no_record_is_lost_or_doubled_in_a_hundred_kills(make):
    """The long form, of two writers."""
    rows, interrupted = loop(make(writers=2), 100, time.time_ns())
    print(f"100 kills, {rows} exchanges: 0 lost, 0 doubled, {interrupted} interrupted")

    assert interrupted > 0
