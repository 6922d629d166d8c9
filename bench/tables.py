"""Measures the tables and rewrites docs/benchmarks-tables.md: `python -m bench.tables [--parts drain,ingest,freshness,dashboards,compile,commits,collector]`.

Ingest of OpenTelemetry until it is acknowledged and until it is rows, questions of a dashboard on ten million rows, commits to a table with a long history.
`--dry` prints only.
"""

import argparse
import math
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from bench import compiling, otlp
from bench.collector import collector
from bench.dashboards import dashboards
from bench.peers import ROOT, Missing
from bench.processes import cpu_s
from headgate.catalog import otel_tables
from headgate.storage.delta import delta_table
from headgate.storage.otlp.otel_rows import Payload, decode
from tests.fakes import exports

_CONNECTIONS = (16, 64)
_PORTS = (19603, 19604)
_DRAINS = 3
_CARE_EVERY = 20
_WINDOW = 200  # commits at each end that are compared

_HEAD = """# Benchmarks of the tables

`make bench` writes this page. Everything runs on one machine, the load included, and with everything on: tokens checked, bodies read and redacted,
each export synced to the disk before it is acknowledged, the flusher writing Delta beside it. An export is one of Claude Code's, {size:,} bytes with
{points} data points, no two alike. At the end of a load every acknowledged point is a row, or the run fails.
"""


