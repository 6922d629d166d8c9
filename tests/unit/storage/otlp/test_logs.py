"""Log records as columns."""

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from headgate.catalog.otel_tables import OtelKind
from headgate.storage.otlp.otel_rows import Payload, decode


def _row(**fields):
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.add(**fields)
    return decode(OtelKind("logs", "v1"), [Payload(request.SerializeToString(), 99)]).to_pylist()[0]


@pytest.mark.parametrize(("time", "observed", "expected"), [(5, 6, (5, 6)), (0, 6, (6, 6)), (5, 0, (5, 99)), (0, 0, (99, 99))])
def test_missing_times_fall_back(time, observed, expected):
    """To the observed time, and without that to the time of arrival."""
    row = _row(time_unix_nano=time, observed_time_unix_nano=observed)

    assert (row["time_unix_nano"], row["observed_time_unix_nano"]) == expected


def test_the_event_is_named_by_its_attribute():
    """Codex puts a line of source code into the field of that name."""
    named = KeyValue(key="event.name", value=AnyValue(string_value="codex.api_request"))

    assert _row(event_name="event otel/src/x.rs:803", attributes=[named])["event_name"] == "codex.api_request"
    assert _row(event_name="from.field")["event_name"] == "from.field"
    assert _row()["event_name"] is None


def test_values_of_the_page():
    """Enums by name, ids in hex, bodies as text."""
    row = _row(severity_number=9, trace_id=b"\x01" * 16, body=AnyValue(int_value=5))

    assert (row["severity_number"], row["trace_id"], row["span_id"], row["body"]) == ("SEVERITY_NUMBER_INFO", "01" * 16, None, "5")
