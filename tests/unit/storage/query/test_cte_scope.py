"""What a table name means beside common table expressions of the same name."""

import pytest
import sqlglot
from sqlglot import exp

from headgate.core.errors import BadRequest
from headgate.storage.query import cte_scope

# `x` in backquotes is looked up; each text has it once.
A_CTE = {
    "behind its WITH": "WITH x AS (SELECT 1) SELECT * FROM `x`",
    "in a subquery": "WITH x AS (SELECT 1) SELECT * FROM t WHERE a IN (SELECT b FROM `x`)",
    "in a derived table": "WITH x AS (SELECT 1) SELECT * FROM (SELECT * FROM `x`) AS d",
    "in a later definition": "WITH x AS (SELECT 1), y AS (SELECT * FROM `x`) SELECT * FROM y",
    "in a definition inside": "WITH x AS (SELECT 1) SELECT * FROM (WITH y AS (SELECT * FROM `x`) SELECT * FROM y) AS d",
    "in both arms of a union": "WITH x AS (SELECT 1) SELECT 1 UNION ALL SELECT * FROM `x`",
    "in the second arm of its own recursion": "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT * FROM `x`) SELECT 1",
    "below the second arm": "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT * FROM (SELECT * FROM `x`) AS d) SELECT 1",
    "in another case": "WITH X AS (SELECT 1) SELECT * FROM `x`",
    "in a lateral join": "WITH x AS (SELECT 1) SELECT * FROM t CROSS JOIN LATERAL (SELECT * FROM `x`) AS d",
    "beside a closer one of another name": "WITH x AS (SELECT 1) SELECT * FROM (WITH y AS (SELECT 2) SELECT * FROM `x`) AS d",
}
THE_CATALOGS = {
    "no CTE": "SELECT * FROM `x`",
    "in its own definition": "WITH x AS (SELECT * FROM `x`) SELECT 1",
    "in its own definition, deeper": "WITH x AS (SELECT * FROM (SELECT * FROM `x`) AS d) SELECT 1",
    "in an earlier definition": "WITH y AS (SELECT * FROM `x`), x AS (SELECT 1) SELECT 1",
    "in an earlier definition of a recursive WITH": "WITH RECURSIVE y AS (SELECT * FROM `x`), x AS (SELECT 1) SELECT 1",
    "in a recursive definition without a union": "WITH RECURSIVE x AS (SELECT * FROM `x`) SELECT 1",
    "in the first arm of a recursion": "WITH RECURSIVE x AS (SELECT * FROM `x` UNION ALL SELECT 1) SELECT 1",
    "in an intersection": "WITH RECURSIVE x AS (SELECT 1 INTERSECT SELECT * FROM `x`) SELECT 1",
    "defined in EXISTS": "SELECT * FROM `x` WHERE EXISTS (WITH x AS (SELECT 1) SELECT 1)",
    "defined in a scalar subquery": "SELECT (WITH x AS (SELECT 1) SELECT 1) FROM `x`",
    "defined in a derived table": "SELECT * FROM `x`, (WITH x AS (SELECT 1) SELECT 1) AS d",
    "defined in one arm of a union": "SELECT * FROM `x` UNION ALL (WITH x AS (SELECT 1) SELECT 1)",
    "defined in a sibling's definition": "WITH y AS (WITH x AS (SELECT 1) SELECT 1), z AS (SELECT * FROM `x`) SELECT 1",
    "with its schema": "WITH x AS (SELECT 1) SELECT * FROM s.`x`",
}


def _table(text):
    tree = sqlglot.parse_one(text, read="databricks")
    (found,) = (table for table in tree.find_all(exp.Table) if table.name == "x" and table.this.args.get("quoted"))
    return found


@pytest.mark.parametrize("text", A_CTE.values(), ids=A_CTE)
def test_a_name_in_the_scope_of_a_cte(text):
    """The definition is found, whatever lies between."""
    assert cte_scope.definition(_table(text)).alias_or_name.lower() == "x"


@pytest.mark.parametrize("text", THE_CATALOGS.values(), ids=THE_CATALOGS)
def test_a_name_outside_the_scope_of_a_cte(text):
    """It is left to the catalog, although a CTE of this name is somewhere in the statement."""
    assert cte_scope.definition(_table(text)) is None


def test_the_innermost_definition_is_meant():
    """A nested WITH hides an outer one."""
    found = cte_scope.definition(_table("WITH x AS (SELECT 1) SELECT * FROM (WITH x AS (SELECT 2) SELECT * FROM `x`) AS d"))

    assert found.this.sql() == "SELECT 2"


def test_one_name_is_defined_once():
    """In whatever case it is written."""
    with pytest.raises(BadRequest, match="defined twice"):
        cte_scope.refuse_duplicates(sqlglot.parse_one("WITH x AS (SELECT 1), X AS (SELECT 2) SELECT 1", read="databricks"))
