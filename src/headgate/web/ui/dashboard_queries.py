"""The queries that dashboards ask about everyone's rows, so that they can be compiled before a page asks them. Nothing is run here."""

import datetime as dt
from collections.abc import Iterable

from headgate.admin.page_queries import PageQuery
from headgate.web.ui.dashboard import DashboardFile
from headgate.web.ui.filters import DEFAULT_RANGE, RANGES, read_filters
from headgate.web.ui.relations import RowScope, compose


def everyones_queries(files: Iterable[DashboardFile], now: dt.datetime) -> tuple[PageQuery, ...]:
    """What the tiles ask over each named range without filters, those of the default range first. Each text comes once: others differ in values alone."""
    dashboards = [file.dashboard for file in files if file.dashboard is not None]
    found: dict[str, PageQuery] = {}
    for name in (DEFAULT_RANGE, *RANGES):
        scope = RowScope(filters=read_filters(f"range={name}", now), everyone=True)
        for tile in (tile for dashboard in dashboards for tile in dashboard.tiles if not tile.own):
            composed = compose(tile.sql, scope)
            found.setdefault(composed.text, PageQuery(text=composed.text, parameters=composed.parameters))
    return tuple(found.values())
