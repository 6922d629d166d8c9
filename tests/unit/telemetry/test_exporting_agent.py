"""Which agent an export comes from."""

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from headgate.telemetry.exporting_agent import exporting_agent


def export(**attributes: str) -> bytes:
    """An export whose resource has these attributes."""
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add().resource
    for key, value in attributes.items():
        attribute = resource.attributes.add()
        attribute.key = key.replace("_", ".")
        attribute.value.string_value = value
    request.resource_logs[0].scope_logs.add().log_records.add().body.string_value = "x" * 9000
    return request.SerializeToString()


@pytest.mark.parametrize(
    ("name", "agent"),
    [("claude-code", "claude-code"), ("codex_exec_2", "codex"), ("gemini-cli", "gemini-cli"), ("my-service", ""), ("", ""), ("x" * 200, "")],
)
def test_agents(name, agent):
    """By the name of its service, wherever that is among the attributes."""
    assert exporting_agent(export(host_name="h" * 100, service_name=name, os_type="linux")) == agent


def test_an_export_that_does_not_say():
    """No name, a name that is no text, or bytes that end early: not known."""
    assert not exporting_agent(export(host_name="h"))
    assert not exporting_agent(b"")
    whole = export(service_name="claude-code")
    begin = whole.index(b"service.name")
    for end in range(begin, begin + 18):
        assert not exporting_agent(whole[:end])
    assert not exporting_agent(b"\x0a\x0cservice.name\x12\x02\x18\x07")
