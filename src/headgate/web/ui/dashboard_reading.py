"""Reads a dashboard's file: YAML to a `Dashboard`, or to problems with their lines. Pure: the text is given, no SQL is run."""

from collections.abc import Callable

import msgspec
import yaml

from headgate.web.ui import relations
from headgate.web.ui.chart_spec import check_chart
from headgate.web.ui.dashboard import FILTERS, FORMATS, WIDTHS, Card, Chart, Column, Dashboard, DashboardFile, NumberCards, Ranks, TableView, Tile
from headgate.web.ui.file_sections import FileProblems, FileSection, compose, line_of, plain
from headgate.web.ui.filters import VALUES
from headgate.web.ui.sql_words import read_words

_DASHBOARD = ("title", "about", "filters", "rows", "tiles")
_KINDS = ("chart", "numbers", "ranks", "table")
_TILE = ("name", "title", "about", "width", "height", "sql", *_KINDS, "formats", "click", "brush", "fill", "empty")
_CARD = ("title", "column", "format", "about", "before", "up", "series", "note")
_RANKS = ("name", "value", "format", "click", "link", "note")
_COLUMN = ("column", "title", "format", "link", "click")
_TILES_MAX = 60
_BYTES_MAX = 256 << 10


def read_dashboard(name: str, path: str, text: str, *, shipped: bool = False) -> DashboardFile:
    """The dashboard that a file describes, or what is wrong with it."""
    problems = FileProblems()
    dashboard = None
    if len(text.encode()) > _BYTES_MAX:
        problems.note(1, f"The file is larger than {_BYTES_MAX >> 10} KB.")
    elif (root := compose(text, problems)) is not None:
        dashboard = _Reader(problems).dashboard(name, root)
    found = problems.sorted()
    return DashboardFile(name=name, path=path, shipped=shipped, problems=found, dashboard=None if found else dashboard)


