"""`kill -9` of the journal's writer and of the flusher, at any moment: no record lost, none doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from headgate.catalog.tables import USAGE
from headgate.storage.delta import delta_table
from headgate.storage.journal import journal_dir
from headgate.storage.query.usage import read_usage
from tests.fakes.records import rates_of


class Programs:
    """A writer and a flusher over one data directory, and the writer's ledger."""

    def __init__(self, data_dir):
        self.data_dir = str(data_dir)
        self._ledger = os.path.join(self.data_dir, "ledger")
        self._directory = journal_dir.journal_dir(self.data_dir)
        self._writers = 0
        self.writer = self.flusher = None

    def start(self):
        """Start what does not run."""
        if self.writer is None:
            self._writers += 1
            self.writer = self._spawn("tests.kill.journal_writer", self._directory, self._ledger, f"w{self._writers}")
        if self.flusher is None:
            self.flusher = self._spawn("headgate.storage.flusher", "--data", self.data_dir, "--parent", str(os.getpid()), "--interval", "0.01")

    def kill(self, name):
        """End a program without a word."""
        process = getattr(self, name)
        if process is not None:
            process.kill()
            process.wait()
            setattr(self, name, None)

    def finish(self):
        """Kill the writer; let the flusher carry the rest and end by itself."""
        self.kill("writer")
        self.start_flusher_alone()
        self.flusher.send_signal(signal.SIGTERM)
        assert self.flusher.wait(60) == 0
        self.flusher = None

    def start_flusher_alone(self):
        """A flusher that has come to its loop."""
        self.kill("flusher")
        before = self.ledger_size()
        self.flusher = self._spawn("headgate.storage.flusher", "--data", self.data_dir, "--parent", str(os.getpid()), "--interval", "0.01")
        while not journal_dir.is_locked(os.path.join(self._directory, journal_dir.FLUSHER_LOCK)):
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

    @staticmethod
    def _spawn(module, *arguments):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(["src", "."])}
        return subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment)


@pytest.fixture
def programs(tmp_path):
    """Nothing runs afterwards."""
    made = Programs(tmp_path)
    yield made
    made.kill("writer")
    made.kill("flusher")


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
        for name in (("writer",), ("flusher",), ("writer", "flusher"))[number % 3]:
            programs.kill(name)
        if programs.ledger_size() and number % (rounds // 10) == 0:
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


def test_no_record_is_lost_or_doubled_in_ten_kills(programs):
    """Ten rounds, a different place to die in each."""
    _, interrupted = loop(programs, 10, 1)

    assert interrupted > 0


@pytest.mark.kill
def test_no_record_is_lost_or_doubled_in_a_hundred_kills(programs):
    """The long form."""
    rows, interrupted = loop(programs, 100, time.time_ns())
    print(f"100 kills, {rows} exchanges: 0 lost, 0 doubled, {interrupted} interrupted")

    assert interrupted > 0
