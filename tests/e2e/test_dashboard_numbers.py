"""The numbers of shipped dashboards over the demo's month, counted a second time from the raw rows: no SQL of a tile is used for that.

A module `second_count_…` has a function for each tile of a dashboard, `-` in its name as `_`.
"""

import csv
import datetime as dt
import io
import json
import re
import time
from decimal import ROUND_HALF_UP, Decimal

import pytest

from headgate.app.demo_month.cast import PEOPLE
from headgate.web.ui.dashboard_folder import DashboardFolder
from tests.e2e import (
    second_count_agents,
    second_count_cache,
    second_count_cost,
    second_count_coverage,
    second_count_me,
    second_count_overview,
    second_count_people,
    second_count_performance,
    second_count_productivity,
)
from tests.e2e.filled_demo import filled_demo
from tests.e2e.lab import headgate
from tests.e2e.ledger_rows import LedgerRows
from tests.e2e.second_count import Month, differences, total
from tests.e2e.visitor import Visitor, shown_text

COUNTED = {
    "overview": second_count_overview,
    "agents": second_count_agents,
    "people": second_count_people,
    "cost": second_count_cost,
    "performance": second_count_performance,
    "cache": second_count_cache,
    "productivity": second_count_productivity,
    "coverage": second_count_coverage,
}
EMPTY = {("cost", "not-charged"), ("people", "new")}  # the demo has no such row
TILES = [(name, tile.name) for name in COUNTED for tile in DashboardFolder("").shipped()[name].dashboard.tiles]
_TODAY = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
# Whole days that are over, so that a chart by day has them whole.
START, END = _TODAY - dt.timedelta(days=20), _TODAY
RANGE = f"from={START:%Y-%m-%d}&to={END - dt.timedelta(days=1):%Y-%m-%d}"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with the demo's month, which stays as it is."""
    with filled_demo(tmp_path_factory.mktemp("demo"), live=False) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def administrator(demo):
    """An administrator who looks."""
    return Visitor(demo)


@pytest.fixture(scope="module")
def month(demo):
    """The raw rows."""
    deadline = time.monotonic() + 60
    while len((found := Month(demo.data, START, END)).everything) < 15_000:  # what the journal has is flushed a moment later
        assert time.monotonic() < deadline, "the table does not fill"
        time.sleep(0.2)
    found.ledger = LedgerRows(demo.data, START, END)
    return found


@pytest.mark.parametrize(("dashboard", "tile"), TILES)
def test_a_tile_shows_what_the_rows_say(administrator, month, dashboard, tile):
    """Row by row, to the last digit; percentiles within two percent of their rank."""
    shown = json.loads(administrator.page(f"/dashboards/{dashboard}/tiles/{tile}?{RANGE}&as=json"))
    counted = getattr(COUNTED[dashboard], tile.replace("-", "_"))(month)
    assert bool(counted) != ((dashboard, tile) in EMPTY)
    assert differences(shown, counted) == []


def test_a_person_sees_what_their_own_rows_say(demo, month):
    """Each tile of the page of one's own usage, for the people with the most and the fewest refusals."""
    refusals = {person.name: sum(row["ended"] == "refused" for row in month.rows if row["user"] == person.name) for person in PEOPLE}
    for name in (max(refusals, key=refusals.__getitem__), min(refusals, key=refusals.__getitem__)):
        visitor, own = Visitor(demo, name), second_count_me.OwnMonth(month, name)
        assert own.rows
        for tile in DashboardFolder("").shipped()["me"].dashboard.tiles:
            shown = json.loads(visitor.page(f"/dashboards/me/tiles/{tile.name}?{RANGE}&as=json"))
            counted = getattr(second_count_me, tile.name)(own)
            assert differences(shown, counted) == [], tile.name


@pytest.mark.parametrize("group", ["", "web"])
def test_a_statement_adds_up(administrator, month, group):
    """Lines in cents make the total, the total is that of the raw rows, and so is the sum of the CSV to the last digit."""
    members = {person.name for person in PEOPLE if group in {"", person.group}}
    at = month.rows[-1]["event_time"]
    address = f"/cost/statement?month={at:%Y-%m}&group={group}"
    text, file = shown_text(administrator.page(address)), administrator.page(f"{address}&as=csv")
    rows = [row for row in month.everything if (row["event_time"].year, row["event_time"].month) == (at.year, at.month) and row["user"] in members]
    exact = total(rows, "spend")
    assert f"The exact total is ${exact:f}" in text
    assert f"{len(rows):,} requests" in text
    lines = list(csv.DictReader(io.StringIO(file)))
    assert sum((Decimal(line["charge_usd"]) for line in lines), Decimal(0)) == exact
    assert sum(int(line["requests"]) for line in lines) == len(rows)
    assert sum(int(line["output_tokens"] or 0) for line in lines) == (total(rows, "output_tokens") or 0)
    by_user = re.findall(r"\$([\d.,]+)", text.partition("By user")[2].partition("By model")[0])
    amounts = [Decimal(amount.replace(",", "")) for amount in by_user]
    assert sum(amounts[:-1]) == amounts[-1] == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_who_may_look(demo):
    """A viewer sees budgets, what-if and statement; a member none of them."""
    viewer, member = PEOPLE[0].name, PEOPLE[1].name
    headgate("role", "give", "viewer", viewer, "--data", demo.data)
    seen, refused = Visitor(demo, viewer), Visitor(demo, member)
    budgets = shown_text(seen.page("/cost"))
    assert "Budgets now" in budgets
    assert "team web, month" in budgets
    what_if = "/cost/what-if?instead=demo-anthropic/claude-haiku-4-5"
    assert any("Would have cost" in seen.page(what_if) for _ in range(5))  # a busy machine looks prices up slowly
    assert "The exact total is" in seen.page("/cost/statement")
    for path in ("/cost", "/performance", "/cache", "/cost/what-if", "/cost/statement", "/cost/statement?as=csv"):
        assert refused.get(path)[0] == 403
