"""The queries that dashboards ask about everyone's rows."""

import datetime as dt

from headgate.web.ui.dashboard_folder import DashboardFolder
from headgate.web.ui.dashboard_queries import everyones_queries
from headgate.web.ui.dashboard_reading import read_dashboard
from headgate.web.ui.filters import read_filters
from headgate.web.ui.relations import RowScope, compose

NOW = dt.datetime(2026, 11, 29, 12, 34, tzinfo=dt.UTC)


def test_every_tile_is_among_them_over_every_range():
    """Whatever named range a page shows, its text is there; and each text once."""
    files = DashboardFolder("").shipped()
    found = {query.text: query for query in everyones_queries(files.values(), NOW)}
    assert len(found) == len(everyones_queries(files.values(), NOW))
    tiles = [tile for file in files.values() for tile in file.dashboard.tiles]
    for name in ("", "range=24h", "range=7d", "range=90d"):
        for tile in tiles:
            asked = compose(tile.sql, RowScope(filters=read_filters(name, NOW), everyone=True))
            assert tile.own or [one.name for one in found[asked.text].parameters] == [one.name for one in asked.parameters]


def test_the_default_range_comes_first():
    """It is the one that most pages show."""
    files = DashboardFolder("").shipped()
    tiles = [tile for file in files.values() for tile in file.dashboard.tiles if not tile.own]
    texts = [compose(tile.sql, RowScope(filters=read_filters("", NOW), everyone=True)).text for tile in tiles]
    assert [query.text for query in everyones_queries(files.values(), NOW)][: len(texts)] == texts


def test_a_file_that_cannot_be_read_has_none():
    """And the rows of a reader alone are not everyone's."""
    broken = read_dashboard("broken", "broken.yaml", "title: [")
    own = read_dashboard("own", "own.yaml", "title: A\ntiles: [{name: a, title: A, own: true, sql: SELECT 1 AS n, numbers: [{title: N, column: n}]}]")
    assert everyones_queries([broken, own], NOW) == ()
