"""Metrics as columns: one row a data point. A point without a time has the time of arrival; rows are ordered by kind of metric."""

from collections.abc import Sequence

import pyarrow as pa

from headgate.storage.otlp import columns, lazy, points
from headgate.storage.otlp.bags import Bag, Bags
from headgate.storage.otlp.columns import Arrivals, Origins
from headgate.storage.otlp.points import Points


class MetricColumns:
    """The data points of a batch, by kind."""

    def __init__(self, version: str, arrivals: Arrivals) -> None:
        self._version = version
        self._arrivals = arrivals
        self._bags = Bags(version)
        self._origins = Origins("metrics", self._bags)
        self._kinds: dict[str, Points] = {}
        self._series: list[tuple[int, int]] = []  # metric, origin
        self._metric_ids: dict[tuple[str | bytes, ...], int] = {}
        self._metrics: list[tuple[str, str, str, Bag]] = []

    def read(self, batch: bytes) -> None:
        """Read a concatenation of requests."""
        for entry, resource_metrics in enumerate(lazy.request("metrics").FromString(batch).resource_metrics):
            resource = self._origins.resource(resource_metrics.resource, resource_metrics.schema_url)
            for scope_metrics in resource_metrics.scope_metrics:
                origin = self._origins.origin(resource, scope_metrics.scope, scope_metrics.schema_url, entry)
                for metric in scope_metrics.metrics:
                    kind = metric.WhichOneof("data")
                    if kind is None:
                        continue  # a kind that is not known yet: counted out when the export was taken
                    if kind not in self._kinds:
                        self._kinds[kind] = points.KINDS[kind](self._bags)
                    self._series.append((self._metric((metric.name, metric.description, metric.unit, *metric.metadata)), origin))
                    self._kinds[kind].read(getattr(metric, kind), len(self._series) - 1)
        for found in self._kinds.values():
            self._fill_times(found)

    def _metric(self, key: tuple[str | bytes, ...]) -> int:
        known = self._metric_ids.get(key)
        if known is not None:
            return known
        name, description, unit, *metadata = key
        number = self._metric_ids[key] = len(self._metrics)
        bag = self._bags.bag([item for item in metadata if isinstance(item, bytes)])
        self._metrics.append((str(name), str(description), str(unit), bag))
        return number

    def _fill_times(self, found: Points) -> None:
        if 0 in found.times:
            found.times = [time or self._arrival(series) for time, series in zip(found.times, found.series, strict=True)]

    def _arrival(self, series: int) -> int:
        return self._arrivals.at_ns(self._origins.entry(self._series[series][1]))

    @property
    def times(self) -> list[int]:
        """The time of every row, in the order of the tables."""
        return [time for found in self._kinds.values() for time in found.times]

    def tables(self, schema: pa.Schema) -> Sequence[pa.Table]:
        """One table for each kind of metric found, every column but those that v2 puts in front."""
        return [self._table(kind, found, schema) for kind, found in self._kinds.items() if found.times]

    def _table(self, kind: str, found: Points, schema: pa.Schema) -> pa.Table:
        rows = pa.array(found.series, pa.int32())
        metric_rows = pa.array([series[0] for series in self._series], pa.int32()).take(rows)
        origins = pa.array([series[1] for series in self._series], pa.int32()).take(rows)
        length = len(found.times)
        made = {
            "name": pa.array([metric[0] for metric in self._metrics], pa.string()).take(metric_rows),
            "description": pa.array([metric[1] for metric in self._metrics], pa.string()).take(metric_rows),
            "unit": pa.array([metric[2] for metric in self._metrics], pa.string()).take(metric_rows),
            "metric_type": pa.array([kind] * length, pa.string()),
            "metadata": self._bags.column([metric[3] for metric in self._metrics]).take(metric_rows),
            kind: found.column(schema.field(kind).type),
            **self._origins.columns(origins, "metric_schema_url"),
        }
        if self._version == "v2":
            made["start_time_unix_nano"] = columns.known_nanoseconds(found.starts)
            made["time_unix_nano"] = columns.nanoseconds(found.times)
        return columns.table(schema, made, length)
