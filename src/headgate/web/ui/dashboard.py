"""What a dashboard is, once its file was read: a title, the filters that apply, and tiles. Plain values; nothing is read or run here."""

from collections.abc import Mapping
from typing import Any

import msgspec

from headgate.web.ui.file_sections import FileProblem

FORMATS = ("usd", "count", "tokens", "percent", "ms", "s", "bytes", "number", "text", "time", "day")
FILTERS = ("range", "compare", "user", "group", "agent", "model", "provider", "endpoint", "tag", "status")
WIDTHS = 12


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One number. `before` is the column with the same number of the compared period; `up` says whether more is good; `series` is a column with an array
    for a sparkline; `note` a column with a text under the number.
    """

    title: str
    column: str
    format: str = "count"
    about: str = ""
    before: str = ""
    up: str = ""
    series: str = ""
    note: str = ""


class NumberCards(msgspec.Struct, frozen=True, tag="numbers"):
    """A row of cards; the tile's SQL gives one row."""

    cards: tuple[Card, ...]


class Ranks(msgspec.Struct, frozen=True, kw_only=True, tag="ranks"):
    """Names with bars, the largest first as the SQL orders them. `click` is the filter that a name adds, `link` a page instead."""

    name: str
    value: str
    format: str = "count"
    click: str = ""
    link: str = ""
    note: str = ""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a table. `link` is a path with `{column}` places; `click` the filter that the cell's value adds."""

    column: str
    title: str = ""
    format: str = ""
    link: str = ""
    click: str = ""


class TableView(msgspec.Struct, frozen=True, tag="table"):
    """Rows as they are."""

    columns: tuple[Column, ...]


class Chart(msgspec.Struct, frozen=True, tag="chart"):
    """A Vega-Lite specification without data."""

    spec: Mapping[str, Any]


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One tile. `formats` says how the values of a column are written, `click` which filter a mark's column adds, `brush` whether a drag zooms the range,
    `fill` whether a bucket without a row counts as 0. `own`: its rows are the reader's own, also where the reader may read those of everyone.
    """

    name: str
    title: str
    sql: str
    line: int
    view: Chart | NumberCards | Ranks | TableView
    about: str = ""
    width: int = WIDTHS
    height: int = 220
    formats: Mapping[str, str] = {}
    click: Mapping[str, str] = {}
    brush: bool = False
    fill: bool = False
    empty: str = ""
    own: bool = False

    @property
    def kind(self) -> str:
        """`chart`, `numbers`, `ranks` or `table`."""
        return {Chart: "chart", NumberCards: "numbers", Ranks: "ranks", TableView: "table"}[type(self.view)]


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    """One dashboard. `name` is that of its file."""

    name: str
    title: str
    tiles: tuple[Tile, ...]
    about: str = ""
    filters: tuple[str, ...] = FILTERS

    def tile(self, name: str) -> Tile | None:
        """The tile of this name."""
        return next((tile for tile in self.tiles if tile.name == name), None)

    @property
    def first_chart(self) -> Tile | None:
        """The first tile that is a chart: a page asks for it before all others."""
        return next((tile for tile in self.tiles if isinstance(tile.view, Chart)), None)


class DashboardFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read. With a problem it has no dashboard. `shipped` says that it is Headgate's own."""

    name: str
    path: str
    shipped: bool
    problems: tuple[FileProblem, ...] = ()
    dashboard: Dashboard | None = None
