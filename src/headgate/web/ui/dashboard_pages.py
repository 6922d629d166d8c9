"""The pages of dashboards: the list, one dashboard, and each of its tiles as JSON, as a file and as a table. They read through `TileReader` alone."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlencode

import msgspec

from headgate.admin.page_queries import PAGE_ROWS_MAX
from headgate.core.clock import Clock
from headgate.core.errors import BadRequest, NotFound
from headgate.core.principal import Principal
from headgate.core.scopes import ANY, VIEWER
from headgate.web.ui.answers import PageAnswer, json_answer, redirect
from headgate.web.ui.dashboard import Chart, Dashboard, TableView, Tile
from headgate.web.ui.dashboard_folder import DashboardFolder
from headgate.web.ui.filters import Filters, read_filters
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.row_files import csv_file, json_file
from headgate.web.ui.tile_html import grid, missing_columns, tile_html
from headgate.web.ui.tile_reading import TileReader, TileRows

# Where Headgate's own dashboards are in the navigation, and who may open them. All else is below /dashboards.
PLACES = {
    "overview": ("/", VIEWER),
    "agents": ("/agents", VIEWER),
    "people": ("/people", VIEWER),
    "cost": ("/cost", VIEWER),
    "performance": ("/performance", VIEWER),
    "productivity": ("/productivity", VIEWER),
    "coverage": ("/coverage", VIEWER),
    "cache": ("/cache", VIEWER),
    "me": ("/me", ANY),
}

SUGGESTED = ("user", "agent", "model", "provider", "endpoint")

_EMPTY = "There is nothing in this range with these filters.\nThe first request of an agent fills it: see Connect an agent."
_EXAMPLE = """\
title: Who asks what
tiles:
  - name: models
    title: Requests by model
    sql: SELECT bucket, model, count(*) AS requests FROM usage GROUP BY ALL ORDER BY bucket
    chart:
      mark: bar
      encoding:
        x: {field: bucket, type: temporal}
        y: {field: requests, type: quantitative}
        color: {field: model}
