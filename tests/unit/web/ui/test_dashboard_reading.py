"""A dashboard's file: what it becomes, and that each mistake is named with its line and what is right."""

import textwrap

import pytest

from headgate.web.ui.dashboard import Chart, NumberCards, Ranks, TableView
from headgate.web.ui.dashboard_folder import DashboardFolder
from headgate.web.ui.dashboard_reading import read_dashboard
from tests.e2e.documented import blocks


def problems(text: str) -> list[tuple[int, str]]:
    """What is wrong with a file."""
    file = read_dashboard("x", "x.yaml", textwrap.dedent(text))
    assert (file.dashboard is None) is bool(file.problems)
    return [(problem.line, problem.text) for problem in file.problems]


def tile(rest: str) -> str:
    """A file with one tile that has these keys."""
    return "title: T\ntiles:\n- name: a\n  title: A\n" + textwrap.indent(textwrap.dedent(rest), "  ")


def test_the_documented_example():
    """It is read without a problem, and has one tile of each kind."""
    (example,) = [block for block in blocks("docs/dashboards.md") if block.language == "yaml"]
    file = read_dashboard("teams", "teams.yaml", example.text)
    assert file.problems == ()
    dashboard = file.dashboard
    assert (dashboard.title, dashboard.filters) == ("Teams", ("range", "compare", "agent", "model", "tag"))
    assert [type(each.view) for each in dashboard.tiles] == [NumberCards, Chart, Ranks, TableView]
    spend = dashboard.tile("spend")
    assert (spend.kind, spend.width, spend.height, spend.brush, spend.fill, spend.formats) == ("chart", 8, 240, True, False, {"spend": "usd"})
    assert spend.view.spec["encoding"]["color"] == {"field": "team"}
    assert dashboard.tile("models").view == Ranks(name="model", value="spend", format="usd", click="model")
    assert dashboard.tile("none") is None


def test_every_shipped_dashboard_is_right():
    """Headgate's own files have no problem."""
    shipped = DashboardFolder("").shipped()
    assert shipped
    assert {name: file.problems for name, file in shipped.items() if file.problems} == {}


