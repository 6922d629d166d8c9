"""What agents reported of their sessions, as text."""

import re

from headgate.catalog.ledger import client_sessions_view
from headgate.catalog.names import Name

TEXT = client_sessions_view.text([], Name(("system", "ai_gateway", "client_tools")))


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
