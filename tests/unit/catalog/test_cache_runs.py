"""Runs of requests as text; what they add up to is held against the rows by a property test."""

from headgate.catalog.cache_runs import BROKEN, CACHE_RUNS, later_read, turns


def test_a_run_is_made_of_rows_that_agree_in_every_key():
    """Each key is also what keeps the windows apart, so that a run is the same under a filter of any of them."""
    text = CACHE_RUNS.summing(0, 1)
    keys = "requester, agent, endpoint_name, session_id, subagent_id, model, request_tags"
    assert text.count(f"PARTITION BY {keys}") == 2
    assert f"GROUP BY {keys}\n" in text


def test_a_request_by_itself_breaks_nothing():
    """What was before it is in another row."""
    text = CACHE_RUNS.rows_text("t")
    assert "CAST(1 AS BIGINT) AS requests" in text
    assert text.count("CAST(NULL AS ARRAY<STRUCT<EVENT_TIME: TIMESTAMP") == 1


def test_turns_have_the_columns_beside_them():
    """And the partition that is asked for."""
    text = turns("t", "true", beside=("requester",), partition="a, b")
    assert "requester\n    FROM t\n    WHERE true" in text
    assert "PARTITION BY a, b, answered ORDER BY event_time, request_id" in text


def test_what_is_said_of_a_broken_prefix_is_what_a_run_keeps():
    """Name by name, in the order of the column's type."""
    [column] = [field for field in CACHE_RUNS.schema.fields if field.name == "broken"]
    assert [field.name for field in column.type.element.fields] == list(BROKEN)


def test_a_read_is_later_by_time_and_then_by_request():
    """Two requests of one moment are in the order of their ids."""
    assert later_read("x").startswith("coalesce(struct(event_time, request_id) < max(")
