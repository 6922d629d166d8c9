"""CREATE VIEW and ALTER VIEW become values that keep the query as it is written."""

import pytest

from headgate.catalog import ddl
from headgate.catalog.names import Name
from headgate.catalog.statements import CreateView, ViewColumn
from headgate.core.errors import BadRequest

V = Name(("main", "default", "v"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE VIEW v AS SELECT 1 AS a;", CreateView(name=V, text="SELECT 1 AS a")),
        ("create or replace view v as\n-- why\nselect 1", CreateView(name=V, text="select 1", or_replace=True)),
        ("CREATE VIEW IF NOT EXISTS v COMMENT 'its' AS VALUES (1)", CreateView(name=V, text="VALUES (1)", comment="its", if_not_exists=True)),
        (
            "CREATE VIEW v (a COMMENT 'first', `B`) COMMENT 'two' AS (SELECT 1, 'as' AS x)",
            CreateView(name=V, text="(SELECT 1, 'as' AS x)", columns=(ViewColumn("a", "first"), ViewColumn("B")), comment="two"),
        ),
        ("CREATE VIEW v AS WITH c AS (SELECT 1) SELECT * FROM c", CreateView(name=V, text="WITH c AS (SELECT 1) SELECT * FROM c")),
        ("CREATE VIEW main.default.v AS SELECT 1 /* kept */ AS a", CreateView(name=V, text="SELECT 1 /* kept */ AS a")),
    ],
)
def test_a_view_is_read(text, expected):
    """Name, columns, comment, and the text of the query between its first and its last word."""
    read = ddl.read(text)
    assert (read, read.text) == (expected, expected.text)


def test_two_literals_are_no_comment():
    """A comment is a quoted string, and what follows it is AS."""
    with pytest.raises(BadRequest, match="quoted string is expected"):
        ddl.read("CREATE VIEW v COMMENT x AS SELECT 1")
