"""Thousands of rounds of the flusher, and what it has grown by in as many as an hour has: `python -m bench.soak_rounds [--rounds 2700] [--warm-rounds 600]`.

A gateway's flusher makes a round every four seconds. Here one follows the other, each with exchanges and an export of metrics, merges of files and
checkpoints included, so that growth by the round is larger than what memory goes up and down by. Fails above `bench.soak.GROWTH_MB_PER_H_MAX`.

A table's state in memory holds the files that a merge took out until they may be deleted: about 1 MB for 900 commits, for at most twelve hours. Here
that time is a minute, so that what is measured is growth that does not end.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from bench.peers import ROOT
from bench.processes import resident_mb
from bench.soak import GROWTH_MB_PER_H_MAX, least, slope
from headgate.catalog import otel_tables
from headgate.catalog.names import Name
from headgate.catalog.usage_table import USAGE
from headgate.core.batch import Batch
from headgate.core.clock import SystemClock
from headgate.storage.delta import delta_table
from headgate.storage.flusher.memory import ENVIRONMENT
from headgate.storage.journal import journals
from headgate.storage.journal.batches import JournalBatches
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalWriter
from tests.fakes import exports
from tests.fakes.records import outcome

ROUNDS_PER_H = 900
_WINDOW = 300
_EXCHANGES = 20
_SHORT_HISTORY = {"delta.deletedFileRetentionDuration": "interval 1 minutes", "delta.logRetentionDuration": "interval 1 minutes"}


class Feed:
    """A journal that gets exchanges and an export again and again, and the tables that they go to."""

    def __init__(self, data_dir: str) -> None:
        self._location = os.path.join(data_dir, "warehouse", "main", "default", "metrics")
        self._usage_log = os.path.join(delta_table.table_path(data_dir, USAGE), "_delta_log")
        for location, creation in (
            (self._location, otel_tables.creation(Name(("main", "default", "metrics")), "metrics", "v1")),
            (delta_table.table_path(data_dir, USAGE), USAGE),
        ):
            delta_table.ensure_table(location, creation).alter.set_table_properties(_SHORT_HISTORY)
        self._clock = SystemClock()
        self.journal = JournalWriter.open(journals.writer_dir(data_dir), JournalLimits(roll_s=0.05))
        self._batches = JournalBatches(self.journal, data_dir, self._clock)
        self._fed = 0

    def step(self) -> None:
        """What a busy gateway gets between two rounds."""
        self._fed += 1
        for number in range(_EXCHANGES):
            self.journal.outcome(outcome(f"r-{self._fed}-{number}"))
        payload = exports.metrics(f"m-{self._fed}")
        batch = Batch(
            table="metrics",
            name="main.default.metrics",
            location=self._location,
            signal="metrics",
            received_at_ns=self._clock.wall_ns(),
            rows=16,
            bytes_unfolded=len(payload),
            payload=payload,
            managed=True,
        )
        self._batches.keep_durably(batch, lambda _trouble: None)

    def rounds(self) -> int:
        """The usage table's version: it gets a commit in each round."""
        try:
            return max((int(name[:20]) for name in os.listdir(self._usage_log) if name.endswith(".json")), default=0)
        except FileNotFoundError:
            return 0


async def _feed(feed: Feed, pid: int, rounds: int) -> list[tuple[float, float]]:
    """Rounds done and the flusher's megabytes, until there were so many rounds."""
    samples = []
    while (done := feed.rounds()) < rounds:
        feed.step()
        samples.append((float(done), resident_mb(pid)))
        await asyncio.sleep(0.1)
    return samples


def measure(rounds: int, warm_rounds: int) -> Iterator[tuple[float, float]]:
    """The least megabytes of each window after the warm rounds."""
    with tempfile.TemporaryDirectory() as folder:
        feed = Feed(folder)
        command = [sys.executable, "-m", "headgate.storage.flusher", "--data", folder, "--interval", "0.02"]
        flusher = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **ENVIRONMENT})
        try:
            samples = asyncio.run(_feed(feed, flusher.pid, rounds + warm_rounds))
        finally:
            feed.journal.close()
            flusher.terminate()
            flusher.wait()
    yield from least([(at, megabytes) for at, megabytes in samples if at >= warm_rounds], _WINDOW)


def main() -> int:
    """The command line."""
    options = argparse.ArgumentParser(description="Run the flusher for thousands of rounds and fail if it grows.")
    options.add_argument("--rounds", type=int, default=3 * ROUNDS_PER_H)
    options.add_argument("--warm-rounds", type=int, default=600)
    given = options.parse_args()
    began_s = time.monotonic()
    points = list(measure(given.rounds, given.warm_rounds))
    growth = slope(points) * ROUNDS_PER_H
    windows = " ".join(f"{megabytes:.0f}" for _, megabytes in points)
    print(f"flusher: {given.rounds} rounds in {time.monotonic() - began_s:.0f} s")
    print(f"{growth:+.2f} MB in {ROUNDS_PER_H} rounds, an hour (at most {GROWTH_MB_PER_H_MAX:.0f}); least of each {_WINDOW} rounds, MB: {windows}")
    return 0 if growth <= GROWTH_MB_PER_H_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
