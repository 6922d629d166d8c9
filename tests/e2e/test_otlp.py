"""The agents' telemetry through a real gateway, from the documented statements and settings to rows: the tables are made as printed, the agents are set up
as printed, and what arrives is held against what the gateway itself counted.
"""

import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from tests.e2e import headless
from tests.e2e.agents import CODEX, GEMINI_CLI, GEMINI_CLI_OF_THE_PAGE
from tests.e2e.documented import HOST, TOKEN, block
from tests.e2e.lab import CLAUDE, GEMINI, GPT, Gateway, running
from tests.e2e.workspace import administrator
from tests.fakes import exports

PAGE = "docs/telemetry.md"
QUESTION = "What files are here?"
SIGNALS = ("metrics", "logs", "spans")


@dataclass(frozen=True)
class House:
    """A gateway with the demo provider and the documented tables."""

    gateway: Gateway

    def filled(self, name: str, page: str = PAGE) -> str:
        """A documented block as a user would fill it in."""
        return block(name, page).text.replace(HOST, self.gateway.url).replace(TOKEN, self.gateway.token)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What a table holds."""
        path = Path(self.gateway.data) / "warehouse" / "main" / "default" / table
        return [
            row
            for file in DeltaTable(str(path)).file_uris()
            for row in pq.ParquetFile(file.removeprefix("file://")).read().to_pylist(maps_as_pydicts="lossy")
        ]

    def arriving(self, signal: str, service: str, until: Callable[[list[dict[str, Any]]], bool] = bool) -> list[dict[str, Any]]:
        """The rows that one agent sent, once there are those that are waited for."""
        deadline = time.monotonic() + 90
        while True:
            found = [row for row in self.rows(f"agents_otel_{signal}") if row["resource"]["attributes"]["service.name"].startswith(service)]
            if until(found) or time.monotonic() > deadline:
                return found
            time.sleep(0.3)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The tables are made by the statements as they are printed."""
    with running(tmp_path_factory.mktemp("otlp"), None, arguments=("--demo",)) as gateway:
        root = administrator(gateway)
        for statement in block("telemetry-tables", PAGE).text.split(";"):
            if statement.strip():
                root.rows(statement)
        yield House(gateway)


def named(name):
    """Until a metric or span of this name is there."""
    return lambda rows: any(row["name"] == name for row in rows)


def happened(name, times):
    """Until an event has been told so many times."""
    return lambda rows: sum(row["event_name"] == name for row in rows) >= times


def merged(*texts: str) -> str:
    """Settings files laid over each other, as a user would."""
    whole: dict[str, Any] = {}
    for text in texts:
        for section, values in json.loads(text).items():
            whole[section] = {**whole.get(section, {}), **values}
    return json.dumps(whole)


def test_claude_code(house, desk):
    """Metrics, events and traces arrive, with the values that the gateway counted, and no prompt."""
    before = len(house.gateway.rows())
    settings = merged(house.filled("claude-code", "docs/agents.md"), house.filled("claude-code-telemetry"), house.filled("claude-code-traces"))
    result = headless.claude_code(desk, house.gateway.door(CLAUDE), QUESTION, settings=settings)
    assert result.code == 0, result.text
    usage = house.gateway.rows(before + 2)[before:]

    points = [row for row in house.arriving("metrics", "claude-code", named("claude_code.token.usage")) if row["name"] == "claude_code.token.usage"]
    counted: Counter[str] = Counter()
    for point in points:
        counted[point["sum"]["attributes"]["type"]] += point["sum"]["value"]
        assert point["sum"]["aggregation_temporality"] == "AGGREGATION_TEMPORALITY_DELTA"
    assert counted["input"] == sum(row["fresh_input_tokens"] for row in usage)
    assert counted["output"] == sum(row["output_tokens"] for row in usage)
    assert counted["cacheRead"] == sum(row["cache_read_tokens"] for row in usage)

    events = house.arriving("logs", "claude-code", happened("api_request", len(usage)))
    asked = [event["attributes"] for event in events if event["event_name"] == "api_request"]
    assert sorted(int(event["output_tokens"]) for event in asked) == sorted(row["output_tokens"] for row in usage)
    assert {event["session.id"] for event in asked} == {row["session_id"] for row in usage}
    assert all(event["time_unix_nano"] for event in events)
    assert {"user_prompt", "tool_result"} <= {event["event_name"] for event in events}
    assert QUESTION not in str(events)
    spans = house.arriving("spans", "claude-code", named("claude_code.interaction"))
    assert {span["name"] for span in spans} >= {"claude_code.interaction", "claude_code.llm_request"}


