"""Kept requests, answers and traces of a real gateway: what is asked for is in its table as the client saw it, and what is not asked for is nowhere."""

import json
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from tests.e2e.asking import ANTHROPIC, CASES, CHAT, Asking
from tests.e2e.lab import USER, headgate, lab_provider, running
from tests.fakes.turns import Call, Cut, Text, Tokens, Turn, refuse, say

SECRET = "AKIAIOSFODNN7EXAMPLE"
CANARY = "canary-8d1f"
KEPT = """
[journal]
roll_s = 0.2

[telemetry]
trace_table = "main.default.traces"

[payloads]
table = "main.default.all"
redact = ["ACME-[0-9]{4}"]
max_mb = 1
"""
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class House:
    """A gateway that keeps everything, before a scripted provider."""

    def __init__(self, gateway, provider):
        self.gateway, self.provider = gateway, provider
        self.number = 0
        self.wait(lambda: all(self.path(table).is_dir() for table in ("all_payload", "traces")))

    def path(self, table):
        """Where a table lies."""
        return Path(self.gateway.data) / "warehouse" / "main" / "default" / table

    @staticmethod
    def wait(until, wait_s=90.0):
        """Until something is so."""
        deadline = time.monotonic() + wait_s
        while not (found := until()):
            assert time.monotonic() < deadline, "it never came to that"
            time.sleep(0.2)
        return found

    def rows(self, table):
        """What a table holds."""
        files = DeltaTable(str(self.path(table))).file_uris()
        return [row for file in files for row in pq.ParquetFile(file.removeprefix("file://")).read().to_pylist(maps_as_pydicts="lossy")]

    def ask(self, case, **asked):
        """Ask to the end; returns the answer, and the one row that is kept of it."""
        answer, tag = self.send(case, **asked)
        return answer, self.row(tag)

    def send(self, case, *, stream=True, words="Say hello.", body=None, token=""):
        """Ask to the end; returns the answer, and the tag of its row, which comes some seconds later: who asks often waits once."""
        self.number += 1
        tag = f"n{self.number}"
        headers = {"Databricks-Ai-Gateway-Request-Tags": json.dumps({"n": tag}), "traceparent": f"00-{TRACE}-{SPAN}-01"}
        with Asking(
            self.gateway.url, token or self.gateway.token, case.path(stream=stream), body or case.body(words, stream=stream), headers
        ) as asking:
            return asking.rest(), tag

    def row(self, tag):
        """The one row with this tag."""
        (row,) = self.wait(lambda: [row for row in self.rows("all_payload") if dict(row["request_tags"]).get("n") == tag])
        return row


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One for all tests."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("payloads"), provider, KEPT) as gateway:
        yield House(gateway, provider)


@pytest.fixture(scope="module")
def sent(house):
    """The same answer in every wire format, streamed and whole: what the client got, and the tag."""
    turn = Turn((Text("Here it is: ÄÖ 日本", 4), Call("Read", {"path": "a"}, "call_1")), Tokens(fresh=10, output=5))
    house.provider.play(*[turn] * 2 * len(CASES))
    return {case.dialect: (house.send(case, stream=True), house.send(case, stream=False)) for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.dialect)
def test_streamed_and_whole_are_kept_alike(house, sent, case):
    """The same answer, in every wire format: text, a tool call and counts, as one JSON value each."""
    (_, first), (body, second) = sent[case.dialect]
    streamed, whole = house.row(first), house.row(second)
    told, same = json.loads(streamed["response"]), json.loads(whole["response"])

    assert same == json.loads(body)
    for answer in (told, same):
        text = json.dumps(answer, ensure_ascii=False)
        assert "Read" in text
        assert "path" in text
    assert "Here it is: ÄÖ 日本" in json.dumps(told, ensure_ascii=False)
    assert streamed["request"] == case.body("Say hello.", stream=True).decode()
    assert (streamed["requester"], streamed["status_code"], streamed["sampling_fraction"], streamed["endpoint_name"]) == (
        USER,
        200,
        1.0,
        case.endpoint,
    )
    assert streamed["latency_ms"] >= streamed["time_to_first_byte_ms"]


