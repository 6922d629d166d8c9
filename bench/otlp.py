"""Measures the ingest of OpenTelemetry: `python -m bench.otlp [--seconds 10] [--connections 16,64]`. Prints what came out; writes nothing.

An export is one of Claude Code's: 16 data points, about 7 KB, and none is a repetition of another. The gateway syncs before it acknowledges, and its
flusher writes the tables meanwhile, all on the same machine as wrk. At the end every acknowledged point must be a row, once.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.peers import ROOT, Peer, headgate
from bench.processes import cpu_s, machine_s, resident_mb, serving_pid
from headgate.catalog import otel_tables
from headgate.catalog.names import Name
from headgate.core.batch import Batch
from headgate.core.clock import SystemClock
from headgate.storage.delta import delta_table
from headgate.storage.flusher.all_journals import AllJournals
from headgate.storage.flusher.rounds import FlusherSettings
from headgate.storage.journal import journals
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from tests.fakes import exports

PORTS = (19601, 19602)
POINTS = 16
TABLE = Name(("main", "default", "bench_otel_metrics"))
PADDING = "x" * 60
_LATENCY = re.compile(r"^\s+(50|99)%\s+([0-9.]+)(us|ms|s)$", re.MULTILINE)
_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def export(mark: str) -> bytes:
    """One export of about 7 KB."""
    return exports.metrics(mark, POINTS, **{"agent.name": PADDING})


def ask(peer: Peer, path: str, body: object) -> dict[str, object]:
    """One request to the workspace API."""
    url = peer.url.removesuffix("/anthropic/v1/messages") + path
    headers = {"content-type": "application/json", "authorization": f"Bearer {peer.token}"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=120) as answer:
        told: dict[str, object] = json.loads(answer.read())
    return told


def sql(peer: Peer, statement: str) -> object:
    """The first value of a statement's answer."""
    told = ask(peer, "/api/2.0/sql/statements", {"statement": statement, "wait_timeout": "50s"})
    if told["status"]["state"] != "SUCCEEDED":  # type: ignore[index]
        raise RuntimeError(told)
    rows = (told.get("result") or {}).get("data_array") or [[None]]  # type: ignore[attr-defined]
    return rows[0][0]


def admin(peer: Peer, folder: Path) -> Peer:
    """The same gateway, asked by an administrator."""
    command = [
        sys.executable,
        "-m",
        "headgate",
        "token",
        "create",
        "root",
        "--user",
        "root@example.com",
        "--admin",
        "--json",
        "--data",
        str(folder / "data"),
    ]
    made = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return Peer(peer.name, peer.version, peer.url, made["token"], peer.process)


def load(peer: Peer, folder: Path, connections: int, seconds: int, first: int) -> tuple[int, int, dict[str, float]]:
    """Exports acknowledged and refused, and how long that took, in milliseconds."""
    body = folder / "export.bin"
    body.write_bytes(export("mark-0000000000"))
    url = peer.url.replace("/anthropic/v1/messages", "/api/2.0/otel/v1/metrics")
    environment = {**os.environ, "BODY": str(body), "TOKEN": peer.token, "TABLE": str(TABLE), "FIRST": str(first)}
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-s", str(ROOT / "bench" / "otlp.lua"), url]
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    done, failed = re.search(r"(\d+) requests in", text), re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    latency = {f"p{which}": float(value) * _MS[unit] for which, value, unit in _LATENCY.findall(text)}
    refused = int(failed[1]) if failed else 0
    return (int(done[1]) if done else 0) - refused, refused, latency


@dataclass(frozen=True)
class Load:
    """One load through the gateway: what was acknowledged a second, how long that took, how fast it became rows, and what CPU that cost.

    `export_us` is the serving process's CPU for an export; the shares are cores that were busy while the load lasted, of the serving process, the flusher
    (with the supervisor), wrk, and all else on the machine: where that is much, the run says little.
    """

    connections: int
    acknowledged_s: float
    refused: int
    p50_ms: float
    p99_ms: float
    rows: int
    points: int
    points_s: float
    resident_mb: float
    export_us: float
    shares: tuple[float, float, float, float]

    def __str__(self) -> str:
        return (
            f"{self.connections} connections: {self.acknowledged_s:,.0f} acknowledged/s ({self.refused} refused), p50 {self.p50_ms:.1f} ms, "
            f"p99 {self.p99_ms:.1f} ms; {self.rows:,} rows of {self.points:,} points, {self.points_s:,.0f} points/s from first export to last row; "
            f"serving process {self.resident_mb:.0f} MB, {self.export_us:.0f} us of CPU an export; cores busy: "
            f"serving {self.shares[0]:.2f}, flusher {self.shares[1]:.2f}, wrk {self.shares[2]:.2f}, all else {self.shares[3]:.2f}"
        )


