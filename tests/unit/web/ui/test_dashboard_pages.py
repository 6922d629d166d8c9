"""The pages of dashboards before rows that a test gives: the list, one dashboard, and its tiles as JSON, files and tables."""

import json
import re

import pytest

from headgate.admin.page_queries import PageColumn, PageRows
from headgate.core.errors import BadRequest, NotFound
from headgate.web.ui.assets import asset
from headgate.web.ui.dashboard_folder import DashboardFolder
from headgate.web.ui.dashboard_pages import DashboardPages, dashboard_routes
from headgate.web.ui.fields import Fields
from headgate.web.ui.routes import PageRequest
from headgate.web.ui.tile_reading import TileReader
from tests.fakes.ports import FakeClock
from tests.fakes.principals import administrator, token_of, user

FILE = """\
title: Mine & yours
about: All <b>of</b> it.
tiles:
  - {name: chart, title: A chart, about: What it is., sql: "SELECT bucket, spend FROM usage", chart: {mark: bar, encoding: {x: {field: bucket}}}}
  - {name: cards, title: Cards, sql: SELECT 1 AS n, numbers: [{title: N, column: n, before: was, up: bad, series: line, note: words}]}
  - {name: ranks, title: Ranks, sql: SELECT 1, ranks: {name: who, value: n, click: user}, empty: Nobody yet.}
  - name: rows
    title: Rows
    sql: SELECT 1
    table: {columns: [{column: who, title: Who, click: user}, {column: n, link: "/sessions/{id}"}, {column: at}]}
"""
NASTY = "<img src=x onerror=alert(1)>"


class Queries:
    """Answers every query with the same rows, or with an error, and notes it."""

    def __init__(self) -> None:
        self.asked = []
        self.answer = PageRows(columns=(), values=[])

    async def rows(self, query, principal):
        self.asked.append((query, principal.name))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class House:
    """The pages over one folder."""

    def __init__(self, folder) -> None:
        self.queries = Queries()
        clock = FakeClock()
        clock.now_s = 1_796_048_430 - 1_800_000_000
        self.pages = DashboardPages(DashboardFolder(str(folder)), TileReader(self.queries, lambda group: (f"of {group}",)), clock)
        self.routes = {route.path: route.call for route in dashboard_routes(self.pages)}

    def rows(self, **columns) -> None:
        """The rows that queries give, by column: a type and values."""
        named = tuple(PageColumn(name, kind) for name, (kind, _) in columns.items())
        self.queries.answer = PageRows(columns=named, values=[values for _, values in columns.values()], took_ms=3.0)

    async def ask(self, path, query="", who=None, **parameters):
        """One request of a principal, an administrator if none is named."""
        token = token_of(who or administrator("root"))
        request = PageRequest(path="/dashboards/mine", url="http://x", token=token, parameters=parameters, query=Fields.parse(query))
        return await self.routes[path](request)

    async def tile(self, name, query="", who=None):
        """The JSON of a tile."""
        answer = await self.ask("/dashboards/{dashboard}/tiles/{tile}", query, who, dashboard="mine", tile=name)
        return json.loads(answer.body)


@pytest.fixture
def house(tmp_path):
    (tmp_path / "mine.yaml").write_text(FILE)
    return House(tmp_path)


async def test_the_list(house, tmp_path):
    """Every file with its title, or its errors by line; only an administrator sees paths of this machine."""
    (tmp_path / "broken.yaml").write_text("title: T\ntiles:\n- {name: a}\n")
    text = (await house.ask("/dashboards")).body.decode()
    assert "Mine &amp; yours" in text
    assert "All &lt;b&gt;of&lt;/b&gt; it." in text
    assert "line 3: A tile needs `sql`." in text
    assert str(tmp_path) in text
    assert '<a href="/">Overview</a>' in text
    member = (await house.ask("/dashboards", who=user("ada"))).body.decode()
    assert str(tmp_path) not in member
    assert '<a href="/dashboards/overview">Overview</a>' in member
    assert "broken.yaml" in member


async def test_one_dashboard(house):
    """The page has a place for each tile, with its filters kept in every address, and works without a script."""
    answer = await house.ask("/dashboards/{dashboard}", "range=7d&user=a%26b&range=x", dashboard="mine")
    text = answer.body.decode()
    assert 'data-tile="/dashboards/mine/tiles/chart?' in text
    assert "range=x is unknown" in text
    assert 'href="/dashboards/mine/tiles/chart/table?user=a%26b"' in text
    assert "style=" not in text
    assert "<script>" not in text
    assert house.queries.asked == []
    with pytest.raises(NotFound):
        await house.ask("/dashboards/{dashboard}", dashboard="none")