def test_secrets_are_kept_from_the_table_and_not_from_the_client(house):
    """Split over the pieces of a stream, written as an escape, and by a pattern of one's own."""
    house.provider.play(say(f"The key is {SECRET} for ACME-1234."))
    answer, row = house.ask(ANTHROPIC, words=f"Keep\n{SECRET} and ACME-9999")

    assert (
        "".join(json.loads(line[6:])["delta"].get("text", "") for line in answer.decode().splitlines() if "text_delta" in line)
        == f"The key is {SECRET} for ACME-1234."
    )
    assert json.loads(row["response"])["content"][0]["text"] == "The key is <REDACTED> for <REDACTED>."
    assert json.loads(row["request"])["messages"][0]["content"] == "Keep\n<REDACTED> and <REDACTED>"
    kept = b"".join(
        path.read_bytes() for folder in ("warehouse", "journal") for path in (Path(house.gateway.data) / folder).rglob("*") if path.is_file()
    )
    assert SECRET.encode() not in kept


def test_errors_are_kept(house):
    """The provider's, a stream that was cut, and a refusal of ours before anything was sent."""
    house.provider.play(refuse(429, "slow down"))
    _, refused = house.send(CHAT)
    house.provider.play(say("This will be cut in the middle of it.", fault=Cut(after_frames=4)))
    answer, cut = house.send(ANTHROPIC)
    made = headgate("token", "create", "narrow", "--user", "eve@example.com", "--allow", "none-*", "--json", "--data", house.gateway.data)
    _, ours = house.send(ANTHROPIC, token=json.loads(made)["token"])

    row = house.row(refused)
    assert (row["status_code"], "slow down" in row["response"]) == (429, True)
    row = house.row(cut)
    assert answer.endswith(b"\n\n")
    assert b"message_stop" not in answer
    (block,) = json.loads(row["response"])["content"]
    assert "This will be cut in the middle of it.".startswith(block["text"])
    assert block["text"]

    row = house.row(ours)
    assert (row["status_code"], row["requester"], json.loads(row["response"])["type"]) == (403, "eve@example.com", "error")


def test_a_large_body_lies_beside_the_table(house):
    """Named in its row."""
    house.provider.play(say("Long."))
    _, row = house.ask(ANTHROPIC, words="x" * (2 << 20) + SECRET)

    assert (row["request"], row["logging_error_codes"]) == (None, ["MAX_REQUEST_SIZE_EXCEEDED"])
    kept = (Path(house.gateway.data) / row["request_file"]).read_text(encoding="utf-8")
    assert json.loads(kept)["messages"][0]["content"] == "x" * (2 << 20) + "<REDACTED>"


def test_exchanges_are_traced_into_the_clients_trace(house):
    """One root each, its attempt below it."""
    house.provider.play(say("Traced."))
    _, row = house.ask(ANTHROPIC)
    spans = house.wait(lambda: [span for span in house.rows("traces") if row["request_id"].encode() in span["attributes"]["value"]])
    (root,) = [span for span in spans if span["kind"] == "SPAN_KIND_SERVER"]
    (attempt,) = [span for span in house.rows("traces") if span["parent_span_id"] == root["span_id"]]

    assert (root["trace_id"], root["parent_span_id"], attempt["kind"]) == (TRACE, SPAN, "SPAN_KIND_CLIENT")
    assert root["service_name"] == ANTHROPIC.endpoint
    assert CANARY.encode() not in root["attributes"]["value"]


def test_what_is_not_asked_for_is_nowhere(tmp_path):
    """No content in any file: of a success, a stream, an error, a refusal."""
    with lab_provider() as provider, running(tmp_path, provider) as gateway:
        provider.play(say(f"{CANARY} one"), say(f"{CANARY} two"), refuse(500, "no"), refuse(400, "no"))
        for stream in (True, False, True, False):
            with Asking(gateway.url, gateway.token, ANTHROPIC.path(stream=stream), ANTHROPIC.body(f"{CANARY} asks", stream=stream)) as asking:
                asking.rest()
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(stream=False), json.dumps({"model": "nope", "messages": [CANARY]}).encode()) as asking:
            asking.rest()
        gateway.rows(5)
        gateway.stop()
        files = [path for path in Path(gateway.data).rglob("*") if path.is_file()]
        assert files
        assert not [path for path in files if CANARY.encode() in path.read_bytes()]
