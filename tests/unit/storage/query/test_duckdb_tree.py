"""DuckDB's own tree, held against the list."""

import json

import duckdb
import pytest

from headgate.storage.query import duckdb_tree


def _tree(sql):
    return json.loads(duckdb.connect().execute("SELECT json_serialize_sql(?)", [sql]).fetchall()[0][0])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a, sum(b) OVER w FROM headgate_t0 AS t WINDOW w AS (ORDER BY a) QUALIFY sum(b) OVER w > 1",
        "WITH x AS (SELECT * FROM headgate_t0), y AS (SELECT * FROM x) SELECT * FROM y UNION ALL SELECT * FROM x",
        "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < 5) SELECT * FROM x",
        "SELECT * FROM (VALUES (1, 'a')) AS t(x, y) CROSS JOIN range(3) CROSS JOIN LATERAL (SELECT unnest([1, 2]) AS z) AS e",
        "SELECT list_transform([1], lambda x: x + 1), {'a': 1}.a, [1][1], CASE WHEN a LIKE 'x%' THEN 1 END, a BETWEEN 1 AND 2, count(*) FILTER (WHERE a > 1) FROM headgate_t0 GROUP BY ALL",
        "SELECT * EXCLUDE (a) FROM headgate_t0 TABLESAMPLE 10 PERCENT ORDER BY 1 NULLS FIRST LIMIT 5 OFFSET 1",
        "SELECT * FROM (SELECT a, b FROM headgate_t0) PIVOT(SUM(b) FOR a IN ('x', 'y'))",
        "SELECT EXISTS (SELECT 1 FROM headgate_t0), a IN (SELECT b FROM headgate_t0), CAST(a AS DECIMAL(10, 2)), INTERVAL '1' DAY, TRY_CAST(a AS INT) FROM headgate_t0",
        "SELECT a FROM headgate_t0 GROUP BY ROLLUP (a)",
    ],
)
def test_what_we_write_ourselves_passes(sql):
    """Every shape that the compiler produces."""
    duckdb_tree.check(_tree(sql), ["headgate_t0"])


# `sqlite_master` is a relation of the engine; each text reads it beside a common table expression of that name.
OUT_OF_SCOPE = [
    "WITH sqlite_master AS (SELECT * FROM sqlite_master) SELECT * FROM sqlite_master",
    "WITH RECURSIVE sqlite_master AS (SELECT * FROM sqlite_master) SELECT * FROM sqlite_master",
    "WITH RECURSIVE sqlite_master AS (SELECT * FROM sqlite_master UNION ALL SELECT 1) SELECT * FROM sqlite_master",
    "WITH x AS (SELECT * FROM sqlite_master), sqlite_master AS (SELECT 1) SELECT * FROM x",
    "SELECT * FROM sqlite_master WHERE EXISTS (WITH sqlite_master AS (SELECT 1) SELECT * FROM sqlite_master)",
    "SELECT (WITH sqlite_master AS (SELECT 1 AS a) SELECT a FROM sqlite_master) FROM sqlite_master",
    "SELECT * FROM sqlite_master, (WITH sqlite_master AS (SELECT 1) SELECT * FROM sqlite_master) AS d",
    "SELECT * FROM sqlite_master UNION ALL (WITH sqlite_master AS (SELECT 1) SELECT * FROM sqlite_master)",
    "WITH x AS (WITH sqlite_master AS (SELECT 1) SELECT 1), y AS (SELECT * FROM sqlite_master) SELECT * FROM y",
]


@pytest.mark.parametrize("sql", OUT_OF_SCOPE)
def test_a_cte_allows_its_name_in_its_own_scope_only(sql):
    """Elsewhere DuckDB would read its own relation of that name."""
    with pytest.raises(duckdb_tree.Disallowed, match="the table sqlite_master"):
        duckdb_tree.check(_tree(sql), ["headgate_t0"])


@pytest.mark.parametrize(
    "sql",
    [
        "WITH headgate_t0 AS (SELECT 1) SELECT 1",
        "WITH RECURSIVE Headgate_T0 AS (SELECT 1 UNION ALL SELECT 2) SELECT 1",
        "SELECT (WITH headgate_t0 AS (SELECT 1) SELECT 1)",
    ],
)
def test_no_cte_has_the_name_of_a_view(sql):
    """It would change what a query reads where it means the view."""
    with pytest.raises(duckdb_tree.Disallowed, match="common table expression"):
        duckdb_tree.check(_tree(sql), ["headgate_t0"])


def test_a_syntax_error_is_refused_with_duckdbs_words():
    """Nothing is run that DuckDB cannot read."""
    with pytest.raises(duckdb_tree.Disallowed, match="syntax error"):
        duckdb_tree.check(_tree("SELECT FROM WHERE"), [])
