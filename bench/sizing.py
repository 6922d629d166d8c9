"""How many developers a machine serves, and writes docs/sizing.md: `python -m bench.sizing [--seconds 8] [--dry]`.

Measured are an agent's turn (CPU of the serving process and of the flusher), the memory of an open stream with its request, and the bytes of rows. The rest
is computed from these by what the page says of developers.
"""

import argparse
import datetime as dt
import os
import sys
import tempfile
from pathlib import Path

import msgspec

from bench import streams, usage_rows
from bench.loads import LOADS, body, write_body
from bench.peers import ROOT, Missing, best_headgate
from bench.processes import own_cpu_s, resident_mb
from bench.runs import WARM_S, drain, start_provider, wrk
from bench.soak import roles

PORTS = (19541, 19542)
TURNS_PER_H = (5, 20, 60)
_STREAM_S = 30  # how long a turn's stream is open
_BUSY = 0.5  # of a core, on average in the busiest hour, so that the minutes above it have room
_ROWS = 200_000
_STREAMS = 500
REQUEST_BYTES = 300_000

_PAGE = """# Sizing

How large a machine a gateway needs. The measured figures are of one run; everything else is computed from them, so that you can put your own in their place.

## Developers

| requests of a developer in an hour | developers on a core | developers on a GB of memory |
|---|---|---|
{rows}

A *request* is one turn of an agent: it sends its session, and the model answers. An agent makes several for one question of its developer, so that 5 an hour
is someone who asks now and then, 20 someone who works with an agent, and 60 someone who has agents work all the time. Everyone works in the same hour, a core
is busy for {busy:.0%} of it, and a stream is open for {stream_s} s. Add to the memory what the processes have at rest: {rest_mb:,.0f} MB.

Cores and memory are hardly ever what ends first. A provider's rate limits are.

## What was measured

Headgate {version}, {date}, {cores} cores, the machine's load {load:.1f} before the run. `python -m bench.sizing` measures it on yours.

| | |
|---|---|
| a turn: 300 KB of request, {events} events | **{turn_ms:.2f} ms** of CPU: {serving_ms:.2f} in the serving process, {flusher_ms:.2f} in the flusher |
| an open stream with such a request | **{stream_kib:,.0f} KiB** |
| the serving process at rest | {before_mb:.0f} MB |
| the flusher after the run | {flusher_mb:.0f} MB |
| a row of the usage table on disk | **{row_bytes:.0f} bytes**, of {row_count:,} rows as a company makes them |
| a turn in the journal | {journal_bytes:,.0f} bytes, for 15 minutes |

## One gateway

- **One core serves.** All exchanges pass through one process, and so through one core: about {most:,.0f} turns a second when it is full. The flusher, statements and
  pages use others. Two cores are enough for a team, four where dashboards and [SQL](sql.md) are used all day.
- **Streams.** A gateway has at most 10,000 connections. Each stream needs two open files, so that the limit of open files must be 20,500 or more for as many; the
  unit that [`headgate service install`](commands.md#service-install) writes sets `LimitNOFILE=65536`. A request is held in memory until its answer streams,
  or to its end where it is translated or [kept](telemetry.md#requests-and-answers), and all that are held may take
  [512 MB](operations.md#the-limits-of-the-front) together: that is {held:,} requests of 300 KB. What is more is answered 503.
- **The flusher** needs {flusher_share:.0%} of what serving needs, and may lag: exchanges do not wait for it. It needs memory for the largest merge of a table's files.
- **Disk.** A million exchanges are {million_mb:,.0f} MB of usage rows. The journal holds the last 15 minutes: {journal_mb:,.0f} MB at ten exchanges a second. Telemetry,
  requests and answers are larger by far where they are on: see [retention](retention.md).

## When one gateway is not enough

Headgate has no PostgreSQL and no Redis: tokens, objects and counts are in its data directory, and one gateway serves it ([what Headgate does not
do](does-not-do.md)). {by_core:,.0f} developers with 20 requests an hour keep its one serving core half busy. Above that, or for a machine that may fail, run a gateway for each part
of the company, each with a data directory of its own: limits and budgets then count in each alone. Any
[reader of Delta](readers.md) reads the tables of several gateways together.
"""


