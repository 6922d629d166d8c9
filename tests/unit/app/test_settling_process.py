"""Settling a data directory: days once, a draft, whatever ends the process in between."""

import datetime as dt
import os
import shutil

import pytest
from deltalake import DeltaTable

from headgate.admin.page_queries import PageQuery
from headgate.admin.statements import StatementRequest
from headgate.app.settling_process import Settler
from headgate.app.statement_runner import StatementRunner
from headgate.catalog.ledger.settled import COVERAGE, DAY_US, PART_TABLES, SESSIONS
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import ddl
from headgate.catalog.usage_table import USAGE
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings, Sql
from headgate.core.clock import SystemClock
from headgate.storage.delta import delta_table
from headgate.storage.journal import journals
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.rows.usage_rows import UsageRows
from headgate.storage.settling.standing import read_settled
from headgate.storage.state.stated_retention import StatedRetention, write_retention
from tests.fakes.agent_telemetry import ns
from tests.fakes.ledger_views import exchange
from tests.fakes.ports import FakeClock
from tests.fakes.principals import administrator
from tests.fakes.records import rates_of

HOUR_S = 3600


class Place:
    """A data directory with two exchanges a day for three days, 80 hours of which are over."""

    def __init__(self, path, begins_s=0.0):
        self.path = path
        self.clock = FakeClock()
        self.clock.now_s += (ns(begins_s + 80 * HOUR_S) - self.clock.wall_ns()) / 1e9
        self.runner = StatementRunner(DataDirectory(path), Settings(sql=Sql(workers=1, memory_mb=256)), SystemClock())
        passed = [exchange(f"r-{number}", begins_s + number * 12 * HOUR_S + 60, session_id=f"s-{number // 2}") for number in range(6)]
        self.began_us = [one.intent.started_at_ns // 1000 for one in passed]
        self._seq = 0
        self.append(passed)

    def append(self, passed):
        """Write rows to the usage table."""
        self._seq += 1
        table = delta_table.ensure_table(delta_table.table_path(str(self.path), USAGE), USAGE)
        delta_table.append(table, UsageRows(rates_of).table(passed), "journal", self._seq)

    def journal(self, one):
        """Record an exchange that is not in the table yet."""
        journal = JournalWriter.open(journals.writer_dir(str(self.path)))
        journal.outcome(one)
        journal.close()

    async def ledger(self):
        """What the views say, in a fixed order."""
        found = {}
        for view in ("sessions", "client_sessions", "coverage", "client_tools"):
            rows = await self.runner.page_rows.rows(PageQuery(text=f"SELECT * FROM system.ai_gateway.{view}", decimals="text"), administrator("ada"))
            found[view] = sorted(map(repr, rows.rows()))
        return found

    async def settle(self):
        """Settle as the process does."""
        return await Settler(self.runner, str(self.path), self.clock).run()

    def sums(self):
        """What is settled for good: requests of sessions, and of coverage."""
        found = []
        for table, column in ((SESSIONS, "requests"), (COVERAGE, "gateway_requests")):
            rows = DeltaTable(delta_table.table_path(str(self.path), table)).to_pyarrow_table().to_pylist()
            found.append(sum(row[column] for row in rows if row["edition"] == 0))
        return found


@pytest.fixture
async def place(tmp_path):
    """The directory; its workers end with the test."""
    made = Place(tmp_path)
    yield made
    await made.runner.close()


async def test_days_then_a_draft(place):
    """What ended more than 26 hours ago is settled for good; the rest is a draft, which is made anew each time. A user's tables of telemetry are read too."""
    made = StatementRequest(statement=ddl(Name(("main", "default", "cc_otel_logs")), "logs"))
    await place.runner.statements.result(made, administrator("ada"))
    assert await place.settle() == 2
    known = read_settled(str(place.path))
    settled = place.sums()
    place.clock.now_s += 600

    assert known.days_until_us == (ns(80 * HOUR_S) // 1000 - 26 * HOUR_S * 10**6) // DAY_US * DAY_US
    assert settled == [sum(moment < known.days_until_us for moment in place.began_us)] * 2
    assert await place.settle() == 1
    assert abs(read_settled(str(place.path)).edition - known.edition - 600) <= 1
    assert place.sums() == settled


async def test_what_was_lost_is_settled_again(place):
    """A table that is gone, the file that is gone: everything is settled once more, and each row is there once."""
    await place.settle()
    settled = place.sums()
    shutil.rmtree(delta_table.table_path(str(place.path), PART_TABLES[-1]))
    await place.settle()
    assert place.sums() == settled
    os.unlink(place.path / "settled.json")
    await place.settle()
    assert place.sums() == settled


@pytest.mark.slow
async def test_views_say_the_same_before_and_after(tmp_path):
    """Over all rows; over settled days, a draft and whole sessions; and with rows of the table and the journal that came since."""
    now_s = (SystemClock().wall_ns() - ns(0)) / 1e9
    place = Place(tmp_path, now_s - 80 * HOUR_S)
    try:
        before = await place.ledger()
        await place.settle()
        settled = await place.ledger()
        place.append([exchange("r-6", now_s - 30, session_id="s-0"), exchange("r-7", now_s - 25, session_id="s-7")])
        place.journal(exchange("r-8", now_s - 20, session_id="s-2"))
        since = await place.ledger()
        known = read_settled(str(tmp_path))
        os.unlink(tmp_path / "settled.json")
        after = await place.ledger()
    finally:
        await place.runner.close()

    assert known.whole
    assert len(before["sessions"]) == 3
    assert settled == before
    assert len(since["sessions"]) == 4
    assert since != settled
    assert since == after


async def test_sessions_that_are_too_many_are_not_settled_whole(place, monkeypatch, caplog):
    """The log says so, and the draft holds without them."""
    monkeypatch.setattr("headgate.app.settling_process.whole_text", lambda *_: "SELECT nothing FROM nowhere")
    await place.settle()

    assert "could not be settled whole" in caplog.text
    assert read_settled(str(place.path)).edition
    assert not read_settled(str(place.path)).whole


async def test_an_empty_store_has_nothing_to_settle(tmp_path):
    """No table is made before there is a row."""
    runner = StatementRunner(DataDirectory(tmp_path), Settings(sql=Sql(workers=1, memory_mb=256)), SystemClock())
    try:
        assert await Settler(runner, str(tmp_path), SystemClock()).run() == 0
        assert not read_settled(str(tmp_path)).until_us
    finally:
        await runner.close()


async def test_days_stay_no_longer_than_the_rows_of_usage(place):
    """Days that were settled for good go with the rows that they were made of."""
    await place.settle()
    first_day = place.began_us[0] // DAY_US
    write_retention(str(place.path), StatedRetention(32))
    place.clock.now_s += (first_day + 33) * 86_400 - place.clock.wall_ns() / 1e9
    await place.settle()
    days = DeltaTable(delta_table.table_path(str(place.path), SESSIONS)).to_pyarrow_table(columns=["edition", "settled_day"]).to_pylist()

    assert min(row["settled_day"] for row in days if row["edition"] == 0).toordinal() - dt.date(1970, 1, 1).toordinal() > first_day
