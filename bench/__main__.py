"""Runs the benchmarks and rewrites the table of docs/benchmarks.md: `python -m bench [--peers nginx,pure] [--loads small,event,turn] [--seconds 8] [--dry]`.

A part run, of some peers or loads, is printed and not written.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.loads import LOADS, write_body
from bench.peers import PEERS, ROOT, best_headgate
from bench.processes import resident_mb, serving_pid
from bench.report import with_table, write
from bench.runs import Result, measure, start_provider, wrk

PORTS = (19501, 19502)


def _start_up_s() -> float:
    """Seconds from the command to the first answer on /readyz, on an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        peer = best_headgate(PORTS[1], PORTS[0], Path(folder))
        peer.stop()
    return peer.ready_s


def _own_figures(seconds: int) -> dict[str, float]:
    """What is measured of Headgate alone: its start, and its memory after many exchanges."""
    figures = {"start_s": min(_start_up_s() for _ in range(3))}
    small = next(load for load in LOADS if load.name == "small")
    provider = start_provider(PORTS[0], small)
    with tempfile.TemporaryDirectory() as folder:
        peer = best_headgate(PORTS[1], PORTS[0], Path(folder))
        body, done = write_body(small, Path(folder)), 0
        while done < 100_000:
            done += wrk(peer, small, body, seconds)[0]
        figures["exchanges"] = done
        figures["exchanges_resident_mb"] = resident_mb(serving_pid(peer.process.pid))
        figures["compiled"] = "(compiled)" in peer.version
        peer.stop()
    _end(provider)
    return figures


def _end(provider: subprocess.Popen[bytes]) -> None:
    provider.kill()
    provider.wait()


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--loads", default=",".join(load.name for load in LOADS))
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--dry", action="store_true", help="print only; leave docs/benchmarks.md as it is")
    options = parser.parse_args()
    peers, loads = options.peers.split(","), options.loads.split(",")
    whole = set(peers) == set(PEERS) and set(loads) == {load.name for load in LOADS}
    if shutil.which("wrk") is None:
        sys.exit(
            "The load is made by wrk, which is not installed: apt-get install wrk. A peer that is missing (nginx, go, npm) is left out and named."
        )
    results: list[Result] = []
    for load in (load for load in LOADS if load.name in loads):
        for name in peers:
            result = measure(name, load, PORTS, options.seconds)
            results.append(result)
            shown = (
                result.reason
                or f"{result.cost_s / load.divisor:9.1f} {load.unit}  n={result.requests} failed={result.failed} rss={result.resident_mb:.0f} MB"
            )
            print(f"{load.name:6} {result.peer:19} {shown}", flush=True)
    figures = _own_figures(options.seconds) if whole else {}
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.release().split('-')[0]}, {os.cpu_count()} cores"
    text = write(results, figures, machine)
    print(text)
    if whole and not options.dry:
        page = ROOT / "docs" / "benchmarks.md"
        page.write_text(with_table(page.read_text(encoding="utf-8"), text), encoding="utf-8")


if __name__ == "__main__":
    main()
