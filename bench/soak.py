"""Twenty minutes of streams after ten to warm up, and what each process has grown by an hour: `python -m bench.soak [--minutes 20] [--warm-minutes 10]`.

Fails above `GROWTH_MB_PER_H_MAX`. Memory goes up and down with each merge of files, so what is compared is the least of each window, and the growth is
the median of the slopes between all pairs of windows (Theil and Sen), which single windows do not move.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bench.loads import LOADS, write_body
from bench.peers import Peer, headgate
from bench.processes import command, resident_mb, tree
from bench.runs import start_provider, wrk

GROWTH_MB_PER_H_MAX = 1.0
PORTS = (19511, 19512)
_SAMPLE_S = 2.0
_WINDOW_S = 240.0
_ROLES = {"supervisor": "headgate up", "serving": "headgate.cli.serving", "flusher": "headgate.storage.flusher"}


def roles(pid: int) -> dict[str, int]:
    """The processes of a gateway by what they are."""
    commands = {each: command(each) for each in tree(pid)}
    return {role: each for role, mark in _ROLES.items() for each, text in commands.items() if mark in text}


class Samples:
    """Reads the memory of each process until it is told to stop."""

    def __init__(self, peer: Peer) -> None:
        self.processes = roles(peer.process.pid)
        self.taken: dict[str, list[tuple[float, float]]] = {role: [] for role in self.processes}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Take no more."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_SAMPLE_S):
            for role, pid in self.processes.items():
                self.taken[role].append((time.monotonic(), resident_mb(pid)))


def least(samples: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The least megabytes of each whole window, with the window's number in seconds."""
    began_s, ended_s = samples[0][0], samples[-1][0]
    windows: dict[int, float] = {}
    for at_s, megabytes in samples:
        number = int((at_s - began_s) // _WINDOW_S)
        if (number + 1) * _WINDOW_S <= ended_s - began_s + _SAMPLE_S:
            windows[number] = min(megabytes, windows.get(number, megabytes))
    return [(number * _WINDOW_S, megabytes) for number, megabytes in windows.items()]


def growth_mb_per_h(samples: Sequence[tuple[float, float]]) -> float:
    """Megabytes an hour."""
    points = least(samples)
    slopes = [(later[1] - sooner[1]) / (later[0] - sooner[0]) * 3600 for sooner, later in itertools.combinations(points, 2)]
    return statistics.median(slopes) if slopes else 0.0


def soak(minutes: float, warm_minutes: float) -> int:
    """Run it and print a line for each process. Returns the exit code."""
    load = next(load for load in LOADS if load.name == "event")
    provider = start_provider(PORTS[0], load)
    try:
        with tempfile.TemporaryDirectory() as folder:
            peer = headgate(PORTS[1], PORTS[0], Path(folder))
            try:
                body = write_body(load, Path(folder))
                wrk(peer, load, body, int(warm_minutes * 60))
                samples = Samples(peer)
                done, failed = wrk(peer, load, body, int(minutes * 60))
                samples.end()
                same = roles(peer.process.pid) == samples.processes
            finally:
                peer.stop()
    finally:
        provider.kill()
        provider.wait()
    return report(samples, done, failed, same=same)


def report(samples: Samples, done: int, failed: int, *, same: bool) -> int:
    """What was found, and whether it is good."""
    print(f"{done} streams, {failed} failed; {'no process' if same else 'A PROCESS'} was started anew")
    good = same and not failed and len(samples.taken) == len(_ROLES)
    for role, taken in samples.taken.items():
        growth = growth_mb_per_h(taken)
        windows = " ".join(f"{megabytes:.0f}" for _, megabytes in least(taken))
        fits = growth <= GROWTH_MB_PER_H_MAX
        good = good and fits
        print(f"{role}: {growth:+.1f} MB an hour ({'at most' if fits else 'ABOVE'} {GROWTH_MB_PER_H_MAX:.0f}); least of each window, MB: {windows}")
    return 0 if good else 1


def main() -> int:
    """The command line."""
    options = argparse.ArgumentParser(description="Soak the gateway with streams and fail if a process grows.")
    options.add_argument("--minutes", type=float, default=20.0)
    options.add_argument("--warm-minutes", type=float, default=10.0)
    given = options.parse_args()
    try:
        return soak(given.minutes, given.warm_minutes)
    except subprocess.CalledProcessError as error:
        print(error.stderr or error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
