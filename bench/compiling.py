"""The processor time of compiling the statements of the shipped dashboards, in this process: `python -m bench.compiling [--rounds N] [--tiles]`.

Each tile's statement is compiled over the catalog as it is at the start, with a ledger that is settled. *With its views* nothing was compiled before.
*First time* the views are known from other statements, as they are in a parser that has worked before. *Again* is the same statement with other values, as
another time range gives it. `--tiles` prints every tile, and the last line names the slowest. Of several rounds the least counts.
"""

import argparse
import asyncio
import datetime as dt
import statistics
import time
from collections.abc import Callable

import msgspec

from headgate.admin.statement_ports import Query, Relations
from headgate.core.principal import HEADGATE
from headgate.storage.query.analysed_texts import KeptViews
from headgate.storage.query.compile import compile_query
from headgate.storage.query.compile_memory import CompileMemory
from headgate.storage.query.compiled import Compiled
from headgate.web.ui.dashboard_folder import DashboardFolder
from headgate.web.ui.filters import read_filters
from headgate.web.ui.relations import RowScope, compose
from tests.fakes.system_relations import SETTLED, SystemRelations

_NOW = dt.datetime(2026, 11, 30, 14, 20, tzinfo=dt.UTC)
_LATER = dt.timedelta(hours=7)
KINDS = ("with its views", "first time", "again")


class _Here:
    """Compiles in this process, with views that are kept."""

    def __init__(self) -> None:
        self._kept = KeptViews()

    async def compile(self, query: Query, relations: Relations) -> Compiled:
        """The query over our own views."""
        return compile_query(query, relations, self._kept)


def queries(now: dt.datetime) -> dict[str, Query]:
    """Every tile's statement at this time, by the tile's name."""
    found = {}
    for file in DashboardFolder("").shipped().values():
        for tile in file.dashboard.tiles if file.dashboard is not None else ():
            composed = compose(tile.sql, RowScope(filters=read_filters("", now), everyone=not tile.own, members=("ana",)))
            found[f"{file.name}/{tile.name}"] = Query(text=composed.text, parameters=composed.parameters, principal=HEADGATE)
    return found


def measured(rounds: int) -> dict[str, tuple[float, ...]]:
    """The milliseconds of each tile's statement: with its views, the first time, again."""
    relations, kept, here = SystemRelations(SETTLED), KeptViews(), _Here()
    earlier, later = queries(_NOW), queries(_NOW + _LATER)
    found: dict[str, tuple[float, ...]] = {}
    for name, query in earlier.items():
        other = msgspec.structs.replace(query, parameters=later[name].parameters)
        compile_query(query, relations, kept)
        found[name] = (
            _least_ms(rounds, lambda query=query: compile_query(query, relations, KeptViews())),  # type: ignore[misc]
            _least_ms(rounds, lambda query=query: compile_query(query, relations, kept)),  # type: ignore[misc]
            asyncio.run(_again_ms(rounds, (query, other), relations, here)),
        )
    return found


async def _again_ms(rounds: int, asked: tuple[Query, Query], relations: Relations, here: _Here) -> float:
    memory = CompileMemory(here)
    await memory.compile(asked[0], relations)
    took = []
    for _ in range(rounds):
        began_s = time.process_time()
        await memory.compile(asked[1], relations)
        took.append((time.process_time() - began_s) * 1e3)
    return min(took)


def _least_ms(rounds: int, work: Callable[[], object]) -> float:
    took = []
    for _ in range(rounds):
        began_s = time.process_time()
        work()
        took.append((time.process_time() - began_s) * 1e3)
    return min(took)


def summed(found: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
    """The median, the 95th percentile and the largest of each kind."""
    columns = list(zip(*found.values(), strict=True))
    functions: dict[str, Callable[[tuple[float, ...]], float]] = {
        "median": statistics.median,
        "95th percentile": lambda each: statistics.quantiles(each, n=20)[-1],
        "largest": max,
    }
    return {label: tuple(of(column) for column in columns) for label, of in functions.items()}


def slowest(found: dict[str, tuple[float, ...]]) -> tuple[str, ...]:
    """The tile with the largest time of each kind."""
    return tuple(max(found, key=lambda name, place=place: found[name][place]) for place in range(len(KINDS)))  # type: ignore[misc]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tiles", action="store_true")
    options = parser.parse_args()
    found = measured(options.rounds)
    print(f"{'CPU ms':32}" + "".join(f"{kind:>16}" for kind in KINDS) + f"   {len(found)} tiles")
    for name, took in found.items() if options.tiles else ():
        print(f"{name:32}" + "".join(f"{each:16.1f}" for each in took))
    for label, took in summed(found).items():
        print(f"{label:32}" + "".join(f"{each:16.1f}" for each in took))
    print(f"{'the slowest':32}" + "".join(f"{name:>16}" for name in slowest(found)))


if __name__ == "__main__":
    main()
