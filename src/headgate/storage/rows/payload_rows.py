"""Logged requests and answers as rows of a payload table."""

from collections.abc import Sequence

import msgspec
import pyarrow as pa

from headgate.catalog import payload_tables
from headgate.core.payload import LoggedPayload
from headgate.storage.delta.arrow_types import arrow_schema


def table(payloads: Sequence[bytes]) -> pa.Table:
    """The rows of these payloads, in the columns of `catalog.payload_tables`. Raises `ValueError` if one of them is none."""
    decoder = msgspec.msgpack.Decoder(LoggedPayload)
    rows = [_row(decoder.decode(payload)) for payload in payloads]
    return pa.Table.from_pylist(rows, schema=arrow_schema(payload_tables.SCHEMA))


def _row(logged: LoggedPayload) -> dict[str, object]:
    return {
        "request_id": logged.request_id,
        "request_tags": list(logged.request_tags.items()),
        "event_time": logged.event_time_ns // 1000,
        "status_code": logged.status_code or None,
        "sampling_fraction": logged.sampling_fraction,
        "latency_ms": logged.latency_ms,
        "time_to_first_byte_ms": logged.time_to_first_byte_ms or None,
        "request": logged.request,
        "response": logged.response,
        "destination_type": "EXTERNAL_MODEL" if logged.provider else None,
        "destination_name": logged.provider or None,
        "destination_model": logged.model_sent or None,
        "requester": logged.requester or None,
        "logging_error_codes": list(logged.error_codes) or None,
        "schema_version": payload_tables.SCHEMA_VERSION,
        "url": logged.url or None,
        "api_type": logged.api_type or None,
        "endpoint_name": logged.endpoint or None,
        "session_id": logged.session_id or None,
        "request_file": logged.request_file or None,
        "response_file": logged.response_file or None,
    }
