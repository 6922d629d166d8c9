"""Coverage, as text."""

from headgate.catalog.ledger import coverage_view
from headgate.catalog.names import Name


def test_it_reads_exchanges_alone():
    """One scan of the exchanges, whatever their name."""
    text = coverage_view.text(Name(("system", "ai-gateway", "exchanges")))

    assert text.count("system.`ai-gateway`.exchanges") == 1
    assert "{" not in text
