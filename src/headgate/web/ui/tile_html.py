"""Numbers, rankings and tables of a tile as HTML, made by templates on the server: the same with and without scripts. Every value is escaped by the template."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec

from headgate.web.ui.cell_text import NUMERIC, number, written
from headgate.web.ui.dashboard import Card, Column, NumberCards, Ranks, TableView
from headgate.web.ui.filters import COMPARISONS, DEFAULT_COMPARISON, Filters
from headgate.web.ui.sparkline import Sparkline, sparkline
from headgate.web.ui.templating import render
from headgate.web.ui.tile_reading import TileRows

_PLACE = re.compile(r"\{(\w+)\}")
_NUMBER_TYPES = ("BIGINT", "INT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT", "DECIMAL")
_TIMES = {"TIMESTAMP": "time", "DATE": "day"}

Record = Mapping[str, object]


class Delta(msgspec.Struct, frozen=True):
    """The difference to the compared period: its text, the word for its direction, and whether it is good, bad or neither."""

    text: str
    direction: str
    verdict: str


class Shown(msgspec.Struct, frozen=True):
    """One card as it is shown."""

    card: Card
    text: str
    exact: str
    delta: Delta | None
    note: str
    spark: Sparkline | None


class Rank(msgspec.Struct, frozen=True):
    """One line of a ranking; `share` is the length of its bar in percent."""

    name: str
    text: str
    share: float
    href: str
    note: str


class Cell(msgspec.Struct, frozen=True):
    """One cell. `href` is empty where it links nowhere."""

    text: str
    href: str = ""
    number: bool = False


class Grid(msgspec.Struct, frozen=True):
    """A table ready to be shown: titles, with whether their columns are numbers, and rows of cells."""

    titles: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    truncated: bool = False


def tile_html(read: TileRows, path: str) -> str:
    """The inside of a tile that is no chart; empty for a chart and where there are no rows. `path` is the page that a click on a name filters."""
    records = list(read.rows.records())
    view = read.tile.view
    if not records or read.error:
        return ""
    match view:
        case NumberCards(cards):
            shown = [_card(card, records[0], read.filters) for card in cards]
            return render("tile_numbers.html", cards=shown, compared=_compared(read.filters))
        case Ranks():
            return render("tile_ranks.html", ranks=_ranks(view, records, read.filters, path))
        case TableView():
            return render("tile_grid.html", grid=grid(read, path))
        case _:
            return ""


def _compared(filters: Filters) -> str:
    """What the differences are to, in few words."""
    return f"previous {filters.range}" if filters.compare == DEFAULT_COMPARISON and filters.range else COMPARISONS[filters.compare]


def missing_columns(read: TileRows) -> list[str]:
    """The columns that the tile shows and its SQL does not give."""
    view = read.tile.view
    match view:
        case NumberCards(cards):
            wanted = [name for card in cards for name in (card.column, card.before, card.series, card.note)]
        case Ranks():
            wanted = [view.name, view.value, view.note]
        case TableView(columns):
            wanted = [column.column for column in columns]
        case _:
            wanted = []
    there = {column.name for column in read.rows.columns}
    return [name for name in dict.fromkeys(wanted) if name and name not in there]


def grid(read: TileRows, path: str) -> Grid:
    """The rows of any tile as a table: the columns that a table names, or all, in the order of the SQL."""
    kinds = {column.name: column.type_text for column in read.rows.columns}
    view = read.tile.view
    columns = view.columns if isinstance(view, TableView) else tuple(_plain_column(read, name) for name in kinds)
    columns = tuple(column for column in columns if column.column in kinds)
    titles = tuple((column.title or column.column, _is_number(column, kinds)) for column in columns)
    rows = tuple(tuple(_cell(column, record, kinds, read.filters, path) for column in columns) for record in read.rows.records())
    return Grid(titles, rows, read.rows.truncated)


def _plain_column(read: TileRows, name: str) -> Column:
    by_day = "day" if name == "bucket" and read.filters.bucket != "hour" else ""
    return Column(column=name, format=read.tile.formats.get(name, by_day), click=read.tile.click.get(name, ""))


def _is_number(column: Column, kinds: Mapping[str, str]) -> bool:
    return column.format in NUMERIC or (not column.format and kinds[column.column].startswith(_NUMBER_TYPES))


def _cell(column: Column, record: Record, kinds: Mapping[str, str], filters: Filters, path: str) -> Cell:
    value = record.get(column.column)
    how = column.format or _TIMES.get(kinds[column.column], "")
    href = _linked(column.link, record, filters) if column.link else _clicked(column.click, value, filters, path)
    return Cell(written(value, how), href, _is_number(column, kinds))


def _linked(pattern: str, record: Record, filters: Filters) -> str:
    """The address of a drill-down, with the filters; empty where a value that it needs is missing."""
    names = _PLACE.findall(pattern)
    if any(record.get(name) is None for name in names):
        return ""
    return filters.at(_PLACE.sub(lambda match: quote(str(record[match[1]]), safe=""), pattern))


def _clicked(name: str, value: object, filters: Filters, path: str) -> str:
    """The address of the page with one more filter; empty where none is added."""
    return filters.adding(name, value).at(path) if name and isinstance(value, str) and value else ""


def _card(card: Card, record: Record, filters: Filters) -> Shown:
    value = record.get(card.column)
    note = record.get(card.note) if card.note else None
    return Shown(
        card=card,
        text=written(value, card.format),
        exact=written(value),
        delta=_delta(card, number(value), number(record.get(card.before))) if card.before and filters.before else None,
        note="" if note is None else written(note),
        spark=sparkline(record.get(card.series), filters) if card.series else None,
    )


def _delta(card: Card, value: float | None, before: float | None) -> Delta | None:
    if value is None or before is None or (before == 0 and card.format != "percent"):
        return None
    if card.format == "percent":
        change, text = value - before, f"{abs(value - before) * 100:.1f} pt"
    else:
        change = (value - before) / abs(before)
        text = f"{abs(change) * 100:.0f}%" if abs(change) < 10 else f"×{value / before:.0f}"
    if abs(change) < (0.0005 if card.format == "percent" else 0.005):
        return Delta("no change", "", "")
    direction = "up" if change > 0 else "down"
    verdict = "" if not card.up else "good" if (card.up == "good") == (change > 0) else "bad"
    return Delta(text, direction, verdict)


def _ranks(view: Ranks, records: Sequence[Record], filters: Filters, path: str) -> list[Rank]:
    values = [number(record.get(view.value)) or 0.0 for record in records]
    most = max(*values, 0.0) if len(values) > 1 else values[0]
    shown = []
    for record, value in zip(records, values, strict=True):
        name = record.get(view.name)
        href = _linked(view.link, record, filters) if view.link else _clicked(view.click, name, filters, path)
        share = round(max(0.0, value) / most * 100, 2) if most > 0 else 0.0
        note = written(record.get(view.note)) if view.note and record.get(view.note) is not None else ""
        shown.append(Rank(written(name), written(record.get(view.value), view.format), share, href, note))
    return shown
