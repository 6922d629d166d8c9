"""OTLP's messages with raw attributes."""

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from headgate.storage.otlp import lazy


def test_nested_messages_come_back_as_the_bytes_they_arrived_in():
    """An attribute is handed on unparsed; the rest reads as always."""
    item = KeyValue(key="a", value=AnyValue(string_value="b"))
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(severity_text="INFO", attributes=[item], body=AnyValue(int_value=5))

    got = lazy.request("logs").FromString(request.SerializeToString()).resource_logs[0].scope_logs[0].log_records[0]

    assert list(got.attributes) == [item.SerializeToString()]
    assert got.body == record.body.SerializeToString()
    assert got.severity_text == "INFO"


@pytest.mark.parametrize("signal", ["metrics", "logs", "spans"])
def test_every_signal_has_its_request_and_classes_are_made_once(signal):
    """Making the classes costs milliseconds; that is paid once."""
    assert lazy.request(signal) is lazy.request(signal)
    assert lazy.request(signal).FromString(b"").SerializeToString() == b""