async def test_the_first_chart_is_asked_for_before_any_script_runs(house, tmp_path):
    """At the address that its script asks at, or a browser would ask twice. A page without a chart loads nothing to draw one."""
    text = (await house.ask("/dashboards/{dashboard}", "range=7d&user=a%26b", dashboard="mine")).body.decode()
    [asked] = re.findall(r'<link rel="preload" as="fetch" crossorigin href="([^"]+)">', text)
    assert f'id="tile-chart" data-tile="{asked}"' in text
    assert text.index(asked) < text.index('tiles.js"')
    loaded = re.findall(r'<link rel="modulepreload" href="/static/[0-9a-f]+/([a-z_.]+)">', text)
    imported = {name for script in ("tiles.js", *loaded) if script != "vega.js" for name in _imports(script)}
    assert set(loaded) == imported | {"vega.js"}
    (tmp_path / "mine.yaml").write_text("title: T\ntiles:\n- {name: a, title: A, sql: SELECT 1 AS n, numbers: [{title: N, column: n}]}\n")
    assert "preload" not in (await house.ask("/dashboards/{dashboard}", dashboard="mine")).body.decode()


def _imports(script):
    return re.findall(r'^import .*?"\./([a-z_.]+)";$', asset("", script, compressed=False).body.decode(), re.MULTILINE)


async def test_ours_are_pages_of_the_navigation(house):
    """For those who read all usage; a member finds them below the list, over their own rows."""
    page = await house.ask("/", "range=7d")
    assert "<title>Overview" in page.body.decode()
    moved = await house.ask("/dashboards/{dashboard}", "range=7d", dashboard="overview")
    assert (moved.status, dict(moved.headers)[b"location"]) == (303, b"/?range=7d")
    assert (await house.ask("/dashboards/{dashboard}", who=user("ada"), dashboard="overview")).status == 200


async def test_a_file_with_an_error_says_so(house, tmp_path):
    """Its page names the line."""
    (tmp_path / "mine.yaml").write_text("title: T\n")
    with pytest.raises(BadRequest, match="Line 1: A dashboard needs `tiles`"):
        await house.ask("/dashboards/{dashboard}", dashboard="mine")


async def test_a_chart(house):
    """Its rows, the specification and the range; the statement is asked by who looks."""
    house.rows(bucket=("TIMESTAMP", ["2026-11-29T00:00:00.000Z"]), spend=("DECIMAL(38,12)", [1.5]))
    tile = await house.tile("chart", "group=g&range=24h")
    assert tile["rows"] == [["2026-11-29T00:00:00.000Z", 1.5]]
    assert tile["columns"] == [{"name": "bucket", "type": "TIMESTAMP"}, {"name": "spend", "type": "DECIMAL(38,12)"}]
    assert (tile["chart"]["mark"], tile["html"], tile["error"], tile["count"], tile["took_ms"]) == ("bar", "", None, 1, 3.0)
    assert tile["range"] == {"from": "2026-11-29T15:00:00Z", "to": "2026-11-30T14:21:00Z", "bucket": "hour"}
    assert tile["parameters"]["member_1"] == "of g"
    assert "requester IN ('of g')" in tile["sql"]
    query, who = house.queries.asked[0]
    assert who == "root"
    assert "FROM system.ai_gateway.usage" in query.text


async def test_a_member_sees_their_own(house):
    """The same tile reads the views of their own rows."""
    await house.tile("chart", who=user("ada"))
    assert "FROM system.ai_gateway.my_usage" in house.queries.asked[0][0].text


async def test_numbers(house):
    """The value, the difference to the compared period, a line and a note, all escaped."""
    line = [{"bucket": "2026-11-01T00:00:00Z", "n": 1}, {"bucket": "2026-11-02T00:00:00Z", "n": 3}]
    house.rows(n=("BIGINT", [150]), was=("BIGINT", [100]), line=("ARRAY<STRUCT<bucket: TIMESTAMP, n: BIGINT>>", [line]), words=("STRING", [NASTY]))
    html = (await house.tile("cards"))["html"]
    assert '<b class="big" title="150">150</b>' in html
    assert '<span class="delta bad"><span aria-hidden="true">▲</span>' in html
    assert "50%" in html
    assert "<polyline" in html
    assert NASTY not in html
    assert "&lt;img" in html
    assert "delta" not in (await house.tile("cards", "compare=none"))["html"]


