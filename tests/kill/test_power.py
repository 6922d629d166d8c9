"""Power cuts under load, on a disk that forgets what was not flushed: what was acknowledged is in its table exactly once, and every table can be read.

`POWER_ROUNDS` sets the rounds.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from headgate.catalog import otel_tables
from headgate.catalog.names import Name
from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table
from headgate.storage.journal import journal_dir
from tests.kill.lazy_disk import ROOT, SURVIVORS, LazyDisk, why_not

ROUNDS = int(os.environ.get("POWER_ROUNDS", "20"))
SIGNALS = ("metrics", "logs")

pytestmark = [pytest.mark.kill, pytest.mark.skipif(bool(why_not()), reason=f"no lazy disk: {why_not()}")]


class House:
    """A data directory on a lazy disk, the programs over it, and the ledger of what they acknowledged."""

    def __init__(self, folder):
        self.disk = LazyDisk(folder / "disk")
        self._ledger = folder / "ledger"
        self._ledger.touch()
        self._programs = []
        self._lives = 0

    @property
    def data(self):
        """The data directory."""
        return str(self.disk.root / "data")

    def location(self, table):
        """Where a table lies."""
        return delta_table.table_path(self.data, USAGE) if table == "exchange" else os.path.join(self.data, "warehouse", "main", "default", table)

    def create_tables(self):
        """As the catalog makes them: durable before anybody is told."""
        for each in SIGNALS:
            delta_table.ensure_table(self.location(each), otel_tables.creation(Name(("main", "default", each)), each, "v1"))
        delta_table.sync_filesystem(self.data)

    def start(self, syncs):
        """A writer, and a flusher that syncs `late` or `never`."""
        self._lives += 1
        self._spawn("tests.kill.power_writer", self.data, str(self._ledger), f"w{self._lives}")
        self._spawn("tests.kill.slow_flusher", syncs, "--data", self.data, "--parent", str(os.getpid()), "--interval", "0.1")

    def cut(self, survivors, seed):
        """No power; everything ends."""
        self.disk.cut(survivors, seed)
        self.kill()
        self.disk.power_off()

    def kill(self):
        """Nothing of ours runs afterwards."""
        for program in self._programs:
            program.kill()
            program.wait()
        self._programs = []

    def recover(self):
        """A flusher alone carries what the disk still has, and ends well."""
        flusher = self._spawn("headgate.storage.flusher", "--data", self.data, "--parent", str(os.getpid()))
        while not journal_dir.is_locked(os.path.join(self.data, "journal", journal_dir.FLUSHER_LOCK)):
            time.sleep(0.02)
        flusher.send_signal(signal.SIGTERM)
        assert flusher.wait(60) == 0
        self._programs = []

    def acknowledged(self):
        """Which marks were, by table."""
        found = {"metrics": set(), "logs": set(), "exchange": set()}
        for line in self._ledger.read_text(encoding="ascii").splitlines():
            kind, mark = line.split()
            found[kind].add(mark)
        return found

    def marks(self, table):
        """How often each is in the table."""
        if delta_table.open_table(self.location(table)) is None:
            return Counter()
        column = {"metrics": "sum", "logs": "attributes", "exchange": "request_id"}[table]
        read = (pq.ParquetFile(file.removeprefix("file://")).read([column]) for file in DeltaTable(self.location(table)).file_uris())
        values = [value for rows in read for value in rows.column(column).to_pylist(maps_as_pydicts="lossy")]
        return Counter(value["attributes"]["mark"] if table == "metrics" else value["mark"] if table == "logs" else value for value in values)

    def _spawn(self, module, *arguments):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
        self._programs.append(subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment, cwd=ROOT))
        return self._programs[-1]


@pytest.fixture
def house(tmp_path):
    """Powered on, with its tables; dismantled afterwards."""
    made = House(tmp_path)
    try:
        made.disk.power_on()
        made.create_tables()
        yield made
    finally:
        made.kill()
        made.disk.power_off()


def check(house):
    """Nothing acknowledged is missing, nothing is there twice. Returns how many acknowledged there are."""
    acknowledged = house.acknowledged()
    for table, wanted in acknowledged.items():
        counts = house.marks(table)
        lost = wanted - set(counts)
        assert not lost, f"{len(lost)} of {len(wanted)} acknowledged {table} are lost: {sorted(lost)[:5]}"
        times = 1 if table == "exchange" else 2  # rows of one
        odd = {mark: count for mark, count in counts.items() if count != times}
        assert not odd, f"{len(odd)} {table} are there more or less than once: {sorted(odd.items())[:5]}"
    return {table: len(wanted) for table, wanted in acknowledged.items()}


def cut_and_recover(house, syncs, number, chance):
    """One round."""
    house.start(syncs)
    time.sleep(chance.uniform(1.2, 3.5))
    house.cut(SURVIVORS[number % len(SURVIVORS)], number)
    house.disk.power_on()
    house.recover()


def test_nothing_acknowledged_is_lost_when_the_power_is_cut(house):
    """Whatever the disk had not flushed is gone, or a part of it is."""
    chance = random.Random(ROUNDS)
    for number in range(ROUNDS):
        cut_and_recover(house, "late", number, chance)
        told = check(house)
        print(f"power cut {number + 1}: acknowledged {told}: 0 lost, 0 doubled", flush=True)
    assert min(told.values()) > ROUNDS


def test_without_its_syncs_the_same_flusher_loses_rows(house):
    """The proof can fail: this disk does forget."""
    chance = random.Random(1)
    with pytest.raises(AssertionError, match="are lost"):
        for number in range(5):
            cut_and_recover(house, "never", number, chance)
            check(house)
