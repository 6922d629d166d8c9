"""Data points of the five kinds of metric, one collector each: lists while a batch is read, one struct column at the end.

Numbers are written as doubles, as the tables ask; a point without a value (no recorded value) has a null one.
"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Exemplar, NumberDataPoint

from headgate.storage.otlp import columns, lazy
from headgate.storage.otlp.bags import Bag, Bags
from headgate.storage.otlp.columns import hexadecimal, int64

TEMPORALITIES = {value.number: value.name for value in AggregationTemporality.DESCRIPTOR.values}

# How a point of a gauge or sum begins: start, time and number, eight bytes each behind a tag of one.
_HEAD_BYTES = 27
_DOUBLE_HEAD, _INTEGER_HEAD = b"\x11\x19\x21", b"\x11\x19\x31"
_double_head, _integer_head = struct.Struct("<xQxQxd").unpack_from, struct.Struct("<xQxQxq").unpack_from
_ATTRIBUTE = 0x3A
_FIRST_IN_TAIL = NumberDataPoint.ATTRIBUTES_FIELD_NUMBER  # behind it are the flags alone


class Points:
    """What every kind has: times, attributes, flags and exemplars. `read` takes a metric's data and says how many points it held."""

    def __init__(self, bags: Bags) -> None:
        self._bags = bags
        self.series: list[int] = []  # which metric of which origin each point belongs to
        self.starts: list[int] = []
        self.times: list[int] = []
        self._attributes: list[Bag] = []
        self._flags: list[int] = []
        self._exemplars: dict[int, Sequence[object]] = {}  # of the rows that have some
        self._temporalities: list[int] = []

    def read(self, data: Any, series: int) -> None:  # ruff: ignore[any-type] - a message of a class made at run time
        """The points of one metric."""
        points = list(data.data_points)  # once: every pass over the field itself would wrap each point anew
        first = len(self.times)
        self.series += [series] * len(points)
        self.starts += [point.start_time_unix_nano for point in points]
        self.times += [point.time_unix_nano for point in points]
        self._flags += [point.flags for point in points]
        bag = self._bags.bag
        self._attributes += [bag(point.attributes) for point in points]
        self._read_values(data, points)
        if points and "exemplars" in points[0].DESCRIPTOR.fields_by_name:
            for place, point in enumerate(points):
                self._read_exemplars(first + place, point.exemplars)

    def column(self, kind: pa.StructType) -> pa.Array:
        """The struct column of these points."""
        own = self._values(kind)
        return columns.struct(kind, self._shared(kind) | own)

    def _read_values(self, data: Any, points: Sequence[Any]) -> None:  # ruff: ignore[any-type] - see `read`
        raise NotImplementedError

    def _values(self, kind: pa.StructType) -> dict[str, pa.Array]:
        raise NotImplementedError

    def _read_exemplars(self, row: int, raw: Sequence[bytes]) -> None:
        if raw:
            self._exemplars[row] = [self._exemplar(Exemplar.FromString(item)) for item in raw]

    def _exemplar(self, exemplar: Exemplar) -> dict[str, object]:
        kind = exemplar.WhichOneof("value")
        return {
            "time_unix_nano": int64(exemplar.time_unix_nano),
            "value": None if kind is None else float(getattr(exemplar, kind)),
            "span_id": hexadecimal(exemplar.span_id),
            "trace_id": hexadecimal(exemplar.trace_id),
            "filtered_attributes": self._bags.cell(self._bags.bag([item.SerializeToString() for item in exemplar.filtered_attributes])),
        }

    def _shared(self, kind: pa.StructType) -> dict[str, pa.Array]:
        shared = {
            "start_time_unix_nano": columns.known_nanoseconds(self.starts),
            "time_unix_nano": columns.nanoseconds(self.times),
            "attributes": self._bags.column(self._attributes),
            "flags": columns.flags(self._flags),
        }
        if kind.get_field_index("aggregation_temporality") >= 0:
            shared["aggregation_temporality"] = columns.names(self._temporalities, TEMPORALITIES)
        if kind.get_field_index("exemplars") >= 0:
            exemplars = kind.field("exemplars").type
            length, found = len(self.times), self._exemplars
            shared["exemplars"] = pa.array([found.get(row, ()) for row in range(length)], exemplars) if found else _empty_lists(exemplars, length)
        return shared


