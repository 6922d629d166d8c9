"""What accepted OpenTelemetry exports add up to since the process was started. Pure."""

from collections import Counter

from headgate.metering.metric_table import EXPORTED_ROWS, EXPORTS
from headgate.metering.metric_text import Labels, Metric, Values


class ExportCounts:
    """Counts by signal, of which there are three."""

    def __init__(self) -> None:
        self._exports: Counter[Labels] = Counter()
        self._rows: Counter[Labels] = Counter()

    def add(self, signal: str, rows: int) -> None:
        """Count an export."""
        self._exports[signal,] += 1
        self._rows[signal,] += rows

    def values(self) -> dict[Metric, Values]:
        """The values of both metrics."""
        return {EXPORTS: dict(self._exports), EXPORTED_ROWS: dict(self._rows)}
