"""GROUP BY and its grouping sets."""

import pytest

from headgate.core.errors import BadRequest
from tests.fakes.principals import user
from tests.fakes.relations import FakeRelations, compile_text


def grouped(text):
    """What stands behind GROUP BY in the compiled statement."""
    return compile_text(text, user("ana"), FakeRelations()).sql.partition("GROUP BY ")[2]


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("ROLLUP (s, a)", "ROLLUP ({s}, {a})"),
        ("ROLLUP ((s, a), g)", "ROLLUP (({s}, {a}), {g})"),
        ("s, CUBE (a)", "{s}, CUBE ({a})"),
        ("s, a WITH ROLLUP", "ROLLUP ({s}, {a})"),
        ("GROUPING SETS ((s, a), (s), a, ())", "GROUPING SETS (({s}, {a}), ({s}), {a}, ())"),
        ("s, a GROUPING SETS ((s), a)", "GROUPING SETS (({s}), {a})"),
    ],
)
def test_grouping_sets(clause, found):
    """As DuckDB writes them; keys before a list of sets are in the sets."""
    text = grouped(f"SELECT count(*) FROM t GROUP BY {clause}")
    alias = text[text.index('"') : text.index(".")]

    assert text == found.format(**{name: f'{alias}."{name}"' for name in "sag"})


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT grouping(s) FROM t GROUP BY s", "UNSUPPORTED_GROUPING_EXPRESSION"),
        ("SELECT grouping_id()", "UNSUPPORTED_GROUPING_EXPRESSION"),
        ("SELECT grouping(a) FROM t GROUP BY CUBE (s)", "GROUPING_COLUMN_MISMATCH"),
        ("SELECT grouping_id(a, s) FROM t GROUP BY CUBE (s, a)", "GROUPING_ID_COLUMN_MISMATCH"),
        ("SELECT s FROM t GROUP BY (s, a)", "MISSING_AGGREGATION"),
        ("SELECT s FROM t GROUP BY 2", "GROUP_BY_POS_OUT_OF_RANGE"),
    ],
)
def test_what_is_refused(sql, code):
    """With Databricks' class."""
    with pytest.raises(BadRequest) as refused:
        grouped(sql)
    assert refused.value.code == code