class Numbers(Points):
    """Gauges and sums, nearly all the points that there are. They come as raw bytes: start, time and number are in front. The rest is mostly
    attributes and is the same in many points, so it is parsed once.
    """

    def __init__(self, bags: Bags) -> None:
        super().__init__(bags)
        self._numbers: list[float | None] = []
        self._monotonic: list[bool] = []
        self._class = lazy.message("metrics.v1.NumberDataPoint")
        self._tails: dict[bytes, tuple[Bag, int] | None] = {}  # attributes and flags; `None` for one that holds anything else

    def read(self, data: Any, series: int) -> None:  # ruff: ignore[any-type] - see `Points.read`
        """The points of one metric."""
        points = list(data.data_points)
        self.series += [series] * len(points)
        if "aggregation_temporality" in data.DESCRIPTOR.fields_by_name:
            self._temporalities += [data.aggregation_temporality] * len(points)
            self._monotonic += [data.is_monotonic] * len(points)
        known = self._tails.get
        starts, times, numbers, attributes, flags = self.starts, self.times, self._numbers, self._attributes, self._flags
        for raw in points:
            tags = raw[:_HEAD_BYTES:9]
            if tags == _DOUBLE_HEAD:
                start, time, number = _double_head(raw)
            elif tags == _INTEGER_HEAD:
                start, time, integer = _integer_head(raw)
                number = float(integer)
            else:
                self._read_other(raw)
                continue
            rest = raw[_HEAD_BYTES:]
            tail = known(rest) or self._tail(rest)
            if tail is None:
                self._read_other(raw)
                continue
            starts.append(start)
            times.append(time)
            numbers.append(number)
            attributes.append(tail[0])
            flags.append(tail[1])

    def _tail(self, rest: bytes) -> tuple[Bag, int] | None:
        """The bytes behind the head as attributes and flags; `None` if they repeat a field of the head."""
        if rest not in self._tails:
            attributes = _cut(rest)
            self._tails[rest] = (self._bags.bag(attributes), 0) if attributes is not None else self._parsed_tail(rest)
        return self._tails[rest]

    def _parsed_tail(self, rest: bytes) -> tuple[Bag, int] | None:
        point = self._class.FromString(rest)
        fields = point.ListFields()  # by their numbers
        plain = (not fields or fields[0][0].number >= _FIRST_IN_TAIL) and point.SerializeToString() == rest
        return (self._bags.bag(point.attributes), point.flags) if plain else None

    def _read_other(self, raw: bytes) -> None:
        """A point that is laid out in any other way."""
        point = self._class.FromString(raw)
        self._read_exemplars(len(self.times), point.exemplars)
        self.starts.append(point.start_time_unix_nano)
        self.times.append(point.time_unix_nano)
        kind = point.WhichOneof("value")
        self._numbers.append(None if kind is None else float(getattr(point, kind)))
        self._attributes.append(self._bags.bag(point.attributes))
        self._flags.append(point.flags)

    def _values(self, kind: pa.StructType) -> dict[str, pa.Array]:
        del kind
        return {"value": pa.array(self._numbers, pa.float64()), "is_monotonic": pa.array(self._monotonic, pa.bool_())}


class Histograms(Points):
    """Histograms with explicit bounds."""

    def __init__(self, bags: Bags) -> None:
        super().__init__(bags)
        self._counts: list[int] = []
        self._buckets: list[Sequence[int]] = []
        self._bounds: list[Sequence[float]] = []
        self._optional: list[tuple[float | None, float | None, float | None]] = []

    def _read_values(self, data: Any, points: Sequence[Any]) -> None:  # ruff: ignore[any-type] - see `read`
        self._counts += [point.count for point in points]
        self._buckets += [list(point.bucket_counts) for point in points]
        self._bounds += [list(point.explicit_bounds) for point in points]
        self._optional += [_optional(point) for point in points]
        self._temporalities += [data.aggregation_temporality] * len(points)

    def _values(self, kind: pa.StructType) -> dict[str, pa.Array]:
        del kind
        return {
            "count": columns.nanoseconds(self._counts),
            "bucket_counts": _bucket_lists(self._buckets),
            "explicit_bounds": pa.array(self._bounds, pa.list_(pa.float64())),
            **_optional_columns(self._optional),
        }


