"""The journey of one export."""

import asyncio
import json

import msgspec
import pytest

from headgate.core.errors import BadRequest, Forbidden, NotFound, TooLarge, Unavailable, UnsupportedMedia
from headgate.telemetry import export_reading, ingest, redact
from headgate.telemetry.export_reading import Incoming, IngestLimits
from headgate.telemetry.ingest import Ingest, IngestRules
from headgate.telemetry.otlp import export_body
from tests.fakes import exports
from tests.fakes.ingest_ports import FakeBatchJournal, FakeTables
from tests.fakes.principals import user
from tests.fakes.records import AT_NS, FakeClock

ADA = user("ada@example.com")
METRICS = "main.default.cc_otel_metrics"


class House:
    """An ingest over stand-ins."""

    def __init__(self, rules: IngestRules | None = None, limits: IngestLimits | None = None) -> None:
        self.tables, self.journal = FakeTables(), FakeBatchJournal()
        self.rules = rules or IngestRules()
        self.clock = FakeClock()
        for signal in ("metrics", "logs", "spans"):
            self.tables.add(f"main.default.cc_otel_{signal}", signal)
        self.ingest = Ingest(self.tables, self.journal, lambda: self.rules, self.clock, limits)
        self.ingest.recalled()

    async def send(self, body: bytes, table: str = METRICS, signal: str = "metrics", content_type: str = export_body.PROTOBUF, **changes: object):
        """One export from Ada."""
        return await self.ingest.take(ADA, Incoming(signal=signal, content_type=content_type, body=body, table=table, **changes))


@pytest.fixture
def house():
    """A fresh one."""
    return House()


async def test_an_export_is_journalled_as_it_came(house):
    """With the table's id and place, and what the flusher needs to know."""
    body = exports.metrics("a")
    export = await house.send(body)

    (batch,) = house.journal.batches
    assert (export.accepted, export.rejected) == (16, 0)
    assert (batch.table, batch.name, batch.location) == (f"id-of-{METRICS}", METRICS, f"/warehouse/{METRICS}")
    assert (batch.signal, batch.rows, batch.received_at_ns, batch.payload, batch.managed) == ("metrics", 16, AT_NS, body, True)
    assert len(batch.digest) == 16


async def test_json_is_journalled_as_protobuf(house):
    """One form in the journal, whatever came."""
    text = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "5", "body": {"stringValue": "hi"}}]}]}]}
    await house.send(json.dumps(text).encode(), "main.default.cc_otel_logs", "logs", export_body.JSON)

    assert export_body.validate("logs", house.journal.batches[0].payload).accepted == 1


async def test_it_returns_only_when_the_rows_are_safe(house):
    """Before that nobody may acknowledge."""
    house.journal.hold = True
    sending = asyncio.ensure_future(house.send(exports.metrics()))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not sending.done()
    house.journal.sync()
    assert (await sending).accepted == 16


async def test_a_repeated_export_is_taken_once(house):
    """Also while the first is under way; another body, table or a failed first one is no repetition."""
    house.journal.hold = True
    body = exports.metrics("a")
    twice = [asyncio.ensure_future(house.send(body)) for _ in range(2)]
    for _ in range(5):
        await asyncio.sleep(0)
    house.journal.sync()
    await asyncio.gather(*twice)
    house.journal.hold = False
    await house.send(body)
    assert len(house.journal.batches) == 1
    house.tables.add("main.default.other", "metrics")
    await house.send(body, "main.default.other")
    await house.send(exports.metrics("b"))
    assert len(house.journal.batches) == 3


async def test_an_export_that_could_not_be_kept_is_taken_when_it_comes_again(house):
    """Its sender was told to send it again."""
    house.journal.hold = True
    sending = asyncio.ensure_future(house.send(exports.metrics("a")))
    for _ in range(5):
        await asyncio.sleep(0)
    house.journal.sync(Unavailable("EIO"))
    with pytest.raises(Unavailable, match="Send the export again"):
        await sending
    house.journal.hold, house.journal.full = False, True
    with pytest.raises(Unavailable) as refused:
        await house.send(exports.metrics("a"))
    assert refused.value.retry_after_s == 5
    house.journal.full = False
    await house.send(exports.metrics("a"))
    assert len(house.journal.batches) == 2


