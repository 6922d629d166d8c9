"""The service of OTLP over HTTP."""

import asyncio
import gzip
import json
import logging
from typing import Any

import pytest
import zstandard
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse

from headgate.core.errors import Unavailable
from headgate.policy.previews import Previews
from headgate.telemetry import export_reading
from headgate.web.otlp import table_of
from tests.fakes import exports
from tests.fakes.asking import opened
from tests.fakes.otlp_house import METRICS, TOKEN, House
from tests.fakes.ports import FakeClient


@pytest.fixture
def house() -> House:
    """A fresh one."""
    return House()


async def test_the_pages_request_is_taken(house: House) -> None:
    """Protobuf, a bearer token, the table in its header: an empty protobuf answer."""
    status, head, body = await house.ask(exports.metrics())

    assert (status, body, head["content-type"]) == (200, b"", "application/x-protobuf")
    assert house.journal.batches[0].name == METRICS


@pytest.mark.parametrize("word", ["metrics", "logs", "traces"])
async def test_each_signal_has_its_path(house: House, word: str) -> None:
    """Spans come as traces."""
    signal = {"traces": "spans"}.get(word, word)
    status, _, _ = await house.ask(
        getattr(exports, signal)(), f"/api/2.0/otel/v1/{word}", x_databricks_uc_table_name=f"main.default.cc_otel_{signal}"
    )

    assert status == 200
    assert house.journal.batches[0].signal == signal


async def test_json_is_answered_in_json(house: House) -> None:
    """As Gemini CLI sends it."""
    text = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "odd"}, {"name": "m", "gauge": {"dataPoints": [{"asInt": 1}]}}]}]}]}
    status, head, body = await house.ask(json.dumps(text).encode(), content_type="application/json")

    assert (status, head["content-type"]) == (200, "application/json")
    assert json.loads(body)["partialSuccess"]["rejectedDataPoints"] == "1"


@pytest.mark.parametrize("media", ["application/JSON", "Application/Json; charset=UTF-8", " application/json ;x=y"])
@pytest.mark.parametrize("body", [b"{}", b"no json"])
async def test_media_types_are_compared_without_case(house: House, media: str, body: bytes) -> None:
    """And without their parameters: what came as JSON is answered in JSON, also where it is refused."""
    status, head, answer = await house.ask(body, content_type=media)
    assert head["content-type"] == "application/json"
    assert isinstance(json.loads(answer), dict)
    client = await house.send(body, content_type=media)
    assert (client.status, client.headers[b"content-type"]) == (status, b"application/json")
    status, head, answer = await house.ask(b"\xff", content_type=media.upper().replace("JSON", "X-PROTOBUF"))
    assert (status, head["content-type"], answer[:2]) == (400, "application/x-protobuf", b"\x08\x03")


async def test_codings_are_compared_without_case(house: House) -> None:
    """Old names of a coding too."""
    status, _, _ = await house.ask(gzip.compress(exports.metrics("a")), content_encoding=" GZip")
    client = await house.send(gzip.compress(exports.metrics("b")), content_encoding="X-GZIP ")
    assert (status, client.status) == (200, 200)
    assert [batch.payload for batch in house.journal.batches] == [exports.metrics("a"), exports.metrics("b")]


async def test_a_small_body_that_unpacks_to_a_large_one_is_unpacked_beside_the_loop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """No call waits for it; the export is taken all the same, and a bomb refused in words."""
    monkeypatch.setattr(export_reading, "LARGE_BYTES", 2000)
    for content, expected in ((exports.metrics("a"), 200), (bytes(200_000), 413)):
        client = await house.send(gzip.compress(content), content_encoding="gzip")
        while not client.finished:
            await asyncio.sleep(0.001)
        assert client.status == expected
    assert [batch.payload for batch in house.journal.batches] == [exports.metrics("a")]


