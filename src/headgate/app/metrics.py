"""The values of all metrics at one moment: asks the parts of a serving process, and reads what the flusher states. Changes nothing."""

import asyncio
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from headgate import __version__
from headgate.app.health import Health
from headgate.core.clock import Clock
from headgate.metering import metric_table as table
from headgate.metering.exchange_counts import NONE, ExchangeCounts
from headgate.metering.export_counts import ExportCounts
from headgate.metering.metric_text import Labels, Metric, Number, Values
from headgate.storage.journal.charge_sums import read_charges
from headgate.storage.journal.flusher_status import FlusherStatus, read_status

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class TrafficCounts(NamedTuple):
    """What is counted while requests pass."""

    exchanges: ExchangeCounts
    exports: ExportCounts


class Sockets(NamedTuple):
    """How many clients are connected now, and how many may be; how many files may be open."""

    connections: int
    connections_max: int
    open_files_max: int


class MetricsReport:
    """Reads anew for each scrape. `sockets` says how many clients are connected."""

    def __init__(self, health: Health, counted: TrafficCounts, sockets: Callable[[], Sockets], clock: Clock) -> None:
        self._health = health
        self._counted = counted
        self._sockets = sockets
        self._clock = clock
        self._started_at_s = clock.wall_ns() / 1e9

    async def read(self) -> list[tuple[Metric, Values]]:
        """Every metric of the table with its values. What is on the disk is read beside the event loop."""
        on_disk = await asyncio.to_thread(self._on_disk)
        found: dict[Metric, Values] = {**self._counted.exchanges.values(), **self._counted.exports.values(), **on_disk, **self._of_processes()}
        found[table.REFUSALS] = self._refusals(found[table.REFUSALS])
        found |= {metric: {(): value} for metric, value in self._of_now().items()}
        return [(metric, found.get(metric, {})) for metric in table.METRICS]

    def _of_now(self) -> dict[Metric, Number]:
        health, sockets = self._health, self._sockets()
        exchanges, journal, settings = health.exchanges, health.journal, health.control.configuration.settings
        return {
            table.READY: int(not health.troubles()),
            table.WARNINGS: len(health.warnings()),
            table.CONFIGURATION_REFUSED: int(bool(health.control.file.refusal)),
            table.OPEN_EXCHANGES: len(exchanges.pulse),
            table.FAILING_TARGETS: len(exchanges.failures.circuits.passed_over()),
            table.REFUSED_KEYS: len(exchanges.memory.refused_keys()),
            table.JOURNAL_WRITABLE: int(journal.trouble is None),
            table.BACKLOG: journal.backlog_bytes,
            table.BACKLOG_MAX: settings.journal.max_mb << 20,
            table.CONNECTIONS: sockets.connections,
            table.CONNECTIONS_MAX: sockets.connections_max,
            table.OPEN_FILES_MAX: sockets.open_files_max,
            table.CPU: time.process_time(),
            table.STARTED: self._started_at_s,
        }

    def _of_processes(self) -> dict[Metric, Values]:
        heartbeat = self._health.heartbeat
        restarts = {**heartbeat.restarts(), "statement": self._health.api.statement_restarts}
        return {
            table.BUILD: {(__version__, platform.python_version()): 1},
            table.RESTARTS: {(name,): count for name, count in restarts.items()},
            table.LOOP_LAG: {(): heartbeat.lag.observed},
        }

    def _refusals(self, by_providers: Values) -> Values:
        """Headgate's own refusals beside those that a provider caused."""
        return {**by_providers, **dict(self._health.control.audit.denials.counts.items())}

    def _on_disk(self) -> dict[Metric, Values]:
        data = self._health.control.data
        status = read_status(str(data.journal)) or FlusherStatus()
        rows: Counter[Labels] = Counter()
        charges: dict[Labels, Decimal] = {}
        for key, added in read_charges(str(data.journal)):
            labels = (key.endpoint or NONE, key.provider or NONE, key.charge_status)
            rows[labels] += added.rows
            charges[labels] = added.charge
        disk = os.statvfs(data.root)
        found: dict[Metric, Values] = {
            table.ROWS: dict(rows),
            table.CHARGE: charges,
            table.WAITING_TABLES: {(): len(status.waiting)},
            table.WAITING_BYTES: {(): sum(waiting.bytes for waiting in status.waiting)},
            table.SET_ASIDE: {(): status.kept_segments},
            table.DISK_FREE: {(): disk.f_bavail * disk.f_frsize},
            table.MEMORY: _memory({"serving": os.getpid(), "supervisor": os.getppid(), "flusher": status.pid}),
        }
        if status.round_at_ns:
            found[table.FLUSHER_AGE] = {(): max(0.0, (self._clock.wall_ns() - status.round_at_ns) / 1e9)}
        if sys.platform == "linux":
            found[table.OPEN_FILES] = {(): len(os.listdir("/proc/self/fd"))}
        return found


def _memory(pids: dict[str, int]) -> Values:
    """Resident memory by the name of the process, of those that can be looked at. proc_pid_statm(5): the second number is resident pages."""
    found: dict[Labels, Number] = {}
    for name, pid in pids.items():
        try:
            found[name,] = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
        except (OSError, ValueError, IndexError):
            continue
    return found
