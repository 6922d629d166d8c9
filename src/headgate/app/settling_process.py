"""`python -m headgate.app.settling_process OPTIONS`: makes the sums of the usage table that are missing, settles what of the ledger is over, one day after
the other, then a draft of the time since, and ends.

It yields to everything else, and its queries run in a sandboxed worker with the memory of a statement. It may be killed at any moment: a day is in a
table or not, and views read it once all tables have it. One process settles at a time; a second one ends at once.
"""

import asyncio
import logging
import os
import sys
from pathlib import Path

import msgspec
import pyarrow as pa

from headgate.admin.relations import LEDGER_DAYS, CatalogRelations, telemetry_tables
from headgate.admin.statement_ports import Query, Relation, ViewSource
from headgate.app.options import StatementProcessOptions
from headgate.app.statement_runner import StatementRunner
from headgate.app.usage_summing import UsageSumming
from headgate.catalog.catalog import Catalog
from headgate.catalog.ledger.extent import extent_text
from headgate.catalog.ledger.part_texts import part_texts, whole_text
from headgate.catalog.ledger.settled import CLIENT_SESSIONS, DAY_US, PART_TABLES, TOOLS, WHOLE_SESSIONS, SettledTime
from headgate.catalog.ledger.settling_plan import Extent, SettlingStep, next_step
from headgate.catalog.names import Name
from headgate.catalog.usage_table import USAGE
from headgate.config.log_format import start_logging
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings
from headgate.core.clock import Clock, SystemClock
from headgate.core.errors import GatewayError
from headgate.core.principal import Principal
from headgate.storage.delta import delta_table, object_store
from headgate.storage.flusher.retention import retention_days
from headgate.storage.parent_end import die_with
from headgate.storage.settling.settled_files import SettledFiles
from headgate.storage.settling.standing import lock_settling, read_settled, write_settled
from headgate.storage.state.stated_retention import read_retention

_DAYS = LEDGER_DAYS + 1
_ROWS_MAX, _BYTES_MAX = 20_000_000, 1 << 30
_QUERY_S = 900.0
_OURS = Principal(id="headgate", name="headgate")
_LATE_DAYS = 2  # rows that are not shown any more are deleted so many days later
_log = logging.getLogger("headgate.ledger")


class _Everything:
    """Implements `Relations` over one snapshot, for queries of Headgate's own."""

    def __init__(self, snapshot: Catalog) -> None:
        self._relations = CatalogRelations(snapshot, _OURS)

    def resolve(self, name: Name) -> Relation:
        """What the name means, as in a view of Headgate's own: no privilege is asked for."""
        return self._relations.resolve_inside(ViewSource(USAGE.name, ""), name)

    def resolve_inside(self, view: ViewSource, name: Name) -> Relation:
        """The same inside of a view."""
        return self._relations.resolve_inside(view, name)