async def test_a_partial_success_says_how_many_and_why(house: House) -> None:
    """In protobuf too."""
    odd = ExportMetricsServiceRequest()
    odd.resource_metrics.add().scope_metrics.add().metrics.add(name="odd")
    _, _, body = await house.ask(odd.SerializeToString())
    told = ExportMetricsServiceResponse.FromString(body).partial_success

    assert told.rejected_data_points == 1
    assert "no data of a known kind" in told.error_message


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress), ("identity", bytes)])
async def test_codings_are_taken(house: House, coding: str, pack: Any) -> None:
    """What is kept is the body without its coding."""
    status, _, _ = await house.ask(pack(exports.metrics()), content_encoding=coding)

    assert status == 200
    assert house.journal.batches[0].payload == exports.metrics()


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "x-goog-api-key", "api-key"])
async def test_a_token_is_taken_from_every_place(house: House, header: str) -> None:
    """All agents' ways of sending one."""
    value = f"Bearer {TOKEN}" if header == "authorization" else TOKEN
    status, _, _ = await house.ask(exports.metrics(), **{"authorization": "", header: value})

    assert status == 200


async def test_zerobus_header_names_the_table_and_asks_for_the_newer_schema(house: House) -> None:
    """The same service."""
    status, _, _ = await house.ask(exports.metrics(), x_databricks_uc_table_name="", x_databricks_zerobus_table_name=METRICS)
    assert status == 200
    status, _, body = await house.ask(exports.metrics(), x_databricks_zerobus_table_name="main.default.other", content_type="application/json")
    assert (status, "two tables" in body.decode("utf-8", "replace")) == (400, True)
    _, _, body = await house.ask(exports.metrics(), x_databricks_uc_table_name="", x_databricks_zerobus_table_name="main.default.other")
    assert "'otel.schemaVersion' = 'v2'" in body.decode("utf-8", "replace")
    for first, second in (("uc", "zerobus"), ("zerobus", "uc")):
        both = [(b"x-databricks-%b-table-name" % word.encode(), b"main.default.other") for word in (first, second)]
        assert table_of(both) == ("main.default.other", "v1")


@pytest.mark.parametrize("prefix", ["main.default.cc", "main.default.cc_otel_{signal}"])
async def test_token_and_table_may_stand_in_the_path(house: House, prefix: str) -> None:
    """For a client with one set of headers for everything, or none."""
    for word, signal in (("metrics", "metrics"), ("logs", "logs"), ("traces", "spans")):
        path = f"/api/2.0/otel/t/{TOKEN}/{prefix}/v1/{word}"
        status, _, _ = await house.ask(getattr(exports, signal)(), path, authorization="", x_databricks_uc_table_name="")
        assert status == 200

    assert [batch.name for batch in house.journal.batches] == [f"main.default.cc_otel_{signal}" for signal in ("metrics", "logs", "spans")]


