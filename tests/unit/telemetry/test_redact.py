"""Redaction by attribute name."""

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList

from headgate.core.errors import BadRequest
from headgate.telemetry import redact
from headgate.telemetry.otlp import export_body


def _kv(key, value):
    return KeyValue(key=key, value=value if isinstance(value, AnyValue) else AnyValue(string_value=value))


def _logs(*attributes, resource=(), body=None):
    request = ExportLogsServiceRequest()
    logs = request.resource_logs.add()
    logs.resource.attributes.extend(resource)
    record = logs.scope_logs.add().log_records.add()
    record.attributes.extend(attributes)
    if body is not None:
        record.body.CopyFrom(body)
    return export_body.validate("logs", request.SerializeToString())


def _record(export):
    return ExportLogsServiceRequest.FromString(export.payload).resource_logs[0].scope_logs[0].log_records[0]


def _values(export):
    return {item.key: item.value.string_value or item.value.int_value for item in _record(export).attributes}


def test_prompts_are_off_by_default():
    """What people wrote and tools were given goes; what was measured stays."""
    export = _logs(
        _kv("event.name", "user_prompt"), _kv("prompt", "my secret plan"), _kv("prompt.id", "p1"), _kv("prompt_length", "14"), _kv("tool_input", "{}")
    )

    got = redact.apply(export, redact.prompts_off())

    assert _values(got) == {"event.name": "user_prompt", "prompt": "<REDACTED>", "prompt.id": "p1", "prompt_length": "14", "tool_input": "<REDACTED>"}
    assert b"secret" not in got.payload
    assert got.accepted == export.accepted


def test_an_export_without_such_names_is_the_same_object():
    """Most exports are not even parsed a second time."""
    export = _logs(_kv("model", "opus"), _kv("text", "a prompt"))

    assert redact.apply(export, redact.prompts_off()) is export
    assert redact.apply(export, None) is export


def test_what_the_client_redacted_itself_is_left():
    """Claude Code sends the word already."""
    export = _logs(_kv("prompt", "<REDACTED>"))

    assert redact.apply(export, redact.prompts_off()) is export


def test_json_keys_are_found_in_any_order():
    """A sender may write the value before the key."""
    body = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"value":{"stringValue":"secret"},"key":"prompt"}]}]}]}]}'

    assert _values(redact.apply(export_body.read("logs", "application/json", body), redact.prompts_off())) == {"prompt": "<REDACTED>"}


def test_resources_bodies_and_nested_values_are_searched():
    """Gemini CLI's resource holds the command line, and with it the prompt."""
    nested = AnyValue(kvlist_value=KeyValueList(values=[_kv("prompt", "nested"), _kv("n", "1")]))
    args = AnyValue()
    args.array_value.values.add(string_value="gemini")
    export = _logs(_kv("details", nested), resource=[_kv("process.command_args", args)], body=nested)

    got = redact.apply(export, redact.prompts_off())

    assert b"nested" not in got.payload
    assert b"gemini" not in got.payload
    assert _record(got).body.kvlist_value.values[0].value.string_value == "<REDACTED>"
    assert _record(got).attributes[0].value.kvlist_value.values[1].value.string_value == "1"


def test_points_exemplars_spans_events_and_links_are_searched():
    """Every place that carries attributes is covered."""
    metrics = ExportMetricsServiceRequest()
    point = metrics.resource_metrics.add().scope_metrics.add().metrics.add(name="m").sum.data_points.add()
    point.attributes.append(_kv("prompt", "secret"))
    point.exemplars.add().filtered_attributes.append(_kv("prompt", "secret"))
    traces = ExportTraceServiceRequest()
    span = traces.resource_spans.add().scope_spans.add().spans.add()
    span.attributes.append(_kv("prompt", "secret"))
    span.events.add().attributes.append(_kv("prompt", "secret"))
    span.links.add().attributes.append(_kv("gen_ai.input.messages", "secret"))

    for signal, request in (("metrics", metrics), ("spans", traces)):
        assert b"secret" not in redact.apply(export_body.validate(signal, request.SerializeToString()), redact.prompts_off()).payload


def test_rules_of_ones_own():
    """Names may be added, kept and given with wildcards."""
    export = _logs(_kv("user.email", "ana@example.org"), _kv("prompt", "p"), _kv("x.secret.y", "s"))

    assert _values(redact.apply(export, redact.prompts_off(keep=["prompt"], more=["user.email"]))) == {
        "user.email": "<REDACTED>",
        "prompt": "p",
        "x.secret.y": "s",
    }
    assert _values(redact.apply(export, redact.compile_rules(["*.secret.*"])))["x.secret.y"] == "<REDACTED>"
    assert redact.compile_rules([]) is None
    for bad in (["*"], ["a"] + [f"n{n}" for n in range(600)]):
        with pytest.raises(BadRequest):
            redact.compile_rules(bad)


@pytest.mark.parametrize("name", ["p", "ab", "é", "x" * 127, "é" * 63, "x" * 128, "a.b-c]^\\", "*.tail", "he?d"])
def test_every_name_is_found_on_the_wire(name):
    """However short, long or strange it is, and whatever other names there are; a longer name that ends like it is another one."""
    sent = name.replace("*", "any").replace("?", "a")
    for rules in ([name], [name, "prompt", "tool_input"]):
        redaction = redact.compile_rules(rules)
        assert _values(redact.apply(_logs(_kv("m", "n"), _kv(sent, "secret")), redaction)) == {"m": "n", sent: "<REDACTED>"}
        other = _logs(_kv("not" + sent[-60:], "kept"))
        if name[0] != "*":
            assert redact.apply(other, redaction) is other


def test_what_a_tool_call_did_is_counted_before_its_arguments_go():
    """Codex reports commits and lines nowhere else."""
    patch = "*** Begin Patch\n*** Update File: a.py\n@@\n-old\n+new\n+more\n*** End Patch"
    export = _logs(
        _kv("event.name", "codex.tool_result"), _kv("tool_name", "apply_patch"), _kv("success", AnyValue(bool_value=True)), _kv("arguments", patch)
    )

    got = _values(redact.apply(export, redact.prompts_off()))

    assert got["arguments"] == "<REDACTED>"
    assert (got["headgate.lines_added"], got["headgate.lines_removed"]) == (2, 1)


def test_what_is_kept_may_be_named_by_a_pattern():
    """And everything by one star, but for what is named beside it."""
    assert redact.prompts_off(keep=["*"]) is None
    rules = redact.prompts_off(keep=["*"], more=["user.email"])
    assert (rules.names.match("user.email") is not None, rules.names.match("prompt")) == (True, None)
    assert redact.prompts_off(keep=["gen_ai.*"]).names.match("gen_ai.prompt") is None