async def test_ranks_and_tables(house):
    """Names add a filter, links keep them, and nothing of a row is markup."""
    house.rows(
        who=("STRING", [NASTY, "b", None]),
        n=("BIGINT", [4, 2, 1]),
        id=("STRING", ["a/b", None, "c"]),
        at=("TIMESTAMP", ["2026-11-01T10:00:00Z", None, None]),
    )
    ranks = (await house.tile("ranks", "model=m"))["html"]
    assert NASTY not in ranks
    assert 'width="50.0%"' in ranks
    assert 'href="/dashboards/mine?user=b&amp;model=m"' in ranks
    rows = (await house.tile("rows", "model=m"))["html"]
    assert 'href="/sessions/a%2Fb?model=m"' in rows
    assert "2026-11-01 10:00" in rows
    assert NASTY not in rows
    assert '<td class="number">2</td>' in rows  # no id, no link


async def test_errors_and_empty_tiles(house):
    """A refused statement, a column that is missing, and no rows: each is in the tile."""
    house.queries.answer = BadRequest("[TABLE_OR_VIEW_NOT_FOUND] x", code="TABLE_OR_VIEW_NOT_FOUND")
    assert (await house.tile("rows"))["error"] == "[TABLE_OR_VIEW_NOT_FOUND] x"
    house.rows(n=("BIGINT", [1]))
    assert (await house.tile("ranks"))["error"] == "The SQL gives no column who, which the tile shows."
    house.rows(who=("STRING", []), n=("BIGINT", []))
    empty = await house.tile("ranks")
    assert (empty["count"], empty["html"], empty["empty"]) == (0, "", "Nobody yet.")


async def test_files(house):
    """CSV without formulas, JSON with names, and the way to the SQL page."""
    house.rows(who=("STRING", ["=1+1", "a,b", "@x", "-y", "+z", "\tt", None]), n=("BIGINT", [-1, 2, 3, 4, 5, 6, 7]))
    path = "/dashboards/{dashboard}/tiles/{tile}"
    csv = await house.ask(path, "as=csv", dashboard="mine", tile="rows")
    assert csv.body.decode() == "who,n\r\n'=1+1,-1\r\n\"a,b\",2\r\n'@x,3\r\n'-y,4\r\n'+z,5\r\n'\tt,6\r\n,7\r\n"
    assert (b"content-disposition", b'attachment; filename="headgate-mine-rows.csv"') in csv.headers
    assert house.queries.asked[-1][0].row_limit == 100_000
    made = await house.ask(path, "as=json", dashboard="mine", tile="rows")
    assert json.loads(made.body)[0] == {"who": "=1+1", "n": -1}
    to_sql = await house.ask(path, "as=sql", dashboard="mine", tile="chart")
    (location,) = [value for name, value in to_sql.headers if name == b"location"]
    assert to_sql.status == 303
    assert location.startswith(b"/sql?text=WITH+usage+AS+")
    house.queries.answer = BadRequest("no")
    with pytest.raises(BadRequest):
        await house.ask(path, "as=csv", dashboard="mine", tile="rows")
    with pytest.raises(NotFound, match="It has chart, cards, ranks, rows"):
        await house.ask(path, dashboard="mine", tile="none")


async def test_values_of_a_filter(house):
    """Those of the range, of one's own rows; another name has none."""
    house.rows(value=("STRING", ["a", NASTY]), n=("BIGINT", [2, 1]))
    answer = await house.ask("/filters/{name}", "agent=codex", user("ada"), name="model")
    assert json.loads(answer.body) == ["a", NASTY]
    text = house.queries.asked[0][0].text
    assert "FROM system.ai_gateway.my_usage" in text
    assert "'unknown') IN (:agent_1)" in text
    with pytest.raises(NotFound):
        await house.ask("/filters/{name}", name="tag")


async def test_a_tile_as_a_table(house):
    """Rows of any tile, also of a chart, with the statement; without a script."""
    house.rows(bucket=("TIMESTAMP", ["2026-11-29T00:00:00.000Z"]), spend=("DECIMAL(38,12)", [1.5]))
    path = "/dashboards/{dashboard}/tiles/{tile}/table"
    text = (await house.ask(path, "range=7d", dashboard="mine", tile="chart")).body.decode()
    assert "<td>2026-11-29</td>" in text
    assert '<td class="number">1.5</td>' in text
    assert "FROM system.ai_gateway.usage" in text
    house.rows()
    assert "Nobody yet." in (await house.ask(path, dashboard="mine", tile="ranks")).body.decode()
    house.queries.answer = BadRequest("It is wrong.")
    assert "It is wrong." in (await house.ask(path, dashboard="mine", tile="ranks")).body.decode()