"""


class DashboardPages(msgspec.Struct, frozen=True):
    """What makes the pages."""

    folder: DashboardFolder
    reader: TileReader
    clock: Clock

    async def listed(self, request: PageRequest) -> PageAnswer:
        """Every dashboard, with the errors of its file. Only an administrator sees paths of this machine."""
        own = await asyncio.to_thread(self.folder.own)
        shipped = await asyncio.to_thread(self.folder.shipped)
        folder = self.folder.folder if request.principal.is_administrator else "dashboards/"
        files = [
            file if request.principal.is_administrator else msgspec.structs.replace(file, path=file.path.rpartition("/")[2]) for file in own.values()
        ]
        return request.framed(
            "dashboards.html",
            "Dashboards",
            own=files,
            shipped=list(shipped.values()),
            folder=folder,
            example=_EXAMPLE,
            page_of=lambda name: page_of(name, request.principal),
        )

    async def one(self, request: PageRequest) -> PageAnswer:
        """One dashboard. A shipped one that is a page of the navigation is shown there, to a principal who may open that page."""
        name = request.parameters["dashboard"]
        place = page_of(name, request.principal)
        if place != f"/dashboards/{name}":
            return redirect(self.filters(request).at(place))
        return await self.page(request, name)

    async def page(self, request: PageRequest, name: str) -> PageAnswer:
        """The page of a dashboard, wherever it is served."""
        dashboard = await self.dashboard(name)
        return request.framed("dashboard.html", dashboard.title, dashboard=dashboard, filters=self.filters(request))

    async def tile(self, request: PageRequest) -> PageAnswer:
        """One tile: JSON for the script, a file to download, or the way to the SQL page."""
        dashboard, tile = await self._tile(request)
        filters, form = self.filters(request), request.query.get("as", "")
        if form in {"csv", "json"}:
            read = await self.reader.read(tile, filters, request.principal, PAGE_ROWS_MAX)
            if read.error:
                raise BadRequest(read.error)
            make = csv_file if form == "csv" else json_file
            return make(f"headgate-{dashboard.name}-{tile.name}", [column.name for column in read.rows.columns], read.rows.rows())
        if form == "sql":
            return redirect(sql_page(self.reader.composed(tile, filters, request.principal).sql))
        read = await self.reader.read(tile, filters, request.principal)
        return json_answer(
            tile_value(read, page_of(dashboard.name, request.principal)),
            extra=[(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")],
        )

    async def values(self, request: PageRequest) -> PageAnswer:
        """The values that one filter may have: those of the range, the most frequent first, to choose from while typing."""
        name = request.parameters["name"]
        if name not in SUGGESTED:
            raise NotFound(f"There are values of {', '.join(SUGGESTED)}.")
        sql = f"SELECT {name} AS value, sum(requests) AS n FROM usage_hours WHERE {name} IS NOT NULL GROUP BY ALL ORDER BY n DESC LIMIT 200"  # ruff: ignore[hardcoded-sql-expression] - one of our own words
        tile = Tile(name="values", title="", sql=sql, line=0, view=TableView(()))
        read = await self.reader.read(tile, self.filters(request), request.principal)
        return json_answer([record["value"] for record in read.rows.records()], extra=[(b"cache-control", b"no-store")])

    async def table(self, request: PageRequest) -> PageAnswer:
        """One tile as a table, with its SQL."""
        dashboard, tile = await self._tile(request)
        read = await self.reader.read(tile, self.filters(request), request.principal)
        back = page_of(dashboard.name, request.principal)
        return request.framed(
            "tile_table.html",
            tile.title,
            dashboard=dashboard,
            tile=tile,
            filters=read.filters,
            grid=grid(read, back),
            error=read.error,
            sql=read.sql,
            took_ms=read.rows.took_ms,
            empty=tile.empty or _EMPTY,
            back=back,
            tile_path=f"/dashboards/{dashboard.name}/tiles/{tile.name}",
        )

    def filters(self, request: PageRequest) -> Filters:
        """The filters of a request, as of now."""
        return read_filters(
            ((name, value) for name in request.query for value in request.query.all(name)),
            dt.datetime.fromtimestamp(self.clock.wall_ns() / 1e9, dt.UTC),
        )

    async def _tile(self, request: PageRequest) -> tuple[Dashboard, Tile]:
        dashboard = await self.dashboard(request.parameters["dashboard"])
        tile = dashboard.tile(request.parameters["tile"])
        if tile is None:
            raise NotFound(f"The dashboard {dashboard.name} has no tile of this name. It has {', '.join(each.name for each in dashboard.tiles)}.")
        return dashboard, tile

    async def dashboard(self, name: str) -> Dashboard:
        """The dashboard of a name. Raises NotFound, or BadRequest where its file has an error."""
        file = await asyncio.to_thread(self.folder.find, name)
        if file is None:
            raise NotFound("There is no dashboard of this name. /dashboards lists all.")
        if file.dashboard is None:
            problems = " ".join(f"Line {problem.line}: {problem.text}" for problem in file.problems)
            raise BadRequest(f"The file of the dashboard {file.name} has an error. {problems}")
        return file.dashboard


def tile_value(read: TileRows, path: str) -> dict[str, object]:
    """What the script is given of a tile: rows for a chart, HTML for anything else."""
    tile, filters = read.tile, read.filters
    missing = missing_columns(read) if len(read.rows) else []
    error = read.error or (f"The SQL gives no column {' and no column '.join(missing)}, which the tile shows." if missing else "")
    chart = isinstance(tile.view, Chart)
    return {
        "columns": [{"name": column.name, "type": column.type_text} for column in read.rows.columns],
        "rows": list(read.rows.rows()) if chart else [],
        "html": "" if chart or error else tile_html(read, path),
        "sql": read.sql,
        "parameters": {parameter.name: parameter.value for parameter in read.composed.parameters},
        "took_ms": read.rows.took_ms,
        "waited_ms": read.rows.waited_ms,
        "truncated": read.rows.truncated,
        "error": error or None,
        "empty": tile.empty or _EMPTY,
        "count": len(read.rows),
        "chart": tile.view.spec if isinstance(tile.view, Chart) else None,
        "height": tile.height,
        "formats": dict(tile.formats),
        "click": dict(tile.click),
        "brush": tile.brush,
        "fill": tile.fill,
        "range": {"from": filters.start, "to": filters.end, "bucket": filters.bucket},
    }


def page_of(dashboard: str, principal: Principal) -> str:
    """The address of a dashboard for this principal: its place in the navigation, if the principal may open that."""
    path, access = PLACES.get(dashboard, ("", ANY))
    return path if path and (access == ANY or principal.reads_all_usage) else f"/dashboards/{dashboard}"


def sql_page(text: str) -> str:
    """The address of the SQL page with a statement in its editor."""
    return f"/sql?{urlencode({'text': text})}"


def dashboard_routes(pages: DashboardPages) -> tuple[PageRoute, ...]:
    """The routes. Rows are those that the principal may read, so every signed-in principal may look. The page of cost has a module of its own."""
    calls: tuple[tuple[str, Callable[[PageRequest], Awaitable[PageAnswer]]], ...] = (
        ("/dashboards", pages.listed),
        ("/dashboards/{dashboard}", pages.one),
        ("/filters/{name}", pages.values),
        ("/dashboards/{dashboard}/tiles/{tile}", pages.tile),
        ("/dashboards/{dashboard}/tiles/{tile}/table", pages.table),
    )
    placed = (PageRoute("GET", path, access, partial(_placed, pages, name)) for name, (path, access) in PLACES.items() if name != "cost")
    return (*(PageRoute("GET", path, ANY, call) for path, call in calls), *placed)


async def _placed(pages: DashboardPages, name: str, request: PageRequest) -> PageAnswer:
    return await pages.page(request, name)
