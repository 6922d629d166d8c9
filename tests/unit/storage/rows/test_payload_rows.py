"""Logged payloads as rows."""

import datetime as dt

import msgspec
import pytest

from headgate.core.payload import LoggedPayload
from headgate.storage.rows import payload_rows

LOGGED = LoggedPayload(
    request_id="r-1",
    event_time_ns=1_790_000_000_000_001_000,
    endpoint="opus",
    requester="ada@example.com",
    status_code=200,
    latency_ms=12,
    request='{"a":1}',
    response=None,
    response_file="payloads/r-1.response",
    error_codes=("MAX_RESPONSE_SIZE_EXCEEDED",),
    provider="anthropic",
    model_sent="claude-opus-4-6",
    request_tags={"team": "web"},
)


def test_a_payload_becomes_a_row():
    """Every column; what is not known is NULL."""
    table = payload_rows.table([msgspec.msgpack.encode(LOGGED)])
    (row,) = table.to_pylist(maps_as_pydicts="strict")

    assert row == {
        "request_id": "r-1",
        "invocation_id": None,
        "request_tags": {"team": "web"},
        "event_time": dt.datetime.fromtimestamp(1_790_000_000, dt.UTC).replace(microsecond=1),
        "status_code": 200,
        "sampling_fraction": 1.0,
        "latency_ms": 12,
        "time_to_first_byte_ms": None,
        "request": '{"a":1}',
        "response": None,
        "destination_id": None,
        "destination_type": "EXTERNAL_MODEL",
        "destination_name": "anthropic",
        "destination_model": "claude-opus-4-6",
        "requester": "ada@example.com",
        "logging_error_codes": ["MAX_RESPONSE_SIZE_EXCEEDED"],
        "schema_version": 1,
        "url": None,
        "api_type": None,
        "endpoint_name": "opus",
        "session_id": None,
        "request_file": None,
        "response_file": "payloads/r-1.response",
    }


def test_other_bytes_are_refused():
    """So that the carrier can name their frame."""
    with pytest.raises(ValueError, match="array"):
        payload_rows.table([b"\x01"])
