"""What an export may cost is looked at before anything is built of it."""

import gzip
import json
import threading

import pytest

from headgate.core.errors import TooLarge, Unavailable
from headgate.telemetry import export_reading
from headgate.telemetry.export_reading import Incoming, IngestLimits
from headgate.telemetry.ingest import Ingest, IngestRules
from headgate.telemetry.otlp import export_body
from tests.fakes import exports
from tests.fakes.ingest_ports import FakeBatchJournal, FakeTables
from tests.fakes.principals import user
from tests.fakes.records import FakeClock

LOGS = "main.default.cc_otel_logs"


def house(**limits):
    """An ingest over stand-ins, and its journal."""
    tables, journal = FakeTables(), FakeBatchJournal()
    for signal in ("metrics", "logs", "spans"):
        tables.add(f"main.default.cc_otel_{signal}", signal)
    made = Ingest(tables, journal, IngestRules, FakeClock(), IngestLimits(**limits))
    made.recalled()
    return made, journal


def incoming(body, **changes):
    """An export of logs."""
    return Incoming(**({"signal": "logs", "content_type": export_body.PROTOBUF, "body": body, "table": LOGS, "bytes_max": 64 << 20} | changes))


def packed(body):
    """As a small body that becomes a large one."""
    return {"body": gzip.compress(body), "coding": "gzip"}


ATTACKS = {
    "resources": {"body": b"\x0a\x00" * 200_000},
    "packed resources": packed(b"\x0a\x00" * 2_000_000),
    "scopes": {"body": b"\x0a\x80\x89\x7a" + b"\x12\x00" * 1_000_000},
    "JSON resources": packed(b'{"resourceLogs":[' + b"{}," * 700_000 + b"{}]}") | {"content_type": export_body.JSON},
    "JSON scopes": packed(b'{"resourceLogs":[{"scopeLogs":[' + b"{}," * 700_000 + b"{}]}]}") | {"content_type": export_body.JSON},
    "a signal that the body says": packed(b"\x0a\x00" * 2_000_000) | {"signal": ""},
    "JSON without a signal": packed(b'{"resourceLogs":[' + b"{}," * 700_000 + b"{}]}") | {"content_type": export_body.JSON, "signal": ""},
}


@pytest.mark.parametrize("name", list(ATTACKS))
async def test_parts_of_no_content_are_refused_before_anything_is_built(name, monkeypatch):
    """In words that say what to do."""
    made, journal = house(json_marks_max=1_000_000)

    def built(*_):
        raise AssertionError

    monkeypatch.setattr(export_body, "read", built)
    with pytest.raises(TooLarge, match="send smaller batches") as refused:
        await made.take(user("ada@example.com"), incoming(**ATTACKS[name]))
    assert refused.value.code == "TOO_MANY_ITEMS"
    assert not journal.batches


def records(count):
    """So many records of one attribute each: twice as many more parts."""
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"attributes": [{"key": "k", "value": {}}]}] * count}]}]}).encode()


@pytest.mark.parametrize(
    ("limits", "changes", "says"),
    [
        ({"messages_max": 299}, {}, "more than 299 parts"),
        ({"json_marks_max": 299}, {"content_type": export_body.JSON}, "more than 299 brackets and commas"),
        ({"lists_max": 1}, {"content_type": export_body.JSON}, "too many resources and scopes"),
        ({"lists_max": 1}, {}, "more than 1 resources and scopes"),
        ({"items_max": 99}, {}, "100 items; at most 99"),
    ],
    ids=["messages", "marks", "lists in JSON", "lists", "items"],
)
async def test_each_limit_is_a_number_that_holds(limits, changes, says):
    """One above is refused; the defaults take the same."""
    body = records(100)
    if not changes:
        body = export_body.read("logs", export_body.JSON, body).payload
    made, _ = house(**limits)
    with pytest.raises(TooLarge, match=says):
        await made.take(user("ada@example.com"), incoming(body, **changes))
    made, _ = house()
    assert (await made.take(user("ada@example.com"), incoming(body, **changes))).accepted == 100


def test_the_limits():
    """As they are documented."""
    limits = IngestLimits()
    assert (limits.items_max, limits.lists_max, limits.messages_max, limits.json_marks_max) == (250_000, 50_000, 1_000_000, 1_500_000)
    assert (limits.large_at_once, limits.large_per_caller, limits.large_waiting_per_caller) == (2, 1, 32)
    assert (limits.waiting_bytes_max, limits.unfolded_bytes_max) == (64 << 20, 256 << 20)


async def test_a_body_is_unpacked_beside_the_loop_and_counts_while_it_is_held(monkeypatch):
    """As what it may become, not as what came: the next is refused until there is room."""
    made, _ = house(waiting_bytes_max=1 << 20, large_per_caller=2)
    bodies = [gzip.compress(exports.logs(f"{number}", 800)) for number in range(2)]
    assert max(map(len, bodies)) < export_reading.LARGE_BYTES
    found = []
    opened = export_reading.opened

    def watched(*given):
        found.append((threading.current_thread() is threading.main_thread(), made._waiting_bytes))
        return opened(*given)

    monkeypatch.setattr(export_reading, "opened", watched)
    for body in bodies:
        await made.take(user("ada@example.com"), incoming(body, coding="gzip", bytes_max=1 << 20))
    assert found == [(False, 1 << 20)] * 2
    assert made._waiting_bytes == 0
    made._waiting_bytes = 1
    with pytest.raises(Unavailable, match="may be held at once"):
        await made.take(user("ada@example.com"), incoming(gzip.compress(exports.logs("x", 800)), coding="gzip", bytes_max=1 << 20))


async def test_one_caller_may_not_fill_the_queue(monkeypatch):
    """Others are served meanwhile."""
    made, _ = house(large_waiting_per_caller=0)
    with pytest.raises(Unavailable, match="more large exports waiting"):
        await made.take(user("ada@example.com"), incoming(b"\x0a\x00" * 100_000))
    monkeypatch.setattr(export_reading, "LARGE_BYTES", 1 << 20)
    assert (await made.take(user("ada@example.com"), incoming(b"\x0a\x00" * 10_000))).accepted == 0


def test_small_is_what_stays_small_unpacked():
    """It is found out without unpacking more."""
    body = exports.logs("a", 3)
    assert export_reading.small(incoming(body)).body is body
    assert export_reading.small(incoming(gzip.compress(body), coding="gzip")).body == body
    assert export_reading.small(incoming(gzip.compress(bytes(1 << 20)), coding="gzip")) is None
    assert export_reading.small(incoming(bytes(export_reading.LARGE_BYTES))) is None
