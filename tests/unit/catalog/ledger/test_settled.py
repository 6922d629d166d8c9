"""The tables of the settled ledger, and how a view reads them, as text."""

from headgate.catalog.ledger.settled import DAY_US, SESSIONS, SETTLED_TABLES, SettledTime, rows_of, with_live
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.names import Name
from headgate.catalog.usage_table import USAGE

KNOWN = SettledTime(days_until_us=20_000 * DAY_US, draft_until_us=20_001 * DAY_US, edition=77)


def test_the_names_say_what_they_are():
    """Each table stands beside the view that it is of, and its comment names that view."""
    names = {view.name.leaf for view in ledger_views(USAGE.name, ())}

    for table in SETTLED_TABLES:
        view = table.name.leaf.removeprefix("settled_").removeprefix("whole_")
        assert table.name.parent == Name(("system", "ai_gateway"))
        assert view in names
        assert f"Ask {view}" in table.comment
        assert [field.name for field in table.schema.fields[:2]] == ["edition", "settled_day"]


def test_settled_days_and_the_newest_draft_are_read():
    """Days that the file does not know yet are left out, and so are drafts but the one that it names."""
    text = rows_of(SESSIONS, KNOWN, 90)

    assert "edition = 0 AND settled_day < CAST('2024-10-04' AS DATE)" in text
    assert "settled_day >= current_date() - 90" in text
    assert "OR edition = 77" in text
    assert "edition = 77" not in rows_of(SESSIONS, KNOWN.days_alone)


def test_what_is_not_settled_is_read_beside_it():
    """The live part begins where the draft ends, or else where the days end."""
    assert KNOWN.live.start_us == KNOWN.draft_until_us
    assert KNOWN.days_alone.live.start_us == KNOWN.days_until_us
    assert with_live(SESSIONS, KNOWN, Name(("a", "b", "live"))).endswith("FROM a.b.live")


def test_without_anything_settled_no_table_is_read():
    """A store without a settled day has the texts over all rows."""
    assert not any("settled_" in view.text for view in ledger_views(USAGE.name, (), 90))
    assert sum("settled_" in view.text for view in ledger_views(USAGE.name, (), 90, KNOWN)) == 4