class Settler:
    """Settles the ledger of one data directory."""

    def __init__(self, runner: StatementRunner, data_dir: str, clock: Clock) -> None:
        self._runner = runner
        self._data_dir = data_dir
        self._files = SettledFiles(data_dir)
        self._clock = clock

    async def run(self) -> int:
        """Settle until nothing is left but the newest draft. Returns the number of steps."""
        snapshot = await self._runner.cases.catalog.snapshot()
        known, steps = self._known(), 0
        extent = await self._extent(snapshot, known)
        while (step := next_step(known, extent, self._clock.wall_ns() // 1000, _DAYS)) is not None:
            await self._take(step, known.days_alone, snapshot)
            known, steps = step.afterwards, steps + 1
            if known.edition:
                break
        return steps

    def _known(self) -> SettledTime:
        """How far the ledger is settled: no further than every table says, for one may have been lost."""
        known = read_settled(self._data_dir)
        if known.days_until_us > self._files.days_until_us():
            known = SettledTime()
            write_settled(self._data_dir, known)
        return known

    async def _take(self, step: SettlingStep, before: SettledTime, snapshot: Catalog) -> None:
        edition = step.afterwards.edition
        for table, text in part_texts(USAGE.name, telemetry_tables(snapshot), step.stretch, before):
            if edition:
                self._files.append_draft(table, await self._rows(text, snapshot), step.last_day, edition)
            elif not self._files.has(table, step.last_day):
                self._files.append_days(table, await self._rows(text, snapshot), step.first_day, step.last_day)
        if not edition:
            write_settled(self._data_dir, step.afterwards)
            return
        today = self._clock.wall_ns() // 1000 // DAY_US
        self._forget(snapshot, today)
        settled = msgspec.structs.replace(step.afterwards, whole=await self._whole(step, snapshot))
        write_settled(self._data_dir, settled)
        self._files.clean(settled, today - _DAYS - _LATE_DAYS)

    async def _whole(self, step: SettlingStep, snapshot: Catalog) -> bool:
        """Settle whole sessions; whether that went well. It takes memory with the number of sessions, and views can do without."""
        try:
            rows = await self._rows(whole_text(step.afterwards, LEDGER_DAYS), snapshot)
        except GatewayError as error:
            _log.error("sessions could not be settled whole; dashboards put them together, which takes longer: %s", error)
            return False
        self._files.append_draft(WHOLE_SESSIONS, rows, step.last_day, step.afterwards.edition)
        return True

    def _forget(self, snapshot: Catalog, today: int) -> None:
        """What clients reported is kept no longer than the telemetry table that keeps its rows for the shortest time; all of it no longer than usage."""
        places = {entry.name: entry.location for entry in snapshot.tables()}
        found = [delta_table.open_table(places[one.name]) for one in telemetry_tables(snapshot) if not object_store.is_remote(places[one.name])]
        kept = [days for days in (retention_days(table) for table in found if table is not None) if days]
        for table in (TOOLS, CLIENT_SESSIONS) if kept else ():
            self._files.forget(table, today - min(kept))
        usage_days = read_retention(self._data_dir).usage_days
        for table in PART_TABLES if usage_days else ():
            self._files.forget(table, today - usage_days)

    async def _extent(self, snapshot: Catalog, known: SettledTime) -> Extent:
        """What the ledger shows and is not settled."""
        oldest_us = max(known.days_until_us, self._clock.wall_ns() // 1000 - _DAYS * DAY_US)
        [row] = (await self._rows(extent_text(USAGE.name, telemetry_tables(snapshot), oldest_us), snapshot)).to_pylist()
        return Extent(known.days_until_us or row["at_us"] or 0, row["rows"])

    async def _rows(self, text: str, snapshot: Catalog) -> pa.Table:
        query = Query(text=text, principal=_OURS, row_limit=_ROWS_MAX, byte_limit=_BYTES_MAX, timeout_s=_QUERY_S)
        result = await self._runner.query(query, _Everything(snapshot))
        if result.truncated:
            raise GatewayError(f"more than {_ROWS_MAX} rows or {_BYTES_MAX} bytes belong to one stretch of the ledger")
        return pa.ipc.open_stream(result.arrow).read_all()


async def settle(options: StatementProcessOptions) -> int:
    """Sum and settle one data directory. Returns the number of sums and steps."""
    data = DataDirectory(Path(options.data_dir))
    settings = Settings(storage=options.storage, sql=msgspec.structs.replace(options.sql, workers=1))
    runner = StatementRunner(data, settings, SystemClock())
    try:
        return await _sum(runner, str(data.root)) + await Settler(runner, str(data.root), SystemClock()).run()
    finally:
        await runner.close()


async def _sum(runner: StatementRunner, data_dir: str) -> int:
    try:
        return await UsageSumming(runner, data_dir).run()
    except GatewayError as error:
        _log.error("the usage table could not be summed; dashboards add up its rows, which takes longer: %s", error)
        return 0


def main() -> None:
    """Be the process that settles."""
    options = msgspec.json.decode(sys.argv[1], type=StatementProcessOptions)
    die_with(options.parent_pid)
    start_logging(options.log)
    os.nice(10)  # everything else has priority
    lock_fd = lock_settling(options.data_dir)
    if lock_fd is None:
        return
    try:
        asyncio.run(settle(options))
    except (GatewayError, OSError) as error:
        _log.error("the ledger could not be settled, and is computed when it is asked: %s", error)
        raise SystemExit(1) from error
    finally:
        os.close(lock_fd)


if __name__ == "__main__":
    main()
