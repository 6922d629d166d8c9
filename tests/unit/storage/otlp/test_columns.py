"""What the three signals' tables share."""

import pyarrow as pa
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from headgate.storage.otlp import columns
from headgate.storage.otlp.columns import Arrivals, Payload


def _payload(entries, received_at_ns):
    request = ExportLogsServiceRequest()
    for _ in range(entries):
        request.resource_logs.add(schema_url="x")
    return Payload(request.SerializeToString(), received_at_ns)


@pytest.mark.parametrize(("entry", "expected"), [(0, 10), (1, 10), (2, 30), (3, 40)])
def test_an_entry_arrived_with_its_payload(entry, expected):
    """Empty payloads between do not shift the count."""
    arrivals = Arrivals("logs", [_payload(2, 10), _payload(0, 20), _payload(1, 30), _payload(1, 40)])

    assert arrivals.at_ns(entry) == expected


def test_unsigned_numbers_keep_their_bits():
    """A count beyond BIGINT is wrong, but fails no batch."""
    assert columns.nanoseconds([0, (1 << 64) - 1]).to_pylist() == [0, -1]
    assert columns.known_nanoseconds([0, 5]).to_pylist() == [None, 5]
    assert columns.flags([(1 << 32) - 1]).to_pylist() == [-1]
    assert (columns.int32((1 << 32) - 1), columns.int64(1 << 63)) == (-1, -(1 << 63))


def test_enum_names_and_ids():
    """An unknown number is written as a number; no id is null."""
    assert columns.names([0, 9], {0: "A"}).to_pylist() == ["A", "9"]
    assert (columns.hexadecimal(b"\xab"), columns.hexadecimal(b"")) == ("ab", None)


def test_columns_that_are_not_given_are_null():
    """A table has all its schema's columns."""
    schema = pa.schema([("a", pa.int64()), ("b", pa.string())])

    assert columns.table(schema, {"a": pa.array([1])}, 1).to_pylist() == [{"a": 1, "b": None}]


def test_the_first_columns_of_v2():
    """Time in microseconds and the date in UTC."""
    front = columns.first_columns([1763980799_999_999_999], ["id"])

    assert front["time"].cast(pa.int64()).to_pylist() == [1763980799_999_999]
    assert str(front["date"][0]) == "2025-11-24"