async def test_a_sender_that_goes_away_does_not_stop_what_is_being_kept(house):
    """Another one may wait for the same end."""
    house.journal.hold = True
    first, second = (asyncio.ensure_future(house.send(exports.metrics("a"))) for _ in range(2))
    for _ in range(5):
        await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    house.journal.sync()
    assert (await second).accepted == 16
    assert house.ingest._waiting_bytes == 0


async def test_an_export_of_nothing_is_acknowledged_and_not_kept(house):
    """There is no row to keep."""
    assert (await house.send(b"")).accepted == 0
    assert not house.journal.batches


async def test_items_that_cannot_be_rows_are_told(house):
    """The others are taken."""
    text = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "odd"}, {"name": "good", "gauge": {"dataPoints": [{"asInt": 1}]}}]}]}]}
    export = await house.send(json.dumps(text).encode(), content_type=export_body.JSON)

    assert (export.accepted, export.rejected) == (1, 1)
    assert "odd" in export.reason


async def test_content_is_redacted_before_it_is_kept():
    """By the rules of the moment."""
    house = House(IngestRules(redaction=redact.prompts_off()))
    await house.send(exports.logs("a", 1, prompt="a secret plan"), "main.default.cc_otel_logs", "logs")
    house.rules = IngestRules()
    await house.send(exports.logs("b", 1, prompt="an open plan"), "main.default.cc_otel_logs", "logs")

    first, second = (batch.payload for batch in house.journal.batches)
    assert b"secret plan" not in first
    assert b"open plan" in second


@pytest.mark.parametrize(
    ("table", "error", "words"),
    [
        ("", BadRequest, "X-Databricks-UC-Table-Name"),
        ("cc_otel_metrics", BadRequest, "catalog.schema.table"),
        ("<catalog>.default.t", BadRequest, "Replace the placeholder"),
        ("a.b.c; DROP", BadRequest, "space"),
        ("../x", BadRequest, "not a"),
        ("main.default.nowhere", NotFound, "CREATE TABLE IF NOT EXISTS main.default.nowhere"),
        ("main.default.private", Forbidden, "does not have MODIFY"),
        ("main.default.cc_otel_logs", BadRequest, "is a table of logs"),
        ("main.default.people", BadRequest, "column description is missing"),
    ],
)
async def test_a_table_that_cannot_take_the_rows_is_refused_before_anything_is_kept(house, table, error, words):
    """And the refusal says what to do."""
    house.tables.forbidden.add("main.default.private")
    house.tables.add_other("main.default.people", "name: string, age: int")
    with pytest.raises(error) as refused:
        await house.send(exports.metrics(), table)

    assert words in refused.value.message
    assert not house.journal.batches


@pytest.mark.parametrize("table", [METRICS, "main.default.people"])
async def test_an_export_whose_signal_is_not_known_yet_waits_for_a_look_at_it(house, table):
    """Whether its table fits is a question of its signal."""
    house.tables.add_other("main.default.people", "name: string, age: int")
    incoming = Incoming(signal="", content_type=export_body.PROTOBUF, body=exports.metrics(), table=table)

    assert house.ingest.begin(ADA, incoming, lambda export, trouble: None) is False
    assert not house.journal.batches


async def test_one_name_serves_three_signals(house):
    """`{signal}` stands for the word that the tables end with."""
    for signal in ("metrics", "logs", "spans"):
        await house.send(getattr(exports, signal)(), "main.default.cc_otel_{signal}", signal)

    assert [batch.name.rpartition("_")[2] for batch in house.journal.batches] == ["metrics", "logs", "spans"]


async def test_a_table_made_a_moment_ago_is_found(house):
    """The store is looked at before anybody is told that there is none."""
    house.tables.add("main.default.fresh", "metrics")
    house.tables.arriving = {"main.default.fresh": house.tables.tables.pop("main.default.fresh")}
    await house.send(exports.metrics(), "main.default.fresh")

    assert house.tables.refreshes == 1
    assert len(house.journal.batches) == 1


