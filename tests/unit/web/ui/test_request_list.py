"""Pages of rows by their place: which rows a page has, and from where its neighbours go on."""

import datetime as dt

import pytest

from headgate.web.ui.filters import read_filters
from headgate.web.ui.relations import RowScope
from headgate.web.ui.request_list import ROWS_MAX, ended_since_query, known_position, one_query, page_of, page_query
from headgate.web.ui.row_positions import Position, read_position

NOW = dt.datetime(2026, 11, 30, 12, 0, tzinfo=dt.UTC)
SCOPE = RowScope(filters=read_filters("range=24h&model=gpt-5.2", NOW), everyone=False)


def rows(first: int, count: int, step: int):
    """Rows with these times."""
    return [{"event_us": first + step * number, "request_id": f"req_{first + step * number}"} for number in range(count)]


def test_the_first_page_has_only_older_rows_behind_it():
    """One row more than a page has says that there are."""
    page = page_of(rows(1000, ROWS_MAX + 1, -1), None, None)
    assert (len(page.rows), page.newer) == (ROWS_MAX, "")
    last = 1000 - ROWS_MAX + 1
    assert read_position(page.older) == Position(f"{last}", f"req_{last}")
    assert not page_of(rows(1000, ROWS_MAX, -1), None, None).older


def test_going_up_turns_the_rows_round():
    """What was asked for from the oldest on is shown from the newest on."""
    page = page_of(rows(2000, ROWS_MAX + 1, 1), None, Position("1999", "x"))
    assert [page.rows[0]["event_us"], page.rows[-1]["event_us"]] == [2000 + ROWS_MAX - 1, 2000]
    assert (page.newer, page.older) == (f"{2000 + ROWS_MAX - 1}~req_{2000 + ROWS_MAX - 1}", "2000~req_2000")


def test_a_page_without_rows_leads_back():
    """To where one came from."""
    place = Position("5", "a")
    assert page_of([], None, place).older == "5~a"
    assert page_of([], place, None).newer == "5~a"
    assert (page_of([], None, None).older, page_of([], None, None).newer) == ("", "")


def test_a_query_skips_nothing_by_number():
    """The place is two parameters; the texts of the filters are parameters too."""
    query = page_query(SCOPE, "broken", Position("1764496800000001", "req_1"), None)
    given = {parameter.name: parameter.value for parameter in query.parameters}
    assert "OFFSET" not in query.text
    assert f"LIMIT {ROWS_MAX + 1}" in query.text
    assert "system.ai_gateway.my_usage" in query.text
    assert (given["key_time"], given["key_id"], given["outcome"], given["model_1"]) == ("2025-11-30T10:00:00.000001Z", "req_1", "broken", "gpt-5.2")


def test_directions():
    """Older rows are asked for from the newest on, newer ones from the oldest on."""
    assert "ORDER BY event_time ASC, request_id ASC" in page_query(SCOPE, "", None, Position("1", "a")).text
    assert "ORDER BY event_time DESC, request_id DESC" in page_query(SCOPE, "", Position("1", "a"), Position("1", "a")).text


def test_what_ended_since_may_have_begun_before():
    """The live tail looks at the end of an exchange, and a little further back than it was asked."""
    given = {parameter.name: parameter.value for parameter in ended_since_query(SCOPE, "", NOW).parameters}
    assert (given["begun_after"], given["ended_after"]) == ("2026-11-30T09:59:50.000000Z", "2026-11-30T11:59:50.000000Z")


@pytest.mark.parametrize("text", ["x~a", "-1~a", "1" * 18 + "~a", "²~a", ""])
def test_a_place_that_is_none_of_this_list_is_ignored(text):
    """Its value is a moment in microseconds."""
    assert known_position(read_position(text)) is None


def test_one_request_is_asked_for_by_its_id():
    """As a parameter, of the view that the principal may read."""
    assert "FROM system.ai_gateway.usage WHERE request_id = :request_id" in one_query("'; DROP", everyone=True).text
    assert "my_usage" in one_query("a", everyone=False).text
