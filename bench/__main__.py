"""Runs the benchmarks and rewrites docs/benchmarks.md: `python -m bench [--peers nginx,headgate] [--loads small,event,turn] [--seconds 8] [--dry]`."""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.latency import added_first_byte_ms, streams_at_once
from bench.loads import LOADS, Load, write_body
from bench.peers import PEERS, ROOT, headgate
from bench.processes import resident_mb, serving_pid
from bench.report import write
from bench.runs import Result, measure, start_provider, wrk

PORTS = (19501, 19502)


def _start_up_s(folder: Path) -> float:
    """Seconds from the command to the first answer on /readyz, on an empty store."""
    began_s = time.perf_counter()
    peer = headgate(PORTS[1], PORTS[0], folder)
    took_s = time.perf_counter() - began_s
    peer.stop()
    return took_s


def _own_figures(seconds: int) -> dict[str, float]:
    """What is measured of Headgate alone: start, latency, memory, many streams."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        figures["start_s"] = min(_start_up_s(_fresh(folder, i)) for i in range(3))
    stream = next(load for load in LOADS if load.name == "event")
    provider = start_provider(PORTS[0], Load("open", 300, 0.05, 1000, stream=True, per=1, unit="", divisor=1))
    with tempfile.TemporaryDirectory() as folder:
        peer = headgate(PORTS[1], PORTS[0], Path(folder))
        figures["streams_failed"] = streams_at_once(peer, 1000)
        figures["streams_resident_mb"] = resident_mb(serving_pid(peer.process.pid))
        peer.stop()
    _end(provider)
    small = next(load for load in LOADS if load.name == "small")
    provider = start_provider(PORTS[0], small)
    with tempfile.TemporaryDirectory() as folder:
        peer = headgate(PORTS[1], PORTS[0], Path(folder))
        body, done = write_body(small, Path(folder)), 0
        while done < 100_000:
            done += wrk(peer, small, body, seconds)[0]
        figures["exchanges"] = done
        figures["exchanges_resident_mb"] = resident_mb(serving_pid(peer.process.pid))
        peer.stop()
    _end(provider)
    provider = start_provider(PORTS[0], Load("paced", 20, 0.01, 1, stream=True, per=1, unit="", divisor=1))
    with tempfile.TemporaryDirectory() as folder:
        peer = headgate(PORTS[1], PORTS[0], Path(folder))
        direct = f"http://127.0.0.1:{PORTS[0]}/v1/messages"
        figures["rate"] = 400.0
        figures["added_p50_ms"], figures["added_p99_ms"] = added_first_byte_ms(peer, direct, figures["rate"])
        peer.stop()
    _end(provider)
    figures["event_connections"] = stream.connections
    return figures


def _fresh(folder: str, number: int) -> Path:
    path = Path(folder) / str(number)
    path.mkdir()
    return path


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
    if shutil.which("wrk") is None:
        sys.exit(
            "The load is made by wrk, which is not installed: apt-get install wrk. A peer that is missing (nginx, go, npm) is left out and named."
        )
    results: list[Result] = []
    for load in (load for load in LOADS if load.name in options.loads.split(",")):
        for name in options.peers.split(","):
            result = measure(name, load, PORTS, options.seconds)
            results.append(result)
            shown = (
                result.reason
                or f"{result.cost_s / load.divisor:9.1f} {load.unit}  n={result.requests} failed={result.failed} rss={result.resident_mb:.0f} MB"
            )
            print(f"{load.name:6} {name:9} {shown}", flush=True)
    figures = {} if options.dry else _own_figures(options.seconds)
    machine = f"Python {platform.python_version()}, {platform.system()} {platform.release().split('-')[0]}, {os.cpu_count()} cores"
    text = write(results, figures, machine)
    print(text)
    if not options.dry:
        (ROOT / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")
    sys.exit(0)


if __name__ == "__main__":
    main()