@pytest.mark.slow
def test_codex(house, desk):
    """Events get the time they were observed; its traces come in batches of hundreds; nothing of what it ran is stored."""
    before = len(house.gateway.rows())
    result = headless.codex(desk, house.gateway.door(GPT), prompt=QUESTION, extra=house.filled("codex-telemetry"), agent=CODEX)
    assert result.code == 0, result.text
    usage = house.gateway.rows(before + 2)[before:]

    events = house.arriving("logs", "codex", lambda rows: len(completed(rows)) == len(usage))
    assert all(event["time_unix_nano"] and event["time_unix_nano"] == event["observed_time_unix_nano"] for event in events)
    assert {"codex.conversation_starts", "codex.user_prompt", "codex.sse_event"} <= {event["event_name"] for event in events}
    assert sorted(int(event["output_token_count"]) for event in completed(events)) == sorted(row["output_tokens"] for row in usage)
    results = [event["attributes"] for event in events if event["event_name"] == "codex.tool_result"]
    assert results
    assert {result["arguments"] for result in results} == {"<REDACTED>"}
    assert QUESTION not in str(events)
    metrics = house.arriving("metrics", "codex", named("codex.turn.token_usage"))
    assert {row["name"] for row in metrics} >= {"codex.turn.token_usage", "codex.thread.started"}
    assert len(house.arriving("spans", "codex", lambda rows: len(rows) > 100)) > 100


def completed(rows):
    """Codex's events that count what an answer used."""
    told = [row["attributes"] for row in rows if row["event_name"] == "codex.sse_event"]
    return [attributes for attributes in told if attributes.get("output_token_count")]


@pytest.mark.parametrize("media", ["application/x-protobuf", "application/json"])
@pytest.mark.parametrize("form", ["in the address", "in headers"])
def test_one_address_for_all_signals(house, form, media):
    """Whole exports of each signal, posted to the bare address, become rows of the table of their signal; what does not say its signal is refused."""
    mark = f"bare-{form}-{media}"
    address = f"{house.gateway.url}/api/2.0/otel"
    headers = {"content-type": media}
    if form == "in the address":
        address += f"/t/{house.gateway.token}/main.default.agents"
    else:
        headers |= {"authorization": f"Bearer {house.gateway.token}", "x-databricks-uc-table-name": "main.default.agents_otel_{signal}"}

    def post(body):
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=60) as answer:
            assert answer.status == 200

    for signal in SIGNALS:
        body = getattr(exports, signal)(mark)
        post(exports.as_json(signal, body) if media == "application/json" else body)
    for body in (b"", b"{}", exports.logs(mark) + exports.metrics(mark)):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            post(body)
    for signal, count in (("metrics", 16), ("logs", 10), ("spans", 3)):
        rows = house.arriving(signal, "claude-code", lambda rows, count=count: sum(mark in str(row) for row in rows) >= count)
        assert sum(mark in str(row) for row in rows) == count


FORMS = {
    "in the address": ("gemini-telemetry", ""),
    "in headers": ("gemini-telemetry", "gemini-telemetry-headers"),
}


@pytest.mark.slow
@pytest.mark.parametrize("agent", [GEMINI_CLI, GEMINI_CLI_OF_THE_PAGE], ids=lambda agent: agent.version)
@pytest.mark.parametrize("form", list(FORMS))
def test_gemini_cli(house, desk, form, agent):
    """JSON in pieces, one address for three signals, with or without the signal behind it; counts match, and what was asked is not stored, also not as its
    command line.
    """
    before = {signal: len(house.rows(f"agents_otel_{signal}")) for signal in SIGNALS}
    refusals = house.gateway.log.count("were refused")
    first, began_ns = len(house.gateway.rows()), time.time_ns()
    settings, variables = (house.filled(name) if name else "" for name in FORMS[form])
    if variables:
        settings = settings.replace(f"/t/{house.gateway.token}/main.default.agents", "")
    if agent is GEMINI_CLI_OF_THE_PAGE:
        variables += "\nGEMINI_DEV_TRACING=true\n"  # it makes no spans else
    result = headless.gemini_cli(desk, house.gateway.door(GEMINI), prompt=QUESTION, settings=json.loads(settings), extra_env=variables, agent=agent)
    assert result.code == 0, result.text
    usage = house.gateway.rows(first + 2)[first:]

    def answers(rows):
        return [row["attributes"] for row in rows if row["event_name"] == "gemini_cli.api_response" and row["time_unix_nano"] >= began_ns]

    events = house.arriving("logs", "gemini-cli", lambda rows: len(answers(rows)) == len(usage))
    spent = sorted(int(event["output_token_count"]) + int(event["thoughts_token_count"]) for event in answers(events))
    assert spent == sorted(row["output_tokens"] for row in usage)
    assert QUESTION not in str(events)
    for signal in SIGNALS:
        rows = house.arriving(signal, "gemini-cli", lambda _rows, signal=signal: len(house.rows(f"agents_otel_{signal}")) > before[signal])
        assert len(house.rows(f"agents_otel_{signal}")) > before[signal], signal
        assert QUESTION not in str(rows), signal
    temporalities = {row["sum"]["aggregation_temporality"] for row in house.arriving("metrics", "gemini-cli") if row["sum"]}
    assert temporalities == {"AGGREGATION_TEMPORALITY_CUMULATIVE"}
    assert house.gateway.token not in house.gateway.log
    assert house.gateway.log.count("were refused") == refusals
