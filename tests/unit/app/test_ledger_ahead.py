"""What of the ledger is not settled is computed before a page asks for it."""

import asyncio

import pytest

from headgate.admin.page_queries import PageQuery
from headgate.app.ledger_ahead import follow_ledger
from headgate.app.statement_runner import StatementRunner
from headgate.catalog.ledger.settled import DAY_US, SettledTime
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings, Sql
from headgate.core.clock import SystemClock
from headgate.core.errors import Unavailable
from headgate.storage.settling.standing import write_settled
from tests.fakes.principals import administrator


def settled(edition):
    """A draft with whole sessions."""
    return SettledTime(days_until_us=20_000 * DAY_US, draft_until_us=20_001 * DAY_US, edition=edition, whole=True)


@pytest.fixture
async def runner(tmp_path):
    """What runs statements over a fresh directory."""
    made = StatementRunner(DataDirectory(tmp_path), Settings(sql=Sql(workers=1, memory_mb=256)), SystemClock())
    yield made
    await made.close()


async def until(condition):
    """Wait for it."""
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def test_it_is_computed_once_for_each_draft(runner, tmp_path):
    """Nothing without a draft, each relation that pages read once with one, and again with the next, also where it failed."""
    computed = []

    async def compute(source, relations):
        computed.append((source.name.leaf, relations._settled.edition))
        if relations._settled.edition == 1:
            raise Unavailable("busy")

    async def then():
        computed.append("then")

    following = asyncio.ensure_future(follow_ledger(str(tmp_path), runner.cases.catalog.snapshot, compute, then, every_s=0.01))
    try:
        await asyncio.sleep(0.05)
        assert computed == []
        write_settled(str(tmp_path), settled(1))
        await until(lambda: computed)
        write_settled(str(tmp_path), settled(2))
        await until(lambda: len(computed) == 5)
        await asyncio.sleep(0.05)
    finally:
        following.cancel()
    assert computed == [("live_whole_sessions", 1), "then", ("live_whole_sessions", 2), ("live_coverage", 2), "then"]


async def test_a_page_finds_it(runner, tmp_path):
    """The rows that a question of a page reads are those that were computed."""
    write_settled(str(tmp_path), settled(1))
    following = asyncio.ensure_future(follow_ledger(str(tmp_path), runner.cases.catalog.snapshot, runner._queries.compute_live, runner.ahead.compile))
    kept = runner._queries._live._kept
    try:
        await until(lambda: {name.leaf for name in kept} >= {"live_whole_sessions", "live_coverage"})
        await until(lambda: all(each.answer.done() for each in kept.values()))
    finally:
        following.cancel()
    before = dict(kept)
    statement = "SELECT (SELECT count(*) FROM system.ai_gateway.sessions) AS sessions, (SELECT count(*) FROM system.ai_gateway.coverage) AS days"
    rows = await runner.page_rows.rows(PageQuery(text=statement), administrator("root"))
    assert rows.values == [[0], [0]]
    assert {name: kept[name].answer for name in before} == {name: each.answer for name, each in before.items()}
