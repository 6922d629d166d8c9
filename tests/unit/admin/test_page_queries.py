"""What a page asks and is given."""

from headgate.admin.page_queries import PAGE_ROWS, PageColumn, PageQuery, PageRows


def test_rows_and_records():
    """Columns read as rows, and by the names of the columns."""
    rows = PageRows(columns=(PageColumn("a", "BIGINT"), PageColumn("b", "STRING")), values=[[1, 2], ["x", None]])
    assert len(rows) == 2
    assert list(rows.rows()) == [(1, "x"), (2, None)]
    assert list(rows.records()) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


def test_no_rows():
    """An answer without rows still has its columns."""
    rows = PageRows(columns=(PageColumn("a", "BIGINT"),), values=[[]])
    assert (len(rows), list(rows.rows()), len(PageRows(columns=(), values=[]))) == (0, [], 0)


def test_equal_queries_are_one():
    """Queries are values: the same text with the same parameters is the same query."""
    assert PageQuery(text="SELECT 1") == PageQuery(text="SELECT 1", row_limit=PAGE_ROWS)
    assert len({PageQuery(text="SELECT 1"), PageQuery(text="SELECT 1"), PageQuery(text="SELECT 2")}) == 2
