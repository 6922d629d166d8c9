"""Coverage, as text."""

from headgate.catalog.ledger import coverage_view
from headgate.catalog.ledger.sources import Stretch
from headgate.catalog.names import Name


def test_it_reads_exchanges_alone():
    """One scan of the exchanges, whatever their name."""
    text = coverage_view.part_text(Name(("system", "ai-gateway", "exchanges")).sql)

    assert text.count("system.`ai-gateway`.exchanges") == 1
    assert "{" not in text


def test_a_stretch_knows_who_used_a_session_before_it():
    """A request that did not pass may be of a session that the gateway saw only before the stretch."""
    text = coverage_view.part_text("exchanges", Stretch(start_us=90_000_000), "(SELECT * FROM parts)")

    assert "FROM (SELECT * FROM parts) AS earlier" in text
    assert "WHERE unix_micros(e.event_time) >= 90000000" in text
