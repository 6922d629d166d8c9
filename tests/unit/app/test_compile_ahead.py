"""Queries of pages are compiled before a page asks them."""

import asyncio
import datetime as dt

import pytest

from headgate.admin.page_queries import PageQuery
from headgate.admin.statement_ports import Parameter
from headgate.app.compile_ahead import CompileAhead
from headgate.app.statement_runner import StatementRunner
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings, Sql
from headgate.core.clock import SystemClock
from headgate.core.errors import BadRequest
from headgate.core.principal import HEADGATE
from headgate.web.ui.dashboard_folder import DashboardFolder
from headgate.web.ui.dashboard_queries import everyones_queries
from headgate.web.ui.filters import read_filters
from headgate.web.ui.relations import RowScope, compose
from tests.fakes.principals import administrator, user

QUERIES = tuple(PageQuery(text=f"SELECT {number}") for number in range(3))
NOW = dt.datetime.now(dt.UTC)


class Stage:
    """What compiles, and what it was asked for."""

    def __init__(self) -> None:
        self.asked = []
        self.idle = asyncio.Event()
        self.idle.set()
        self.ahead = CompileAhead(self.compile, self.relations, self.idle)

    async def relations(self, principal):
        """Whose rights count."""
        return principal

    async def compile(self, query, relations):
        """The second one cannot be compiled."""
        self.asked.append((query.text, query.principal, relations))
        if query.text == "SELECT 1":
            raise BadRequest("no")

    async def until(self, count):
        """Wait for so many."""
        async with asyncio.timeout(30):
            while len(self.asked) < count:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("first", ["give", "begin"])
async def test_all_of_them_are_compiled_once_there_is_time(first):
    """With Headgate's rights, in their order; one that fails leaves the others."""
    stage = Stage()
    stage.ahead.give(QUERIES) if first == "give" else stage.ahead.begin()
    await asyncio.sleep(0.02)
    assert stage.asked == []
    stage.ahead.begin() if first == "give" else stage.ahead.give(QUERIES)
    await stage.until(3)
    assert stage.asked == [(f"SELECT {number}", HEADGATE, HEADGATE) for number in range(3)]
    await stage.ahead.compile()
    assert len(stage.asked) == 6
    await stage.ahead.close()


async def test_it_gives_way_to_pages():
    """Nothing is compiled while a page asks."""
    stage = Stage()
    stage.idle.clear()
    stage.ahead.begin()
    stage.ahead.give(QUERIES)
    await asyncio.sleep(0.1)
    assert stage.asked == []
    stage.idle.set()
    await stage.until(3)
    await stage.ahead.close()


async def test_it_ends_before_it_is_done():
    """The statement process is closed."""
    stage = Stage()
    stage.idle.clear()
    stage.ahead.give(QUERIES)
    stage.ahead.begin()
    await stage.ahead.close()
    stage.idle.set()
    await asyncio.sleep(0.1)
    assert stage.asked == []


async def test_no_tile_of_everyones_rows_waits_for_a_parser(tmp_path, monkeypatch):
    """The first page of an administrator, and of a viewer, asks what was compiled; a member's rows are the member's own, and compiled for each."""
    runner = StatementRunner(DataDirectory(tmp_path), Settings(sql=Sql(workers=1, memory_mb=256)), SystemClock())
    compiled = []
    compile_once = runner._parsers.compile

    async def counted(query, relations):
        compiled.append(query)
        return await compile_once(query, relations)

    monkeypatch.setattr(runner._parsers, "compile", counted)
    tiles = [tile for file in DashboardFolder("").shipped().values() for tile in file.dashboard.tiles if file.name in {"overview", "performance"}]
    try:
        queries = everyones_queries(DashboardFolder("").shipped().values(), NOW)
        runner.ahead.give(queries)
        await runner.ahead.compile()
        assert len(compiled) == len(queries)
        filters = read_filters("range=7d&compare=previous", NOW + dt.timedelta(seconds=1))
        for tile in tiles:
            asked = compose(tile.sql, RowScope(filters=filters, everyone=True))
            await runner.page_rows.rows(PageQuery(text=asked.text, parameters=asked.parameters), administrator("ana@example.com"))
        assert len(compiled) == len(queries)

        own = PageQuery(
            text="SELECT count(*) AS n FROM system.ai_gateway.my_usage WHERE status_code = :code", parameters=(Parameter("code", "1", "INT"),)
        )
        for name in ("bob", "carol", "bob"):
            await runner.page_rows.rows(own, user(name))
        assert len(compiled) == len(queries) + 2
    finally:
        await runner.close()