def served(connections: list[int], seconds: int) -> list[Load]:
    """Through the gateway, from wrk to rows."""
    loads = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer = headgate(PORTS[1], PORTS[0], folder)
        try:
            root = admin(peer, folder)
            sql(root, otel_tables.ddl(TABLE, "metrics"))
            sql(root, f"GRANT MODIFY ON TABLE {TABLE} TO `bench@example.com`")
            load(peer, folder, 16, 2, 9_000_000_000)
            for number, count in enumerate(connections):
                before = settled(folder)
                serving, busy = serving_pid(peer.process.pid), _Busy(peer.process.pid)
                began_s = time.monotonic()
                acknowledged, refused, latency = load(peer, folder, count, seconds, number * 1_000_000_000)
                used_s = busy.since()
                while (rows := carried(folder) - before) < acknowledged * POINTS and time.monotonic() < began_s + 300:
                    time.sleep(0.5)
                took_s = time.monotonic() - began_s
                size = resident_mb(serving)
                loads.append(
                    Load(
                        connections=count,
                        acknowledged_s=acknowledged / seconds,
                        refused=refused,
                        p50_ms=latency.get("p50", 0.0),
                        p99_ms=latency.get("p99", 0.0),
                        rows=rows,
                        points=acknowledged * POINTS,
                        points_s=rows / took_s,
                        resident_mb=size,
                        export_us=used_s[0] / max(acknowledged, 1) * 1e6,
                        shares=(used_s[0] / seconds, used_s[1] / seconds, used_s[2] / seconds, used_s[3] / seconds),
                    )
                )
        finally:
            peer.stop()
    return loads


class _Busy:
    """CPU since it was made: of the serving process, of the rest of the gateway, of load generators that have ended meanwhile, and of all else."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._serving = serving_pid(pid)
        self._before = self._now()

    def since(self) -> tuple[float, float, float, float]:
        """Seconds of each."""
        serving, rest, ended, machine = (now - before for now, before in zip(self._now(), self._before, strict=True))
        return serving, rest, ended, max(0.0, machine - serving - rest - ended)

    def _now(self) -> tuple[float, float, float, float]:
        serving, ended = cpu_s(self._serving), resource.getrusage(resource.RUSAGE_CHILDREN)
        return serving, cpu_s(self._pid) - serving, ended.ru_utime + ended.ru_stime, machine_s()


def carried(folder: Path) -> int:
    """The rows that the table has by its own log: what queries see before they are carried does not count."""
    table = delta_table.open_table(str(folder / "data" / "warehouse" / Path(*TABLE.parts)))
    return table.count() if table is not None else 0


def settled(folder: Path) -> int:
    """The number of rows once it does not grow any more."""
    count = -1
    while (now := carried(folder)) != count:
        count = now
        time.sleep(4)
    return count


@dataclass(frozen=True)
class Freshness:
    """Seconds from an acknowledgement to the first query that sees the rows, and to the table's own log: median and longest."""

    query_s: tuple[float, float]
    table_s: tuple[float, float]


def freshness(rounds: int) -> Freshness:
    """One export at a time, on a gateway at rest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peer = headgate(PORTS[1], PORTS[0], folder)
        try:
            root = admin(peer, folder)
            sql(root, otel_tables.ddl(TABLE, "metrics"))
            seen, written = [], []
            for number in range(rounds):
                time.sleep(0.7 * number % 3)
                began_s = _export_one(root, f"fresh-{number}")
                while sql(root, f"SELECT count(*) FROM {TABLE} WHERE sum.attributes['mark'] = 'fresh-{number}'") != str(POINTS):
                    time.sleep(0.02)
                seen.append(time.monotonic() - began_s)
                while carried(folder) < POINTS * (number + 1):
                    time.sleep(0.02)
                written.append(time.monotonic() - began_s)
            return Freshness((statistics.median(seen), max(seen)), (statistics.median(written), max(written)))
        finally:
            peer.stop()


def _export_one(root: Peer, mark: str) -> float:
    """Export, and say when it was acknowledged."""
    url = root.url.replace("/anthropic/v1/messages", "/api/2.0/otel/v1/metrics")
    headers = {"content-type": "application/x-protobuf", "authorization": f"Bearer {root.token}", "x-databricks-uc-table-name": str(TABLE)}
    urllib.request.urlopen(urllib.request.Request(url, export(mark), headers), timeout=30).close()
    return time.monotonic()


def drain(batches: int) -> float:
    """The flusher alone, over a journal that is full already."""
    with tempfile.TemporaryDirectory() as data_dir:
        location = os.path.join(data_dir, "warehouse", *TABLE.parts)
        delta_table.ensure_table(location, otel_tables.creation(TABLE, "metrics"))
        journal = JournalWriter.open(journals.writer_dir(data_dir), JournalLimits(roll_s=3600, segment_bytes=8 << 20, reserve_bytes=0))
        for number in range(batches):
            payload = export(f"mark-{number:010}")
            batch = Batch(
                table="t",
                name=str(TABLE),
                location=location,
                signal="metrics",
                received_at_ns=1,
                rows=POINTS,
                bytes_unfolded=len(payload) * POINTS,
                payload=payload,
            )
            journal.append(Kind.BATCH, msgspec.msgpack.encode(batch))
        journal.close()
        flush = AllJournals(FlusherSettings(data_dir=data_dir), lambda *_: None, SystemClock())
        began_s, rows = time.monotonic(), 0
        while (done := flush.round().done).segments:
            rows += done.rows
        took_s = time.monotonic() - began_s
        return rows / took_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", default="16,64")
    parser.add_argument("--batches", type=int, default=20_000)
    parser.add_argument("--parts", default="drain,served,freshness")
    options = parser.parse_args()
    print(f"an export is {len(export('mark-0000000000')):,} bytes, {POINTS} data points")
    parts = options.parts.split(",")
    if "drain" in parts:
        print(f"drain: {drain(options.batches):,.0f} points/s, nothing else running")
    if "served" in parts:
        for made in served([int(count) for count in options.connections.split(",")], options.seconds):
            print(made)
    if "freshness" in parts:
        fresh = freshness(10)
        print(f"freshness over 10 exports, median and longest: in a query {fresh.query_s}, in the table {fresh.table_s}")


if __name__ == "__main__":
    main()
