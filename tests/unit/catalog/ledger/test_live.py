"""What is not settled, as relations: names, columns and texts."""

import msgspec
import sqlglot

from headgate.catalog.ledger.live import live_name, live_relations, with_whole
from headgate.catalog.ledger.settled import DAY_US, PART_TABLES, SETTLED_TABLES, WHOLE_SESSIONS, SettledTime
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.usage_table import USAGE

KNOWN = SettledTime(days_until_us=20_000 * DAY_US, draft_until_us=20_001 * DAY_US, edition=77)
WHOLE = msgspec.structs.replace(KNOWN, whole=True)


def test_a_relation_for_each_table():
    """Whole sessions have one where they are settled. No view of the catalog has such a name."""
    views = {view.name for view in ledger_views(USAGE.name, ())}

    assert [live.name for live in live_relations(USAGE.name, (), 90, KNOWN)] == [live_name(table) for table in PART_TABLES]
    assert [live.name for live in live_relations(USAGE.name, (), 90, WHOLE)] == [live_name(table) for table in SETTLED_TABLES]
    assert not views & {live_name(table) for table in SETTLED_TABLES}
    for live in live_relations(USAGE.name, (), 90, WHOLE):
        assert len(sqlglot.parse(live.text, read="databricks")) == 1


def test_what_is_touched_is_put_together_anew():
    """The relation names each session that it replaces, whether or not there is still a session of that name."""
    *_, live = live_relations(USAGE.name, (), 90, WHOLE)

    assert [field.name for field in live.schema.fields[:2]] == ["touched", "session_id"]
    assert "FROM touched AS t LEFT JOIN" in live.text
    assert f"NOT IN (SELECT touched FROM {live_name(WHOLE_SESSIONS).sql})" in with_whole(WHOLE, 90)
    assert "WHERE edition = 77" in with_whole(WHOLE, 90)


def test_the_text_of_sessions_is_short_where_they_are_settled_whole():
    """It reads two relations, and puts no parts together."""
    text = {view.name.leaf: view.text for view in ledger_views(USAGE.name, (), 90, WHOLE)}["sessions"]

    assert text == with_whole(WHOLE, 90)
    assert len(text) < 4000
