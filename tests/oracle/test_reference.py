"""The page of functions, and the examples on it."""

import pytest

from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.functions import MEANINGS
from tests.oracle import reference
from tests.oracle.ours import Ours

EXAMPLES = [meaning for meaning in MEANINGS if meaning.example]


@pytest.fixture(scope="module")
def ours():
    """Headgate's answers."""
    return Ours()


def test_the_page_says_what_the_list_says():
    """`python -m tests.oracle.reference` writes it anew."""
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page()


def test_every_function_of_a_row_has_an_example():
    """But those whose value is another one each time, or needs a window."""
    without = {name for meaning in MEANINGS if not meaning.example and not meaning.refused and meaning.sort != "window" for name in meaning.names}
    assert without <= {
        ":", "current_user", "session_user", "user", "current_catalog", "current_database", "current_schema", "is_member", "is_account_group_member",
        "current_timestamp", "now", "current_date", "curdate", "getdate", "current_timezone", "localtimestamp", "grouping", "grouping_id",
    }, without  # fmt: skip


@pytest.mark.parametrize("meaning", EXAMPLES, ids=[meaning.names[0] for meaning in EXAMPLES])
def test_the_example_gives_what_it_says(ours, meaning):
    """As the text of the value: JSON for what has parts."""
    kind = ours.answer(f"SELECT {meaning.example} AS x")["types"][0]
    shown = f"to_json({meaning.example})" if kind.startswith(("array", "map", "struct")) else f"CAST({meaning.example} AS STRING)"
    shown = meaning.example if kind in {"variant", "string"} or kind.startswith("interval") or kind == kinds.sql(kinds.VOID).lower() else shown
    found = ours.answer(f"SELECT {shown} AS x")
    assert "error" not in found, found
    value = found["rows"][0][0]
    assert ("NULL" if value is None else str(value)) == meaning.gives
