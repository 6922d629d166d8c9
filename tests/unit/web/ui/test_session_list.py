"""The list of agent sessions: which requests make a session, and pages of them by their place."""

import datetime as dt
import re

import pytest

from headgate.web.ui.filters import read_filters
from headgate.web.ui.relations import RowScope
from headgate.web.ui.row_positions import Position, read_position
from headgate.web.ui.session_list import ROWS_MAX, about_query, growth_query, holders_query, known_sort_position, list_query, merged, page_of_sessions
from tests.fakes.ledger_views import Ledger, exchange

NOW = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.UTC)
SCOPE = RowScope(filters=read_filters("from=2020-01-01&to=2029-12-31", NOW), everyone=True)


def answered(query, *exchanges):
    """The rows of a query over these exchanges; its parameters are written into it."""
    given = {each.name: f"CAST('{each.value}' AS {each.type})" for each in query.parameters}
    text = re.sub(r":(\w+)", lambda found: given[found[1]], query.text)
    return Ledger(exchanges).ask(text).to_pylist()


def test_sessions_with_and_without_a_name():
    """A run of an agent that names none is a session until a pause of more than thirty minutes; a request without a name belongs to its neighbours."""
    made = (
        exchange("a1", 0, session_id="named"),
        exchange("a2", 60, session_id="named", ended="failed", status_code=500),
        exchange("b1", 0, agent="opencode", token_id="t-2"),
        exchange("b2", 600, agent="opencode", token_id="t-2"),
        exchange("b3", 600 + 1860, agent="opencode", token_id="t-2"),
        exchange("c1", 100, agent="codex", session_id="thread", token_id="t-3"),
        exchange("c2", 200, agent="codex", session_id="", token_id="t-3"),
    )
    holders = [row["holder"] for row in answered(holders_query(SCOPE), *made)]
    assert sorted(holders) == ["t-2|opencode", "t-3|codex"]
    named, runs = (answered(list_query(SCOPE, "seen", None, None, given), *made) for given in (None, holders))
    listed = [row["session"] for row in merged(named, runs, "seen", upwards=False)]
    assert listed == ["run:b3", "run:b1", "thread", "named"]
    about = {row["session"]: row for row in answered(about_query(SCOPE, listed, holders), *made)}
    assert [(about[name]["requests"], about[name]["errors"]) for name in listed] == [(1, 0), (2, 0), (2, 0), (2, 1)]
    assert about["named"]["last_ended"] == "failed"
    assert [row["session"] for row in answered(about_query(SCOPE, ["thread"], holders), *made)] == ["thread"]


def test_pages_have_every_session_once_in_either_order():
    """By what was seen last, and by cost, where many cost the same."""
    made = [exchange(f"r{n:03}", n * 10 % 7 * 50 + n, session_id=f"s{n:03}", tokens=(n % 3, 0, 0, 1)) for n in range(2 * ROWS_MAX + 5)]
    for sort in ("seen", "cost"):
        found, place, backwards = [], None, []
        while True:
            page = page_of_sessions([_plain(row) for row in answered(list_query(SCOPE, sort, place, None), *made)], sort, place, None)
            found += [row["session"] for row in page.rows]
            backwards.append(page.back)
            if not page.onward:
                break
            place = known_sort_position(read_position(page.onward), sort)
        assert sorted(found) == [f"s{n:03}" for n in range(2 * ROWS_MAX + 5)]
        back = known_sort_position(read_position(backwards[1]), sort)
        page = page_of_sessions([_plain(row) for row in answered(list_query(SCOPE, sort, None, back), *made)], sort, None, back)
        assert [row["session"] for row in page.rows] == found[:ROWS_MAX]


def _plain(row):
    return row | {"cost": None if row["cost"] is None else f"{row['cost']:f}"}


def test_growth_is_that_of_the_main_conversation():
    """In the order of the requests, without sub-agents."""
    query = growth_query(SCOPE, ["s"], [])
    rows = answered(
        query,
        exchange("r2", 20, session_id="s", tokens=(30, 0, 0, 1)),
        exchange("r1", 10, session_id="s"),
        exchange("r3", 15, session_id="s", subagent_id="a"),
    )
    assert [row["input_tokens"] for row in rows] == [10, 30]


@pytest.mark.parametrize(
    ("value", "sort", "known"),
    [
        ("17", "seen", True),
        ("0.25", "cost", True),
        ("0.25", "seen", False),
        ("-1", "cost", False),
        ("1e9", "cost", False),
        ("²", "seen", False),
        ("9" * 18, "seen", False),
    ],
)
def test_places_are_checked(value, sort, known):
    """A value that this order cannot have is no place."""
    assert (known_sort_position(Position(value, "a"), sort) is not None) is known
