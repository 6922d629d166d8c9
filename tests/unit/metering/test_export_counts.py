"""What exports add up to."""

from headgate.metering.export_counts import ExportCounts
from headgate.metering.metric_table import EXPORTED_ROWS, EXPORTS


def test_exports_and_their_rows_are_counted_by_signal():
    """Each export is one, with its rows."""
    counts = ExportCounts()
    for signal, rows in (("logs", 3), ("logs", 4), ("spans", 1)):
        counts.add(signal, rows)

    assert counts.values() == {EXPORTS: {("logs",): 2, ("spans",): 1}, EXPORTED_ROWS: {("logs",): 7, ("spans",): 1}}
