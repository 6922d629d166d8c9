"""The views of sums as text and columns."""

import pytest

from headgate.catalog.usage_sums import SUMS, USAGE_HOURS
from headgate.catalog.usage_table import USAGE
from headgate.storage.query import query_text


@pytest.mark.parametrize("sums", SUMS, ids=[sums.name.leaf for sums in SUMS])
def test_every_text_is_a_query_with_the_views_columns(sums):
    """The view, its rows, and what makes its sums: parsed, and with the same columns in the same order."""
    names = [field.name for field in sums.schema.fields]
    for text in (sums.text, sums.rows_text(USAGE.name.sql), sums.summing(0, 3_600_000_000)):
        tree = query_text.read(text)
        assert tree.named_selects == names, text


def test_rows_of_a_sum_agree_in_every_key():
    """A sum is grouped by its keys, and every other column is put together from those of its rows."""
    text = USAGE_HOURS.summing(0, 1)
    grouped = text.partition("GROUP BY ")[2].partition("\n")[0].split(", ")
    assert grouped == list(USAGE_HOURS.keys)
    assert all(f"({name})" in text for name in USAGE_HOURS.measures)
    assert "event_time >= timestamp_micros(0) AND event_time < timestamp_micros(1)" in text


def test_a_row_by_itself_counts_once():
    """It has one request, and begins and ends at its own time."""
    of_row = USAGE_HOURS.of_row
    assert (of_row["requests"], of_row["first_time"], of_row["last_time"]) == (
        "CAST(1 AS BIGINT)",
        "CAST(event_time AS TIMESTAMP)",
        "CAST(event_time AS TIMESTAMP)",
    )


def test_a_list_has_a_value_of_each_row():
    """A row by itself has a list of one, and a sum the lists of its rows one behind the other."""
    assert USAGE_HOURS.of_row["before_try_us"] == (
        "CAST(array(unix_micros(try_element_at(routing_information.attempts, 1).start_time) - unix_micros(event_time)) AS ARRAY<BIGINT>)"
    )
    assert "CAST(flatten(collect_list(before_try_us)) AS ARRAY<BIGINT>) AS before_try_us" in USAGE_HOURS.summing(0, 1)
