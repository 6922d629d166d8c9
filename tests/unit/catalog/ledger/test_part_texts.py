"""The queries that settling runs, as text."""

from headgate.catalog.ledger.part_texts import part_texts, whole_text
from headgate.catalog.ledger.settled import DAY_US, PART_TABLES, SettledTime
from headgate.catalog.ledger.sources import Stretch
from headgate.catalog.usage_table import USAGE

KNOWN = SettledTime(days_until_us=20_000 * DAY_US, draft_until_us=20_001 * DAY_US, edition=77)


def test_each_table_of_parts_has_its_query():
    """In the order in which they are settled; tool calls are computed in the query of reports unless a relation has them."""
    stretch = Stretch(start_us=20_000 * DAY_US, end_us=20_001 * DAY_US)
    texts = part_texts(USAGE.name, (), stretch, KNOWN)
    named = part_texts(USAGE.name, (), stretch, KNOWN, "calls")

    assert tuple(table for table, _ in texts) == PART_TABLES
    assert "FROM calls AS every" in named[1][1]
    assert "FROM calls" not in texts[1][1]


def test_whole_sessions_are_put_together_from_settled_parts_alone():
    """In order of time, and nothing live is among them."""
    text = whole_text(KNOWN, 90)

    assert text.endswith("ORDER BY started_at")
    assert "settled_sessions" in text
    assert "settled_client_sessions" in text
    assert "live_" not in text
