"""What the three signals' tables share: where a row came from (resource, scope, time of arrival), enum names, ids, and the assembly of columns by a schema."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from headgate.storage.otlp import lazy
from headgate.storage.otlp.bags import Bag, Bags

SERVICE_NAME = "service.name"


class Payload(msgspec.Struct, frozen=True):
    """One acknowledged export: its protobuf and when it was received."""

    body: bytes
    received_at_ns: int


class Origins:
    """Resources and scopes of a batch, each kept once; an origin is a number that stands for a pair of them and the entry they arrived in."""

    def __init__(self, signal: str, bags: Bags) -> None:
        self._signal = signal
        self._bags = bags
        self._resource_class = lazy.message("resource.v1.Resource")
        self._scope_class = lazy.message("common.v1.InstrumentationScope")
        self._resource_ids: dict[tuple[bytes, str], int] = {}
        self._resources: list[tuple[Bag, int, str]] = []
        self._scope_ids: dict[tuple[bytes, str], int] = {}
        self._scopes: list[tuple[str, str, Bag, int, str]] = []
        self._pairs: list[tuple[int, int, int]] = []  # resource, scope, entry

    def resource(self, raw: bytes, schema_url: str) -> int:
        """A resource's number."""
        key = (raw, schema_url)
        if key not in self._resource_ids:
            parsed = self._resource_class.FromString(raw)
            self._resource_ids[key] = len(self._resources)
            self._resources.append((self._bags.bag(parsed.attributes), int32(parsed.dropped_attributes_count), schema_url))
        return self._resource_ids[key]

    def origin(self, resource: int, raw_scope: bytes, schema_url: str, entry: int) -> int:
        """The number of a resource, a scope and the batch's entry that holds them."""
        key = (raw_scope, schema_url)
        if key not in self._scope_ids:
            parsed = self._scope_class.FromString(raw_scope)
            self._scope_ids[key] = len(self._scopes)
            self._scopes.append((parsed.name, parsed.version, self._bags.bag(parsed.attributes), int32(parsed.dropped_attributes_count), schema_url))
        self._pairs.append((resource, self._scope_ids[key], entry))
        return len(self._pairs) - 1

    def entry(self, origin: int) -> int:
        """The top-level entry of the batch that holds the origin."""
        return self._pairs[origin][2]

    def columns(self, rows: pa.Array, schema_url: str) -> dict[str, pa.Array]:
        """Resource and scope columns of rows with these origins; `schema_url` is the name of the signal's own column."""
        resource_rows = pa.array([pair[0] for pair in self._pairs], pa.int32()).take(rows)
        scope_rows = pa.array([pair[1] for pair in self._pairs], pa.int32()).take(rows)
        bags = self._bags
        resource = _struct({
            "attributes": bags.column([item[0] for item in self._resources]),
            "dropped_attributes_count": pa.array([item[1] for item in self._resources], pa.int32()),
        })
        scope = _struct({
            "name": pa.array([item[0] for item in self._scopes], pa.string()),
            "version": pa.array([item[1] for item in self._scopes], pa.string()),
            "attributes": bags.column([item[2] for item in self._scopes]),
            "dropped_attributes_count": pa.array([item[3] for item in self._scopes], pa.int32()),
        })
        return {
            "resource": resource.take(resource_rows),
            "resource_schema_url": pa.array([item[2] for item in self._resources], pa.string()).take(resource_rows),
            "instrumentation_scope": scope.take(scope_rows),
            schema_url: pa.array([item[4] for item in self._scopes], pa.string()).take(scope_rows),
            "service_name": pa.array([bags.get(item[0], SERVICE_NAME) for item in self._resources], pa.string()).take(resource_rows),
        }


class Arrivals:
    """When each entry of a concatenated batch arrived. Only rows without a time ask, so entries are counted only then."""

    def __init__(self, signal: str, payloads: Sequence[Payload]) -> None:
        self._signal = signal
        self._payloads = payloads
        self._starts: list[int] = []

    def at_ns(self, entry: int) -> int:
        """The time of arrival of the payload that holds this entry."""
        if not self._starts:
            kind = lazy.request(self._signal)
            counts = (len(next(iter(_lists(kind.FromString(payload.body))), ())) for payload in self._payloads)
            self._starts = [0, *accumulate(counts)][:-1]
        return self._payloads[bisect_right(self._starts, entry) - 1].received_at_ns


def _lists(message: Any) -> list[Any]:  # ruff: ignore[any-type] - a message of a class made at run time
    return [value for field, value in message.ListFields() if field.is_repeated]


def nanoseconds(values: Sequence[int]) -> pa.Array:
    """fixed64 times and counts as BIGINT: the same 64 bits, so that no value can fail a batch."""
    return pa.array(values, pa.uint64()).view(pa.int64())


def known_nanoseconds(values: Sequence[int]) -> pa.Array:
    """As `nanoseconds`, with 0, which OTLP uses for unknown, as null."""
    return nanoseconds_or_null([value or None for value in values])


def nanoseconds_or_null(values: Sequence[int | None]) -> pa.Array:
    """As `nanoseconds`, nulls kept."""
    return pa.array(values, pa.uint64()).view(pa.int64())


def int32(value: int) -> int:
    """uint32 as INT: the same 32 bits."""
    return value - (1 << 32) if value >= 1 << 31 else value


def int64(value: int) -> int:
    """uint64 as BIGINT: the same 64 bits."""
    return value - (1 << 64) if value >= 1 << 63 else value


def flags(values: Sequence[int]) -> pa.Array:
    """uint32 columns as INT."""
    return pa.array(values, pa.uint32()).view(pa.int32())


def hexadecimal(raw: bytes) -> str | None:
    """An id in lower-case hex; no id is null."""
    return raw.hex() or None


def names(values: Sequence[int], enum: Mapping[int, str]) -> pa.Array:
    """An enum's names; a number that has none is written as a number."""
    return pa.array([enum.get(value) or str(value) for value in values], pa.string())


def table(schema: pa.Schema, columns: Mapping[str, pa.Array], length: int) -> pa.Table:
    """The schema's columns in order; one that is not given is null."""
    return pa.table([columns[field.name] if field.name in columns else pa.nulls(length, field.type) for field in schema], schema=schema)


def struct(kind: pa.StructType, columns: Mapping[str, pa.Array]) -> pa.Array:
    """A struct column with the type's fields in order."""
    fields = [kind.field(number) for number in range(kind.num_fields)]
    return pa.StructArray.from_arrays([columns[field.name] for field in fields], fields=fields)


def first_columns(times_ns: Sequence[int], record_ids: Sequence[str]) -> dict[str, pa.Array]:
    """What v2 puts in front: `record_id`, `time` and `date` (UTC)."""
    time = pc.divide(nanoseconds(times_ns), 1000).cast(pa.timestamp("us", "UTC"))
    return {"record_id": pa.array(record_ids, pa.string()), "time": time, "date": time.cast(pa.date32())}


def _struct(columns: Mapping[str, pa.Array]) -> pa.Array:
    return pa.StructArray.from_arrays(list(columns.values()), fields=[pa.field(name, column.type) for name, column in columns.items()])