@pytest.mark.parametrize("version", ["v1", "v2"])
async def test_a_missing_table_is_made_where_the_administrator_allows_it(version):
    """By the sender, who needs the privilege for it; in the version that was asked for."""
    house = House(IngestRules(create_tables=True))
    await house.send(exports.metrics(), "main.default.made", version=version)
    (creation,) = house.tables.created
    assert creation.properties["otel.schemaVersion"] == version
    assert house.journal.batches[0].name == "main.default.made"

    house.tables.forbidden.add("create")
    with pytest.raises(Forbidden, match="CREATE TABLE"):
        await house.send(exports.metrics(), "main.default.another")


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        (b"\xff\xff", export_body.PROTOBUF, BadRequest),
        (b"{}", export_body.PROTOBUF, BadRequest),
        (b"{", export_body.JSON, BadRequest),
        (b"", "text/plain", UnsupportedMedia),
        (b"", "", UnsupportedMedia),
    ],
)
async def test_a_body_that_is_no_export_is_refused(house, body, content_type, error):
    """Nothing of it is kept."""
    with pytest.raises(error):
        await house.send(body, content_type=content_type)
    assert not house.journal.batches


async def test_large_bodies_are_worked_on_beside_the_loop(house, monkeypatch):
    """And come to the same."""
    monkeypatch.setattr(export_reading, "LARGE_BYTES", 10)
    assert (await house.send(exports.metrics())).accepted == 16


async def test_an_export_is_bounded_in_items_and_in_what_its_rows_repeat():
    """A long resource on many rows is a small body and a large table."""
    house = House(limits=IngestLimits(items_max=15))
    with pytest.raises(TooLarge, match="16 items; at most 15"):
        await house.send(exports.metrics())
    house = House(limits=IngestLimits(unfolded_bytes_max=8 << 20))
    resource = {"attributes": [{"key": "k", "value": {"stringValue": "x" * 10_000}}]}
    text = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [{}] * 2000}]}]}
    with pytest.raises(TooLarge, match="19 MiB"):
        await house.send(json.dumps(text).encode(), "main.default.cc_otel_logs", "logs", export_body.JSON)
    assert (await house.send(exports.metrics("x", 1000))).accepted == 1000


async def test_back_pressure_says_when_to_come_again(house):
    """A backlog of rows, too much that waits for the disk, a table that takes no rows."""
    house.ingest._limits = msgspec.structs.replace(house.ingest._limits, backlog_bytes_max=1000)
    house.journal.backlog_bytes = 1001
    with pytest.raises(Unavailable) as refused:
        await house.send(exports.metrics())
    assert refused.value.retry_after_s == 5
    house.journal.backlog_bytes = 0
    house.journal.stalls[f"id-of-{METRICS}"] = "it has no files"
    with pytest.raises(Unavailable, match="it has no files") as refused:
        await house.send(exports.metrics())
    assert refused.value.retry_after_s == 30
    house.journal.stalls.clear()
    house.ingest._limits = msgspec.structs.replace(house.ingest._limits, waiting_bytes_max=8000)
    house.journal.hold = True
    first = asyncio.ensure_future(house.send(exports.metrics("a")))
    for _ in range(5):
        await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="wait for the disk"):
        await house.send(exports.metrics("b"))
    house.journal.sync()
    await first


async def test_nothing_is_taken_before_it_is_known_what_was_taken(monkeypatch):
    """After a start the window of repetitions is read from the journal first."""
    monkeypatch.setattr(ingest, "_RECALL_WAIT_S", 0.01)
    house = House()
    house.ingest._recalled.clear()
    with pytest.raises(Unavailable, match="just started") as refused:
        await house.send(exports.metrics())
    assert refused.value.retry_after_s == 1
    monkeypatch.setattr(ingest, "_RECALL_WAIT_S", 10)
    sending = asyncio.ensure_future(house.send(exports.metrics()))
    await asyncio.sleep(0)
    house.ingest.recalled()
    assert (await sending).accepted == 16
