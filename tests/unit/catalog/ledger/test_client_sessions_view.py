"""What agents reported of their sessions, as text."""

import re

from headgate.catalog.ledger import client_sessions_view
from headgate.catalog.ledger.sources import Stretch

TEXT = client_sessions_view.part_text([], "system.ai_gateway.client_tools")


def test_every_event_and_metric_is_asked_for():
    """Each event and metric that tells of a session is among those that are read."""
    missing = [name for name in (*client_sessions_view.EVENTS, *client_sessions_view.METRIC_NAMES) if f"'{name}'" not in TEXT]

    assert not missing


def test_no_literal_is_broken_over_lines():
    """A metric and its kind are one text: a line end inside would never match."""
    assert all(line.count("'") % 2 == 0 for line in TEXT.splitlines() if not line.lstrip().startswith("--"))


def test_every_measure_is_used():
    """A measure that is told apart is summed somewhere."""
    measures = set(re.findall(r"'(?:claude_code|gemini_cli)[^']*' THEN '(\w+)'", TEXT))
    summed = set(re.findall(r"measure = '(\w+)'", TEXT))

    assert measures == summed


def test_a_running_total_counts_what_it_grew_by():
    """A stretch reads the last points before it of what counts up, and takes from a total what was counted before."""
    bounded = client_sessions_view.part_text([], "tools", Stretch(start_us=5_000_000, end_us=9_000_000))

    assert "max(value) - coalesce(max(value) FILTER (WHERE time_ns < 5000000000), 0)" in bounded
    assert "HAVING count(*) FILTER (WHERE time_ns >= 5000000000) > 0" in bounded
    assert "temporality LIKE '%CUMULATIVE')" in bounded
    assert not re.findall(r"[{]\w+[}]", bounded + TEXT)


def test_the_view_adds_up_every_part():
    """Each column of a part is read by the view."""
    text = client_sessions_view.text("(SELECT 1)")

    assert not [field.name for field in client_sessions_view.PARTS if not re.search(rf"\b{field.name}\b", text)]