class _Reader:
    """Reads one file, noting problems as it goes."""

    def __init__(self, problems: FileProblems) -> None:
        self._problems = problems

    def dashboard(self, name: str, root: yaml.Node) -> Dashboard:
        """The whole file."""
        section = FileSection(root, "a dashboard", _DASHBOARD, self._problems)
        own = section.choice("rows", ("all", "own")) == "own"
        tiles = [self._tile(node) for node in section.items("tiles")]
        if not tiles:
            self._problems.note(section.at("tiles"), "A dashboard needs `tiles`, at least one.")
        elif len(tiles) > _TILES_MAX:
            self._problems.note(section.at("tiles"), f"A dashboard has at most {_TILES_MAX} tiles.")
        seen: set[str] = set()
        for tile in tiles:
            if tile.name in seen:
                self._problems.note(tile.line, f"Two tiles have the name `{tile.name}`.")
            seen.add(tile.name)
        return Dashboard(
            name=name,
            title=section.text("title", None),
            about=section.text("about"),
            filters=section.choices("filters", FILTERS, FILTERS),
            tiles=tuple(msgspec.structs.replace(tile, own=own) for tile in tiles),
        )

    def _tile(self, node: yaml.Node) -> Tile:
        section = FileSection(node, "a tile", _TILE, self._problems)
        name = section.text("name", None)
        if name and not all(character.isascii() and (character.islower() or character.isdigit() or character in "-_") for character in name):
            self._problems.note(section.at("name"), "`name` is part of an address: small letters, digits, - and _.")
        click = {column: self._filter(filter_name, at) for column, filter_name, at in section.pairs("click")}
        formats = {column: self._format(value, at) for column, value, at in section.pairs("formats")}
        return Tile(
            name=name,
            title=section.text("title", None),
            about=section.text("about"),
            width=section.number("width", WIDTHS, 1, WIDTHS),
            height=section.number("height", 220, 40, 1200),
            sql=self._sql(section),
            line=section.line,
            view=self._view(section),
            formats=formats,
            click=click,
            brush=section.choice("brush", ("time",)) == "time",
            fill=section.choice("fill", ("zero",)) == "zero",
            empty=section.text("empty"),
        )

    def _sql(self, section: FileSection) -> str:
        sql = section.text("sql", None)
        if not sql:
            return ""
        node = section.at("sql")
        first = line_of(node) + (1 if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"} else 0)
        words = read_words(sql)
        if words.error:
            self._problems.note(first + words.error_line, words.error)
        for name in relations.unknown_parameters(words):
            known = ", ".join(f":{each}" for each in relations.PARAMETERS)
            self._problems.note(node, f"The SQL names the parameter `:{name}`, which has no value. A tile has {known}; filters are in the relations.")
        return sql

    def _view(self, section: FileSection) -> Chart | NumberCards | Ranks | TableView:
        kinds = [kind for kind in _KINDS if kind in section]
        if len(kinds) != 1:
            self._problems.note(section.node, f"A tile has exactly one of {', '.join(_KINDS)}; this one has {' and '.join(kinds) or 'none'}.")
            return TableView(())
        make: dict[str, Callable[[FileSection], Chart | NumberCards | Ranks | TableView]] = {
            "chart": self._chart,
            "numbers": self._numbers,
            "ranks": self._ranks,
            "table": self._table,
        }
        return make[kinds[0]](section)

    def _chart(self, section: FileSection) -> Chart:
        node = section.at("chart")
        check_chart(node, self._problems)
        spec = plain(node, self._problems)
        return Chart(spec if isinstance(spec, dict) else {})

    def _numbers(self, section: FileSection) -> NumberCards:
        cards = [self._card(FileSection(node, "a card of `numbers`", _CARD, self._problems)) for node in section.items("numbers")]
        if not cards:
            self._problems.note(section.at("numbers"), "`numbers` lists cards, such as `- {title: Spend, column: spend, format: usd}`.")
        return NumberCards(tuple(cards))

    def _card(self, section: FileSection) -> Card:
        return Card(
            title=section.text("title", None),
            column=section.text("column", None),
            format=section.choice("format", FORMATS, "count"),
            about=section.text("about"),
            before=section.text("before"),
            up=section.choice("up", ("good", "bad")),
            series=section.text("series"),
            note=section.text("note"),
        )

    def _ranks(self, section: FileSection) -> Ranks:
        inner = FileSection(section.at("ranks"), "`ranks`", _RANKS, self._problems)
        return Ranks(
            name=inner.text("name", None),
            value=inner.text("value", None),
            format=inner.choice("format", FORMATS, "count"),
            click=inner.choice("click", VALUES),
            link=self._link(inner),
            note=inner.text("note"),
        )

    def _table(self, section: FileSection) -> TableView:
        inner = FileSection(section.at("table"), "`table`", ("columns",), self._problems)
        columns = [self._column(FileSection(node, "a column of `table`", _COLUMN, self._problems)) for node in inner.items("columns")]
        if not columns:
            self._problems.note(section.at("table"), "`table` needs `columns`, such as `- {column: model, title: Model}`.")
        return TableView(tuple(columns))

    def _column(self, section: FileSection) -> Column:
        return Column(
            column=section.text("column", None),
            title=section.text("title"),
            format=section.choice("format", FORMATS),
            link=self._link(section),
            click=section.choice("click", VALUES),
        )

    def _link(self, section: FileSection) -> str:
        link = section.text("link")
        if link and (not link.startswith("/") or link.startswith("//") or "\\" in link):
            self._problems.note(section.at("link"), "`link` is a path of Headgate such as `/sessions/{session_id}`.")
        return link

    def _filter(self, name: str, node: yaml.Node) -> str:
        if name not in VALUES:
            self._problems.note(node, f"`click` gives a column the filter that it adds: {', '.join(VALUES)}; `{name[:64]}` is none.")
        return name

    def _format(self, name: str, node: yaml.Node) -> str:
        if name not in FORMATS:
            self._problems.note(node, f"`formats` gives a column one of {', '.join(FORMATS)}; `{name[:64]}` is none.")
        return name
