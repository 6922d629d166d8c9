"""The processor time of every tile of the shipped dashboards: `python -m bench.tiles --folder DIR [--days N] [--rounds N] [DASHBOARD[/TILE] ...]`.

It reads the rows that `python -m bench.pages --folder DIR` has made, through the statement process' own parts, one tile after the other. CPU is what the
query workers use, user and system, which depends less on what else the machine does than the time that passes. Of several rounds the least counts; the
first has a column of its own. It computes what of the ledger is not settled, which is kept until another row comes.
"""

import argparse
import asyncio
import datetime as dt
import os
from pathlib import Path

from bench.processes import command, cpu_s, tree
from headgate.admin.page_queries import PageQuery
from headgate.app.statement_runner import StatementRunner
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings, Sql
from headgate.core.clock import SystemClock
from headgate.web.ui.dashboard import Tile
from headgate.web.ui.dashboard_folder import DashboardFolder
from headgate.web.ui.filters import Filters, read_filters
from headgate.web.ui.relations import RowScope, compose
from tests.fakes.principals import administrator

_PERSON = "user100@example.com"  # whose own rows the page of a person shows


def _workers_s() -> float:
    return sum(cpu_s(pid) for pid in tree(os.getpid()) if "worker_process" in command(pid))


async def _measure(runner: StatementRunner, tile: Tile, filters: Filters, rounds: int) -> str:
    """One line: CPU, that of the first round, the time that passed, the length of the statement, the rows."""
    composed = compose(tile.sql, RowScope(filters=filters, everyone=not tile.own))
    query = PageQuery(text=composed.text, parameters=composed.parameters, timeout_s=120.0)
    principal = administrator(_PERSON)
    found, first = [], 0.0
    for number in range(rounds + 1):
        before_s = _workers_s()
        rows = await runner.page_rows.rows(query, principal)
        cpu = _workers_s() - before_s
        first = first if number else cpu
        if number and cpu >= 0:  # a worker that has answered many queries is replaced, and its time is gone
            found.append((cpu, rows.took_ms))
    cpu, took = (min((each[place] for each in found), default=0.0) for place in (0, 1))
    return f"{cpu * 1e3:7.0f} {first * 1e3:7.0f} {took:7.0f} {len(composed.text):7} {len(rows):6}"


async def measure(data: Path, days: int, rounds: int, wanted: list[str]) -> None:
    """Every tile that is wanted, as lines."""
    clock = SystemClock()
    runner = StatementRunner(DataDirectory(data), Settings(sql=Sql(workers=2, timeout_s=120.0)), clock)
    filters = read_filters(f"range={days}d", dt.datetime.fromtimestamp(clock.wall_ns() / 1e9, dt.UTC))
    print(f"{'':32} {'CPU ms':>7} {'first':>7} {'took ms':>7} {'chars':>7} {'rows':>6}   {days} days")
    try:
        for file in DashboardFolder("").shipped().values():
            for tile in file.dashboard.tiles if file.dashboard is not None else ():
                name = f"{file.name}/{tile.name}"
                if not wanted or file.name in wanted or name in wanted:
                    print(f"{name:32} {await _measure(runner, tile, filters, rounds)}", flush=True)
    finally:
        await runner.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("tiles", nargs="*")
    options = parser.parse_args()
    asyncio.run(measure(Path(options.folder) / "data", options.days, options.rounds, options.tiles))


if __name__ == "__main__":
    main()
