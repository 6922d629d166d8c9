"""What the demo's agents export: messages that the official classes read, and reports that the ledger's views pair with the exchanges."""

import datetime as dt
import itertools

import msgspec
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from headgate.app.demo_month import calendar, exports, telemetry
from headgate.app.demo_month.cast import CLAUDE_CODE, CODEX, GEMINI_CLI
from headgate.app.demo_month.messages import DemoTable
from headgate.app.demo_month.reporting import Reporting
from headgate.app.demo_month.stream import Stream
from headgate.catalog.otel_tables import LOGS, METRICS, OtelKind
from headgate.core.batch import Batch
from headgate.core.clock import midnight_ns
from headgate.storage.otlp.otel_rows import Payload, decode
from tests.fakes.demo import ANCHOR, CAST

DAY = ANCHOR - dt.timedelta(days=3)
SESSIONS = [session for session in calendar.sessions_on(CAST, DAY) if session.steps]
WINDOW = (midnight_ns(DAY), midnight_ns(ANCHOR))


@pytest.fixture(scope="module")
def rows():
    """The rows of what was exported of a day, by signal."""
    exported = {LOGS: telemetry.logs(SESSIONS, *WINDOW), METRICS: telemetry.metrics(SESSIONS, *WINDOW)}
    made = {signal: decode(OtelKind(signal, "v1"), [Payload(one.body, 1)]).to_pylist(maps_as_pydicts="strict") for signal, one in exported.items()}
    assert {signal: len(found) for signal, found in made.items()} == {signal: one.rows for signal, one in exported.items()}
    return made


def _steps(agent):
    return [step for session in SESSIONS if session.agent == agent and session.person.telemetry for step in session.steps]


def test_official_classes_read_it():
    """Every kind of value, a body, a name, both times; a counter with its unit and its temporality."""
    values = {"text": "ä", "number": 1 << 40, "whole": 1, "yes": True, "share": 0.5}
    log = exports.record(5, values, shared=exports.attributes_of({"of": "all"}), body="b", event_name="n")
    untimed = exports.record(6, {}, timed=False)
    request = ExportLogsServiceRequest.FromString(exports.export({"service.name": "s"}, ("scope", "1"), [log, untimed]))
    [group] = request.resource_logs
    first, second = group.scope_logs[0].log_records
    found = {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in first.attributes}

    assert found == {"of": "all", **values}
    assert (first.time_unix_nano, first.observed_time_unix_nano, first.body.string_value, first.event_name) == (5, 5, "b", "n")
    assert (second.time_unix_nano, second.observed_time_unix_nano) == (0, 6)
    assert (group.scope_logs[0].scope.name, group.resource.attributes[0].value.string_value) == ("scope", "s")

    point = exports.counter("m", "USD", exports.attributes_of({"a": 1}, 7), 2.5, (3, 4), exports.CUMULATIVE)
    metric = ExportMetricsServiceRequest.FromString(exports.export({}, ("s", ""), [point])).resource_metrics[0].scope_metrics[0].metrics[0]
    only = metric.sum.data_points[0]
    assert (metric.name, metric.unit, metric.sum.aggregation_temporality, metric.sum.is_monotonic) == ("m", "USD", 2, True)
    assert (only.start_time_unix_nano, only.time_unix_nano, only.as_double, only.attributes[0].value.int_value) == (3, 4, 2.5, 1)


def test_every_answer_is_reported_once(rows):
    """Claude Code names our request id, Gemini CLI the answer's id, Codex the counts of its session; none of it twice."""
    logs = rows[LOGS]
    claude = [row["attributes"]["request_id"] for row in logs if row["event_name"] == "api_request"]
    gemini = [row["attributes"]["gen_ai.response.id"] for row in logs if row["event_name"].startswith("gen_ai.")]
    codex = [row for row in logs if row["event_name"] == "codex.sse_event" and "input_token_count" in row["attributes"]]

    def answered(agent):
        return [step.outcome for step in _steps(agent) if step.outcome.ended == "completed"]

    assert sorted(claude) == sorted(outcome.intent.request_id for outcome in answered(CLAUDE_CODE))
    assert sorted(gemini) == sorted(outcome.response_id for outcome in answered(GEMINI_CLI))
    assert len(codex) == len(answered(CODEX))


def test_counters_add_up_to_the_exchanges(rows):
    """The deltas of Claude Code's tokens are the tokens of its answers, and so is its cost; lines are those of its tools."""
    points = [row for row in rows[METRICS] if row["name"] == "claude_code.token.usage"]
    usages = [step.outcome.usage for step in _steps(CLAUDE_CODE) if step.outcome.ended == "completed"]
    added = [
        row["sum"]["value"]
        for row in rows[METRICS]
        if row["name"] == "claude_code.lines_of_code.count" and row["sum"]["attributes"]["type"] == "added"
    ]

    def counted(kind):
        return sum(row["sum"]["value"] for row in points if row["sum"]["attributes"]["type"] == kind)

    assert counted("input") == sum(usage.input_tokens for usage in usages)
    assert counted("cacheRead") == sum(usage.cache_read_tokens for usage in usages)
    assert counted("output") == sum(usage.output_tokens for usage in usages)
    assert sum(added) == sum(tool.added for step in _steps(CLAUDE_CODE) for tool in step.tools if tool.ok)


def test_who_reports(rows):
    """The one without telemetry reports nothing; the one who bypasses the gateway reports more than passed."""
    users = {row["attributes"].get("user.email") for row in rows[LOGS]}
    month = [session for number in range(9) for session in calendar.sessions_on(CAST, ANCHOR - dt.timedelta(days=number))]

    assert "henrik.berg@acme.example" not in users
    assert {session.person.name for session in month if any(step.bypassed for step in session.steps)} == {"ben.larsen@acme.example"}


def test_stretches_of_time_share_nothing():
    """Cut anywhere, the same records and points come out."""
    moments = [WINDOW[0], WINDOW[0] + 34_567_000_000_123, WINDOW[0] + 50_000_000_000_000, WINDOW[1]]
    for signal in (telemetry.logs, telemetry.metrics):
        parts = [signal(SESSIONS, *stretch).rows for stretch in itertools.pairwise(moments)]
        assert sum(parts) == signal(SESSIONS, *WINDOW).rows


def test_what_goes_on_is_reported_too():
    """Every few steps a batch for each table, with a record of each answer of an agent that exports."""
    tables = {signal: DemoTable(signal, f"main.default.{signal}", "/w", True) for signal in (LOGS, METRICS)}
    stream, reporting, bodies, asked = Stream(CAST, "seed"), Reporting(tables, WINDOW[0]), [], []
    for number in range(200):
        now_ns = WINDOW[0] + (number + 1) * 4_000_000_000
        session, step, last = stream.next(now_ns)
        reporting.add(session, step, last=last)
        bodies += reporting.due(now_ns)
        if session.agent == CLAUDE_CODE and session.person.telemetry and step.outcome.ended == "completed":
            asked.append(step.outcome.intent.request_id)
    bodies += reporting.due(WINDOW[1])
    batches = [msgspec.msgpack.decode(body, type=Batch) for body in bodies]
    found = decode(OtelKind(LOGS, "v1"), [Payload(batch.payload, 1) for batch in batches if batch.signal == LOGS]).to_pylist(maps_as_pydicts="strict")

    assert {batch.signal for batch in batches} == {LOGS, METRICS}
    assert sorted(row["attributes"]["request_id"] for row in found if row["event_name"] == "api_request") == sorted(asked)
