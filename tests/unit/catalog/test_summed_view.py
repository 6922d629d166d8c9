"""What every view of sums has in common."""

import pytest

from headgate.catalog.summed_view import SummedView, within
from headgate.catalog.usage_sums import LINE_HOURS


def test_a_view_reads_sums_and_rows_under_names_of_its_own():
    """The files that have sums, and the rows of all others."""
    assert (str(LINE_HOURS.in_files), str(LINE_HOURS.in_rows)) == (
        "system.ai_gateway.line_hours_in_files",
        "system.ai_gateway.line_hours_in_rows",
    )
    first, second = LINE_HOURS.text.split("\nUNION ALL\n")
    assert first.endswith(f"FROM {LINE_HOURS.in_files.sql}")
    assert second == LINE_HOURS.rows_text(LINE_HOURS.in_rows.sql)


def test_a_view_says_its_columns_and_texts_itself():
    """There is none by default."""
    view = SummedView(name=LINE_HOURS.name, comment="")
    with pytest.raises(NotImplementedError):
        _ = view.schema
    with pytest.raises(NotImplementedError):
        view.rows_text("t")
    with pytest.raises(NotImplementedError):
        view.summing(0, 1)


def test_a_stretch_has_its_beginning_and_not_its_end():
    """In microseconds."""
    assert within(1, 2) == "event_time >= timestamp_micros(1) AND event_time < timestamp_micros(2)"