CHART = "sql: SELECT 1 AS a\nchart: {mark: bar}\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "The file is empty. It needs a title and tiles."),
        ("title: }", 1, "This is not YAML"),
        ("title: T\ntiles: &a [*a]", 2, "Anchors and aliases (& and *) are not supported here: write the part again."),
        ("- a", 1, "A dashboard is a mapping of keys and values"),
        ("titel: T\n" + tile(CHART), 1, "A dashboard has no key `titel`. Did you mean 'title'?"),
        ("title: T", 1, "A dashboard needs `tiles`, at least one."),
        ("title: T\ntiles: a", 2, "`tiles` is a list: each entry begins with a dash."),
        ("filters: [users]\n" + tile(CHART), 1, "`users` is none of them. Did you mean 'user'?"),
        (tile(CHART) + "- name: a\n  title: B\n  sql: SELECT 1\n  chart: {mark: bar}\n", 7, "Two tiles have the name `a`."),
        (tile(CHART + "with: 3"), 7, "A tile has no key `with`. Did you mean 'width'?"),
        (tile(CHART + "width: 13"), 7, "`width` is a whole number from 1 to 12."),
        (tile(CHART + "title: B"), 7, "`title` is given twice in a tile."),
        (tile("chart: {mark: bar}"), 3, "A tile needs `sql`."),
        (tile("sql: ''\nchart: {mark: bar}"), 5, "`sql` is empty."),
        (tile("sql: [1]\nchart: {mark: bar}"), 5, "`sql` is a text."),
        (tile("sql: SELECT 1"), 3, "A tile has exactly one of chart, numbers, ranks, table; this one has none."),
        (tile(CHART + "ranks: {name: a, value: b}"), 3, "A tile has exactly one of chart, numbers, ranks, table; this one has chart and ranks."),
        (tile("sql: |\n  SELECT 1\n  FROM (a\nchart: {mark: bar}"), 7, "A `(` is not closed."),
        (tile("sql: SELECT :who\nchart: {mark: bar}"), 5, "The SQL names the parameter `:who`, which has no value."),
        (tile(CHART + "click: {a: users}"), 7, "`click` gives a column the filter that it adds"),
        (tile(CHART + "formats: {a: euro}"), 7, "`formats` gives a column one of usd, count"),
        (tile(CHART + "brush: x"), 7, "`brush` is one of time; `x` is not."),
        (tile("sql: SELECT 1\nnumbers: []"), 6, "`numbers` lists cards"),
        (tile("sql: SELECT 1\nnumbers:\n- {title: A, column: a, format: dollars}"), 7, "`format` is one of usd"),
        (tile("sql: SELECT 1\ntable: {columns: []}"), 6, "`table` needs `columns`"),
        (tile("sql: SELECT 1\ntable:\n  columns:\n  - {column: a, link: 'https://x'}"), 8, "`link` is a path of Headgate"),
        (tile("sql: SELECT 1\ntable:\n  columns:\n  - {column: a, link: //x}"), 8, "`link` is a path of Headgate"),
        (tile("sql: SELECT 1\nchart: bar"), 6, "`chart` is a Vega-Lite specification"),
        (tile("sql: SELECT 1\nchart: {encoding: {}}"), 6, "`chart` needs a `mark`"),
        (tile("sql: SELECT 1\nchart:\n  mark: bar\n  data: {url: 'https://x'}"), 8, "`data` does not belong in `chart`. The rows come from the tile's `sql`."),
        (tile("sql: SELECT 1\nchart:\n  mark: bar\n  encodings: {}"), 8, "`encodings` is no part of a chart. Did you mean 'encoding'?"),
        (tile("sql: SELECT 1\nchart: {mark: bars}"), 6, "`bars` is no mark. Did you mean 'bar'?"),
        (tile("sql: SELECT 1\nchart: {mark: {color: red}}"), 6, "A mark has a `type`, such as `type: bar`."),
        (tile("sql: SELECT 1\nchart: {mark: bar, encoding: {colour: {field: a}}}"), 6, "`colour` is no channel of an encoding. Did you mean 'color'?"),
        (tile("sql: SELECT 1\nchart: {mark: bar, encoding: x}"), 6, "`encoding` is a mapping of channels"),
        (tile("sql: SELECT 1\nchart:\n  layer:\n  - mark: bar\n    encoding: {href: {field: a}}"), 9, "`href` is not supported in a chart"),
        (tile("sql: SELECT 1\nchart:\n  layer:\n  - {mark: bar, data: {url: x}}"), 8, "`data` is not supported in a chart"),
        (tile("sql: SELECT 1\nchart: {mark: bar, params: !!python/name:os.system x}"), 6, "This value is not understood"),
        (tile("sql: SELECT 1\nchart: {mark: bar, params: 2026-99-99}"), 6, "This value is not understood"),
        ("title: T\ntiles:\n- {name: A b, title: A, sql: SELECT 1, chart: {mark: bar}}", 3, "`name` is part of an address: small letters, digits, - and _."),
        (tile("sql: SELECT 1\nranks: x"), 6, "`ranks` is a mapping of keys and values"),
        (tile(CHART + "click: [a]"), 7, "`click` is a mapping of keys and values."),
    ],
)  # fmt: skip
def test_a_mistake_is_named(text, line, said):
    """With its line, and what is right."""
    assert any(found == line and said in words for found, words in problems(text)), problems(text)


def test_all_mistakes_at_once():
    """Reading goes on after each."""
    assert [line for line, _ in problems(tile("sql: SELECT 1;\nwidth: 0\nchart: {marks: bar}\n"))] == [5, 6, 7, 7]


def test_bounds():
    """A file of too many tiles or bytes is refused."""
    many = "title: T\ntiles:\n" + "".join(f"- {{name: t{number}, title: A, sql: SELECT 1, chart: {{mark: bar}}}}\n" for number in range(61))
    assert problems(many) == [(3, "A dashboard has at most 60 tiles.")]
    assert problems("title: " + "x" * 300_000) == [(1, "The file is larger than 256 KB.")]