class Page:
    """The page as it comes to be; each line is printed as well."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str = "") -> None:
        """One line."""
        print(line, flush=True)
        self.lines.append(line)


def _ingest(page: Page, options: argparse.Namespace) -> None:
    page.say("\n## Ingest\n")
    page.say(
        "Goals: at least 5,000 exports a second, p99 at most 50 ms. wrk and the flusher run on the same cores: the last column says how many were busy, by the\n"
        "serving process, by the flusher, by wrk and by all else on the machine. Points are counted as rows from the first export to the last row, so that they follow the rate of exports.\n"
    )
    page.say("| connections | acknowledged/s | p50 | p99 | refused | CPU an export | points/s until they are rows | serving process | cores busy |")
    page.say("|---|---|---|---|---|---|---|---|---|")
    for load in otlp.served(list(_CONNECTIONS), options.seconds):
        if (
            not 0 <= load.rows - load.points <= load.connections * otlp.POINTS
        ):  # what was on its way when the load ended was taken, and nobody heard of it
            raise RuntimeError(f"{load.rows} rows of {load.points} acknowledged points")
        page.say(
            f"| {load.connections} | **{load.acknowledged_s:,.0f}** | {load.p50_ms:.1f} ms | **{load.p99_ms:.1f} ms** | {load.refused} | "
            f"{load.export_us:.0f} µs | {load.points_s:,.0f} | {load.resident_mb:.0f} MB | "
            + " + ".join(f"{share:.2f}" for share in load.shares)
            + " |"
        )


def _collector(page: Page, options: argparse.Namespace) -> None:
    page.say("\n## Beside it: the OpenTelemetry Collector\n")
    page.say(
        "The same exports from the same clients. With a file exporter the answer waits for no disk; with a persistent queue that syncs, it does.\n"
    )
    page.say("| collector | connections | acknowledged/s | p50 | p99 | refused | CPU an export |\n|---|---|---|---|---|---|---|")
    for kind in ("file", "queue"):
        for count in _CONNECTIONS:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                try:
                    peer = collector(kind, _PORTS[0], folder)
                except Missing as missing:
                    page.say(f"| {kind} | {count} | not measured: {missing} | | | | |")
                    continue
                try:
                    before_s = cpu_s(peer.process.pid)
                    done, refused, latency = otlp.load(peer, folder, count, options.seconds, 0)
                    took_s = cpu_s(peer.process.pid) - before_s
                finally:
                    peer.stop()
                timing = f"{latency.get('p50', 0):.1f} ms | {latency.get('p99', 0):.1f} ms"
                page.say(
                    f"| {kind} {peer.version} | {count} | {done / options.seconds:,.0f} | {timing} | {refused} | {took_s / max(done, 1) * 1e6:.0f} µs |"
                )


def _drain(page: Page, options: argparse.Namespace) -> None:
    page.say("\n## Drain\n")
    rates = sorted(otlp.drain(options.batches) for _ in range(_DRAINS))
    page.say(
        f"The flusher alone over a full journal, {options.batches * otlp.POINTS:,} data points: **{rates[0]:,.0f}** a second become rows in the slowest of "
        f"{_DRAINS} runs, {statistics.median(rates):,.0f} at the median. Goal: at least 100,000 in every run."
    )


def _freshness(page: Page, _options: argparse.Namespace) -> None:
    fresh = otlp.freshness(10)
    page.say("\n## Freshness\n")
    page.say(
        f"From the acknowledgement of an export until a query sees it: median **{fresh.query_s[0]:.2f} s**, longest of ten {fresh.query_s[1]:.2f} s; "
        f"until it is in the Delta table: median **{fresh.table_s[0]:.1f} s**, longest {fresh.table_s[1]:.1f} s."
    )


def _dashboards(page: Page, options: argparse.Namespace) -> None:
    page.say(f"\n## Questions of a dashboard, {options.rows:,} usage rows\n")
    page.say("Through the statement interface and the sandboxed workers, warm, median of seven. Goal: each at most 300 ms.\n")
    page.say("| question | ms |\n|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for question, took_ms in dashboards(Path(name), options.rows, _PORTS).items():
            page.say(f"| {question} | **{took_ms:.0f}** |")


def _compile(page: Page, options: argparse.Namespace) -> None:
    found = compiling.measured(options.rounds)
    page.say("\n## Compiling the statements of the shipped dashboards\n")
    page.say(
        f"The processor time of each of {len(found)} tiles' statements in one process, the least of {options.rounds} rounds. *With its views* nothing was compiled "
        "before, *first time* the\nviews are known from other statements, *again* the same statement comes with another time range. Goal: each again at most 5 ms.\n"
    )
    page.say(f"| CPU ms | {' | '.join(compiling.KINDS)} |\n|---|---|---|---|")
    for label, took in compiling.summed(found).items():
        page.say(f"| {label} | {' | '.join(f'{each:.1f}' for each in took)} |")
    page.say(f"| the slowest | {' | '.join(compiling.slowest(found))} |")


def _commits(page: Page, options: argparse.Namespace) -> None:
    """Open, ask for the last transaction, append: what the flusher does for each round, and its care in between."""
    took: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        path = str(Path(name) / "t")
        delta_table.ensure_table(path, otel_tables.creation(otlp.TABLE, "metrics"))
        rows = _rows(path)
        for number in range(1, options.commits + 1):
            began_s = time.perf_counter()
            table = delta_table.ensure_table(path, otel_tables.creation(otlp.TABLE, "metrics"))
            delta_table.carried_seq(table, "bench")
            delta_table.append(table, rows, "bench", number)
            took.append((time.perf_counter() - began_s) * 1000)
            if number % _CARE_EVERY == 0:
                delta_table.care(path)
    first, last = took[:_WINDOW], took[-_WINDOW:]
    page.say("\n## Commits\n")
    page.say(
        f"Opening a table and appending to it, files cared for as the flusher does: median {statistics.median(first):.0f} ms (p99 {_p99(first):.0f} ms) in the "
        f"first {len(first)} commits, **{statistics.median(last):.0f} ms** (p99 {_p99(last):.0f} ms) in the last {len(last)} of {options.commits:,}."
    )


def _rows(path: str) -> pa.Table:
    known = delta_table.open_table(path)
    if known is None:
        raise RuntimeError("no table")
    made = decode(otel_tables.OtelKind("metrics", "v1"), [Payload(exports.metrics("mark", 16), 1)], b"seed")
    return made.select([field.name for field in known.schema().fields])


def _p99(values: list[float]) -> float:
    return sorted(values)[math.ceil(len(values) * 0.99) - 1]


PARTS: dict[str, Callable[[Page, argparse.Namespace], None]] = {
    "ingest": _ingest,
    "collector": _collector,
    "drain": _drain,
    "freshness": _freshness,
    "dashboards": _dashboards,
    "compile": _compile,
    "commits": _commits,
}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--batches", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--dry", action="store_true", help="print only; leave docs/benchmarks-tables.md as it is")
    options = parser.parse_args()
    page = Page()
    page.say(_HEAD.format(size=len(otlp.export("mark-0000000000")), points=otlp.POINTS))
    page.say(f"Machine: Python {platform.python_version()}, {platform.system()} {platform.release().split('-')[0]}, two cores.")
    for part in options.parts.split(","):
        PARTS[part](page, options)
    if not options.dry:
        (ROOT / "docs" / "benchmarks-tables.md").write_text("\n".join(page.lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