async def test_a_token_in_a_path_is_never_told(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Not in an answer, not in the log, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    answers = []
    for path, body in (
        (f"/api/2.0/otel/t/{TOKEN}/nowhere/v1/metrics", exports.metrics()),
        (f"/api/2.0/otel/t/{TOKEN}/main.default.gone/v1/metrics", exports.metrics()),
        (f"/api/2.0/otel/t/{TOKEN}/main.default.cc/v1/metrics", b"\xff"),
        (f"/api/2.0/otel/t/{TOKEN}x/main.default.cc/v1/metrics", b""),
        (f"/api/2.0/otel/t/{TOKEN}/main.default.cc/v2/metrics", b""),
        (f"/api/2.0/otel/t/{TOKEN}/main.default.cc", b"\xff"),
        (f"/api/2.0/otel/t/{TOKEN}/main.default.gone", exports.metrics()),
        (f"/api/2.0/otel/t/{TOKEN}", b""),
        (f"/api/2.0/otel/{TOKEN}", b""),
    ):
        status, head, answer = await house.ask(body, path, authorization="")
        assert status in {400, 401, 404}
        answers.append(f"{head}{answer!r}")

    assert TOKEN not in caplog.text
    assert not [answer for answer in answers if TOKEN in answer]


@pytest.mark.parametrize(
    ("status", "words", "changes"),
    [
        (400, "not an OTLP metrics export", {"body": b"\xff"}),
        (400, "not one whole piece of gzip", {"content_encoding": "gzip"}),
        (400, "X-Databricks-UC-Table-Name", {"x_databricks_uc_table_name": ""}),
        (400, "is a table of logs", {"x_databricks_uc_table_name": "main.default.cc_otel_logs"}),
        (401, "no credential", {"authorization": ""}),
        (401, "unknown", {"authorization": "Bearer other"}),
        (401, "two different credentials", {"x_api_key": "other"}),
        (403, "does not have MODIFY", {"x_databricks_uc_table_name": "main.default.private"}),
        (404, "CREATE TABLE IF NOT EXISTS main.default.nowhere", {"x_databricks_uc_table_name": "main.default.nowhere"}),
        (404, "/api/2.0/otel/v1/metrics", {"path": "/api/2.0/otel/v1/profiles"}),
        (405, "POST", {"method": "GET"}),
        (413, "larger than", {"body": b"x" * 100_001}),
        (413, "larger than", {"body": b"x" * 100_001, "content_length": ""}),
        (413, "larger than", {"content_length": "100001"}),
        (413, "when unpacked", {"body": gzip.compress(bytes(1_000_000)), "content_encoding": "gzip"}),
        (415, "content type", {"content_type": "text/plain"}),
        (415, "content coding", {"content_encoding": "br"}),
    ],
)
async def test_refusals_say_what_is_wrong(house: House, status: int, words: str, changes: dict[str, Any]) -> None:
    """In the protocol's own shape, and nothing is kept."""
    house.tables.forbidden.add("main.default.private")
    asked = {"body": exports.metrics()} | changes
    got, head, body = await house.ask(**asked)

    assert got == status
    assert words in body.decode("utf-8", "replace")
    if asked.get("content_type") is None:
        assert head["content-type"] == "application/x-protobuf"
        assert body[0] == 0x08
    else:
        assert json.loads(body)["code"]
    assert not house.journal.batches


async def test_back_pressure_says_when_to_come_again(house: House) -> None:
    """So that a client that honours it loses nothing."""
    house.journal.full = True
    status, head, _ = await house.ask(exports.metrics())

    assert (status, head["retry-after"]) == (503, "5")


async def test_a_bug_is_told_without_its_text(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The log has it."""

    def broken(*_: object) -> None:
        raise RuntimeError("a secret detail")

    house.tables.find = broken  # type: ignore[method-assign]
    status, _, body = await house.ask(exports.metrics())

    assert status == 500
    assert b"secret" not in body
    assert "a secret detail" in caplog.text


async def test_a_refusal_is_logged_once_in_a_while(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Agents drop what is refused and say nothing; the log says it, in one line, whatever the name holds."""
    for _ in range(3):
        await house.ask(exports.metrics(), x_databricks_uc_table_name="main.default.nowhere")
    await house.ask(exports.metrics(), x_databricks_uc_table_name="main.default.elsewhere")  # many names make no more lines
    await house.ask(exports.metrics(), x_databricks_uc_table_name="a.b\x1b[31m\x85\x9b1m.c")

    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2
    assert "'ada@example.com'" in lines[0]
    assert "cannot be found" in lines[0]
    assert all(line.isprintable() for line in lines)


async def test_an_export_is_answered_once_it_is_on_the_disk(house: House) -> None:
    """It is answered once the journal has it on the disk, and not before."""
    house.journal.hold = True
    client = await house.send(exports.metrics())
    assert not client.status
    house.journal.sync()

    assert (client.status, client.body, client.finished) == (200, b"", True)
    assert client.headers == {b"content-type": b"application/x-protobuf", b"content-length": b"0"}
    assert house.journal.batches[0].payload == exports.metrics()


async def test_a_table_made_a_moment_ago_is_found(house: House) -> None:
    """The service waits for the store then."""
    house.tables.arriving["main.default.late"] = house.tables.tables[METRICS]
    client = await house.send(exports.metrics(), x_databricks_uc_table_name="main.default.late")

    assert client.status == 200
    assert house.journal.batches[0].name == "main.default.late"


async def test_what_could_not_be_synced_is_not_acknowledged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """All that wait are told to come again, and the log says it."""
    house.journal.hold = True
    clients = [await house.send(exports.metrics()), await house.send(exports.metrics())]
    house.journal.sync(Unavailable("EIO"))

    assert [(client.status, client.headers[b"retry-after"]) for client in clients] == [(503, b"5")] * 2
    assert len(house.journal.batches) == 1
    assert "refused with 503" in caplog.text


async def test_a_strangers_export_is_in_the_log_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """By none of its own words: an exporter with an old token drops what it sends and says nothing."""
    for token in ("hg_nobody", "hg_nobody2", ""):
        assert (await house.ask(exports.metrics(), authorization=f"Bearer {token}" if token else ""))[0] == 401

    assert [record.getMessage() for record in caplog.records if record.name == "headgate.web"] == [
        "exports from 127.0.0.1 without a valid token are refused with 401"
    ]


async def test_an_export_that_names_two_tables_is_in_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """As every other refusal of a known sender."""
    status, _, _ = await house.ask(exports.metrics(), x_databricks_uc_table_name="a.b.c", x_databricks_zerobus_table_name="a.b.d")

    assert status == 400
    assert "refused with 400: The export names two tables" in caplog.text


async def test_a_repeated_export_is_acknowledged_at_once(house: House) -> None:
    """Its rows are safe already."""
    await house.send(exports.metrics())
    house.journal.hold = True

    assert (await house.send(exports.metrics())).status == 200
    assert len(house.journal.batches) == 1


async def test_a_bug_behind_the_journal_is_told_without_its_text(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Before and behind the journal; who else waits for it is answered."""

    def broken(*_: object) -> None:
        raise RuntimeError("a secret detail")

    house.journal.hold = True
    broken_client, client = await house.send(exports.metrics("a")), await house.send(exports.metrics("b"))
    broken_client.start = broken  # type: ignore[method-assign]
    house.journal.sync()
    assert (broken_client.aborted, client.status) == (True, 200)

    house.tables.find = broken  # type: ignore[method-assign]
    client = await house.send(exports.metrics("c"))
    assert client.status == 500
    assert b"secret" not in client.body
    assert "a secret detail" in caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        {"authorization": ""},
        {"authorization": "Bearer other"},
        {"x_databricks_zerobus_table_name": "main.default.other"},
        {"content_length": "100001"},
        {"path": "/api/2.0/otel/v1/profiles"},
        {"path": f"/api/2.0/otel/t/{TOKEN}x/main.default.cc/v1/metrics", "authorization": ""},
    ],
)
async def test_what_its_head_refuses_is_answered_before_the_body(house: House, changes: dict[str, str]) -> None:
    """No body is waited for."""
    client = FakeClient()
    assert await opened(house.otlp, house.head(exports.metrics(), **changes), client) is None
    assert client.finished
    assert client.status >= 400


@pytest.mark.parametrize("path", ["/api/2.0/otel/v1/metrics", "/api/2.0/otel", f"/api/2.0/otel/t/{TOKEN}/main.default.cc"])
async def test_no_export_is_taken_while_the_preview_is_off(house: House, path: str) -> None:
    """By none of the addresses, in the words of the protocol, before the body is read."""
    house.previews = Previews(opentelemetry=False)
    status, _, body = await house.ask(b"{}", path, content_type="application/json")

    assert status == 404
    assert json.loads(body)["code"] == 5
    assert "opentelemetry = true under [previews]" in json.loads(body)["message"]
    assert not house.journal.batches