class Measured(msgspec.Struct, frozen=True):
    """What one run found. CPU is of one turn, in seconds."""

    version: str
    serving_s: float
    flusher_s: float
    flusher_mb: float
    journal_bytes: float


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _written_bytes(journal: Path) -> int:
    """Bytes of the journal's records; its files are larger, so that writing to them never waits for room."""
    return sum(len(path.read_bytes().rstrip(b"\0")) for path in journal.rglob("*") if path.is_file())


def _turns(seconds: int) -> Measured:
    """Load a gateway with turns until each has its row."""
    load = next(load for load in LOADS if load.name == "turn")
    provider = start_provider(PORTS[0], load)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            peer = best_headgate(PORTS[1], PORTS[0], folder)
            try:
                file = write_body(load, folder)
                warmed, _ = wrk(peer, load, file, WARM_S)
                drain(peer, warmed)
                pids = roles(peer.process.pid)
                before_s = {role: own_cpu_s(pid) for role, pid in pids.items()}
                done, failed = wrk(peer, load, file, seconds)
                drain(peer, warmed + done)
                used_s = {role: (own_cpu_s(pid) - before_s[role]) / done for role, pid in pids.items()}
                if failed:
                    raise Missing(f"{failed} of {done} turns failed")
                journal = _written_bytes(folder / "data" / "journal") / (warmed + done)
                return Measured(peer.version, used_s["serving"], used_s["flusher"], resident_mb(pids["flusher"]), journal)
            finally:
                peer.stop()
    finally:
        provider.kill()
        provider.wait()


def _row_bytes() -> float:
    """Bytes on disk of a row of the usage table, its log included."""
    with tempfile.TemporaryDirectory() as name:
        usage_rows.write(Path(name), _ROWS)
        return _bytes_in(Path(name) / "warehouse") / _ROWS


def page(measured: Measured, opened: streams.Opened, row_bytes: float, load: float) -> str:
    """The page as Markdown."""
    turn_s, stream_bytes = measured.serving_s + measured.flusher_s, opened.stream_kib * 1024
    at_once = {turns: turns * _STREAM_S / 3600 for turns in TURNS_PER_H}  # streams of one developer
    rows = [f"| {turns} | {_rounded(3600 * _BUSY / turns / turn_s):,} | {_rounded(1e9 / stream_bytes / at_once[turns]):,} |" for turns in TURNS_PER_H]
    return _PAGE.format(
        rows="\n".join(rows), busy=_BUSY, stream_s=_STREAM_S, rest_mb=opened.before_mb + measured.flusher_mb, version=measured.version,
        date=dt.datetime.now(dt.UTC).date(), cores=os.cpu_count(), load=load, events=63, turn_ms=turn_s * 1e3, serving_ms=measured.serving_s * 1e3,
        flusher_ms=measured.flusher_s * 1e3, stream_kib=opened.stream_kib, before_mb=opened.before_mb, flusher_mb=measured.flusher_mb,
        row_bytes=row_bytes, row_count=_ROWS, journal_bytes=measured.journal_bytes, most=1 / measured.serving_s, held=_rounded(512 * 2**20 / REQUEST_BYTES),
        flusher_share=measured.flusher_s / measured.serving_s, million_mb=row_bytes, journal_mb=measured.journal_bytes * 9000 / 1e6,
        by_core=_rounded(3600 * _BUSY / 20 / measured.serving_s),
    )  # fmt: skip


def _rounded(value: float) -> int:
    """Two digits that count."""
    digits = max(0, len(str(int(value))) - 2)
    return int(value / 10**digits) * 10**digits


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--dry", action="store_true")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    try:
        measured = _turns(options.seconds)
        opened = streams.opened(_STREAMS, 50.0, body(next(load for load in LOADS if load.name == "turn")))
    except Missing as missing:
        sys.exit(f"Not measured: {missing}")
    text = page(measured, opened, _row_bytes(), load)
    print(text)
    if not options.dry:
        (ROOT / "docs" / "sizing.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