class ExponentialHistograms(Points):
    """Histograms whose bounds follow from a scale."""

    def __init__(self, bags: Bags) -> None:
        super().__init__(bags)
        self._numbers: list[tuple[int, int, int, float]] = []  # count, scale, zero count, zero threshold
        self._positive: list[tuple[int, Sequence[int]] | None] = []
        self._negative: list[tuple[int, Sequence[int]] | None] = []
        self._optional: list[tuple[float | None, float | None, float | None]] = []

    def _read_values(self, data: Any, points: Sequence[Any]) -> None:  # ruff: ignore[any-type] - see `read`
        self._numbers += [(point.count, point.scale, point.zero_count, point.zero_threshold) for point in points]
        self._positive += [_bucket(point, "positive") for point in points]
        self._negative += [_bucket(point, "negative") for point in points]
        self._optional += [_optional(point) for point in points]
        self._temporalities += [data.aggregation_temporality] * len(points)

    def _values(self, kind: pa.StructType) -> dict[str, pa.Array]:
        counts, scales, zeros, thresholds = zip(*self._numbers, strict=True)
        return {
            "count": columns.nanoseconds(counts),
            "scale": pa.array(scales, pa.int32()),
            "zero_count": columns.nanoseconds(zeros),
            "zero_threshold": pa.array(thresholds, pa.float64()),
            "positive_bucket": _bucket_column(self._positive, kind.field("positive_bucket").type),
            "negative_bucket": _bucket_column(self._negative, kind.field("negative_bucket").type),
            **_optional_columns(self._optional),
        }


class Summaries(Points):
    """Quantiles that the sender computed."""

    def __init__(self, bags: Bags) -> None:
        super().__init__(bags)
        self._counts: list[int] = []
        self._sums: list[float] = []
        self._quantiles: list[list[dict[str, float]]] = []

    def _read_values(self, data: Any, points: Sequence[Any]) -> None:  # ruff: ignore[any-type] - see `read`
        del data
        self._counts += [point.count for point in points]
        self._sums += [point.sum for point in points]
        self._quantiles += [[{"quantile": item.quantile, "value": item.value} for item in point.quantile_values] for point in points]

    def _values(self, kind: pa.StructType) -> dict[str, pa.Array]:
        return {
            "count": columns.nanoseconds(self._counts),
            "sum": pa.array(self._sums, pa.float64()),
            "quantile_values": pa.array(self._quantiles, kind.field("quantile_values").type),
        }


KINDS: dict[str, Callable[[Bags], Points]] = {
    "gauge": Numbers,
    "sum": Numbers,
    "histogram": Histograms,
    "exponential_histogram": ExponentialHistograms,
    "summary": Summaries,
}


def _cut(rest: bytes) -> list[bytes] | None:
    """Attributes of less than 128 bytes, each behind its tag and length; `None` for bytes that are anything else."""
    found, start, end = [], 0, len(rest)
    while start < end - 1 and rest[start] == _ATTRIBUTE and rest[start + 1] < 0x80:
        stop = start + 2 + rest[start + 1]
        found.append(rest[start + 2 : stop])
        start = stop
    return found if start == end else None


def _optional(point: Any) -> tuple[float | None, float | None, float | None]:  # ruff: ignore[any-type] - see `Points.read`
    return (
        point.sum if point.HasField("sum") else None,
        point.min if point.HasField("min") else None,
        point.max if point.HasField("max") else None,
    )


def _optional_columns(values: Sequence[tuple[float | None, float | None, float | None]]) -> dict[str, pa.Array]:
    return {name: pa.array([value[place] for value in values], pa.float64()) for place, name in enumerate(("sum", "min", "max"))}


def _bucket(point: Any, name: str) -> tuple[int, Sequence[int]] | None:  # ruff: ignore[any-type] - see `Points.read`
    if not point.HasField(name):
        return None
    bucket = getattr(point, name)
    return bucket.offset, list(bucket.bucket_counts)


def _bucket_column(buckets: Sequence[tuple[int, Sequence[int]] | None], kind: pa.StructType) -> pa.Array:
    offsets = pa.array([bucket[0] if bucket else 0 for bucket in buckets], pa.int32())
    counts = _bucket_lists([bucket[1] if bucket else () for bucket in buckets])
    absent = pa.array([bucket is None for bucket in buckets], pa.bool_())
    return pa.StructArray.from_arrays([offsets, counts], fields=[kind.field(0), kind.field(1)], mask=absent)


def _bucket_lists(lists: Sequence[Sequence[int]]) -> pa.Array:
    found = pa.array(lists, pa.list_(pa.uint64()))
    return pa.ListArray.from_arrays(found.offsets, found.values.view(pa.int64()))


def _empty_lists(kind: pa.ListType, length: int) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array([0] * (length + 1), pa.int32()), pa.array([], kind.value_type), type=kind)
