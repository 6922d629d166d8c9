"""Twenty minutes of streams after ten to warm up, and what each process has grown by an hour: `python -m bench.soak [--minutes 20] [--warm-minutes 10]`.

With `--gap 0.5 --streams 20` the load is light, so that a run of hours is possible beside other work.

Fails if the supervisor or the serving process grows by more than `GROWTH_MB_PER_H_MAX`. The flusher's memory goes up and down with each merge of files by
more than that, so that minutes do not show its growth: `bench.soak_rounds` measures it over thousands of rounds, and here it is only printed.
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
from dataclasses import replace
from pathlib import Path

from bench.loads import LOADS, Load, write_body
from bench.peers import Peer, headgate
from bench.processes import command, resident_mb, tree
from bench.runs import start_provider, wrk

GROWTH_MB_PER_H_MAX = 1.0
PORTS = (19511, 19512)
_SAMPLE_S = 2.0
_STREAM_S_MAX = 20.0
_WINDOW_S = 240.0
_BY_TIME = frozenset({"supervisor", "serving"})
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


def least(samples: Sequence[tuple[float, float]], window: float) -> list[tuple[float, float]]:
    """The least megabytes of each whole window, and where the window begins. A window is so many seconds or rounds wide."""
    began = samples[0][0]
    windows: dict[int, float] = {}
    for at, megabytes in samples:
        number = int((at - began) // window)
        windows[number] = min(megabytes, windows.get(number, megabytes))
    whole = int((samples[-1][0] - began) / window + 0.02)
    return [(number * window, megabytes) for number, megabytes in windows.items() if number < whole]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The median of the slopes between all pairs of points (Theil and Sen): single windows do not move it."""
    slopes = [(later[1] - sooner[1]) / (later[0] - sooner[0]) for sooner, later in itertools.combinations(points, 2)]
    return statistics.median(slopes) if slopes else 0.0


def load_of(gap_s: float, streams: int) -> Load:
    """So many streams at once, with events so far apart; a stream lasts at most as long as wrk waits for one."""
    event = next(load for load in LOADS if load.name == "event")
    return replace(event, gap_s=gap_s, connections=streams, events=max(6, min(event.events, int(_STREAM_S_MAX / gap_s))))


def soak(load: Load, minutes: float, warm_minutes: float) -> int:
    """Run it and print a line for each process. Returns the exit code."""
    provider = start_provider(PORTS[0], load)
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # a flusher that ends late must not take the result with it
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
        points = least(taken, _WINDOW_S)
        growth = slope(points) * 3600
        judged = f"at most {GROWTH_MB_PER_H_MAX:.0f}" if role in _BY_TIME else "not judged here"
        good = good and (role not in _BY_TIME or growth <= GROWTH_MB_PER_H_MAX)
        print(f"{role}: {growth:+.1f} MB an hour ({judged}); least of each window, MB: {' '.join(f'{megabytes:.0f}' for _, megabytes in points)}")
    return 0 if good else 1


def main() -> int:
    """The command line."""
    options = argparse.ArgumentParser(description="Soak the gateway with streams and fail if a process grows.")
    options.add_argument("--minutes", type=float, default=20.0)
    options.add_argument("--warm-minutes", type=float, default=10.0)
    options.add_argument("--gap", type=float, default=0.01, help="seconds between the events of a stream")
    options.add_argument("--streams", type=int, default=200, help="how many are open at once")
    given = options.parse_args()
    try:
        return soak(load_of(given.gap, given.streams), given.minutes, given.warm_minutes)
    except subprocess.CalledProcessError as error:
        print(error.stderr or error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
