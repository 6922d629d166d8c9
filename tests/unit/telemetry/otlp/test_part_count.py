"""What an export holds, counted on its bytes."""

import json

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from headgate.telemetry.otlp import part_count

LOGS, METRICS = ExportLogsServiceRequest.DESCRIPTOR, ExportMetricsServiceRequest.DESCRIPTOR


def nested(*numbers, content):
    """Content within fields of bytes, the innermost last."""
    for number in reversed(numbers):
        size = len(content)
        length = bytes([size]) if size < 0x80 else bytes([size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14])
        content = bytes([number << 3 | 2]) + length + content
    return content


def test_every_message_counts():
    """Resource, its scope, record, body, two attributes and the values of both, an array's two elements: 11 with the array itself."""
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=1)
    record.body.array_value.values.add(int_value=1 << 60)
    record.body.array_value.values.add(string_value="x" * 500)
    for key in "ab":
        record.attributes.add(key=key).value.double_value = 1.5
    assert part_count.messages(LOGS, request.SerializeToString(), 100) == 11


@pytest.mark.parametrize(
    "body",
    [
        b"\x0a\x00" * 2000,
        nested(1, content=b"\x12\x00" * 2000),
        nested(1, 2, content=b"\x12\x00" * 2000),
        nested(1, 1, content=b"\x0a\x00" * 2000),
        nested(1, 2, 2, content=b"\x32\x00" * 2000),
        nested(1, 2, 2, 5, 5, content=b"\x0a\x00" * 2000),
        nested(1, 2, 2, 5, 6, content=b"\x0a\x00" * 2000),
        nested(1, 2, 2, 5, content=b"\x2a\x00\x32\x00" * 1000),  # one value that changes its kind all the time
    ],
    ids=["resources", "scopes", "records", "resource attributes", "attributes", "array elements", "pairs", "kinds"],
)
def test_none_of_them_can_be_smuggled_past(body):
    """Each way to make two bytes a message."""
    assert part_count.messages(LOGS, body, 1000) > 1000


def test_packed_numbers_count_each():
    """A byte of a bucket becomes eight."""
    buckets = nested(1, 2, 2, 10, 1, 8, content=b"\x12\xd0\x0f" + bytes(2000))
    assert part_count.messages(METRICS, buckets, 900) > 900


def test_the_count_ends_where_the_limit_is():
    """However long the body."""
    assert part_count.messages(LOGS, b"\x0a\x00" * 100_000, 50) == 51
    assert part_count.lists(b"\x0a\x00" * 100_000, 50) == 51


def test_a_body_too_short_for_so_many_is_not_walked():
    """Which are nearly all."""
    assert part_count.messages(LOGS, b"\x0a\x00" * 500, 500) == 0
    assert part_count.json_marks(b"[" * 500, 500) == 0


@pytest.mark.parametrize("body", [b"\xff" * 500, b"\x0b" * 500, b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff" * 50, b"\x0a\x7f" * 400, b"\x08" * 501])
def test_what_is_malformed_is_counted_as_far_as_it_goes(body):
    """The parser says what is wrong with it."""
    assert part_count.messages(LOGS, body, 100) >= 0


def test_resources_and_scopes_are_counted_apart_from_their_items():
    """Those are stepped over."""
    request = ExportLogsServiceRequest()
    for _ in range(3):
        request.resource_logs.add().scope_logs.add().log_records.add().body.string_value = "x" * 100
    assert part_count.lists(request.SerializeToString(), 100) == 6


def test_marks_of_json_are_those_outside_of_strings(monkeypatch):
    """Wherever a window ends: within a string, an escape, a run of backslashes."""
    text = json.dumps({"a": ["{[,\\", 'x","{', {"b": "\\\\"}, "[" * 50], "c\\": '\\"'})
    expected = 2 + 1 + 4  # braces, brackets, commas
    for window in range(1, 60):
        monkeypatch.setattr(part_count, "_WINDOW_BYTES", window)
        assert part_count.json_marks(text.encode(), 10) == expected
    assert part_count.json_marks(b"{}," * 500, 400) == 1000
