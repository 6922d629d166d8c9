"""Usage read back: the table and the journal's tail."""

import json
import os
import threading

import pytest

from headgate.core.usage import Usage
from headgate.storage import journal_dir
from headgate.storage.carry import Carrier, FlusherSettings
from headgate.storage.journal import JournalLimits, JournalWriter
from headgate.storage.usage_query import read_usage
from tests.fakes.records import AT_NS, QUIET, FakeClock, intent, outcome, rates_of


@pytest.fixture
def data_dir(tmp_path):
    """An empty data directory."""
    return str(tmp_path)


def gateway(data_dir, limits=QUIET):
    """Start a gateway's journal."""
    return JournalWriter.open(journal_dir.journal_dir(data_dir), limits)


def carry(data_dir):
    """One round of a flusher."""
    return Carrier(FlusherSettings(data_dir=data_dir), rates_of, FakeClock()).round()


def rows(data_dir):
    """All rows by request id, each once."""
    made = read_usage(data_dir, rates_of, FakeClock()).rows()
    assert len({row["request_id"] for row in made}) == len(made)
    return {row["request_id"]: row for row in made}


def test_nothing_is_nothing(data_dir):
    """No directory, no journal and no table make no rows, and no error."""
    assert read_usage(os.path.join(data_dir, "nowhere"), rates_of).rows() == []
    assert read_usage(data_dir, rates_of).grouped("user") == []
    assert os.listdir(data_dir) == []


def test_a_record_is_seen_at_once_and_stays_the_same_in_the_table(data_dir):
    """The row from the journal's tail equals the row from the table, whole."""
    journal = gateway(data_dir)
    journal.outcome(outcome("a"))
    from_tail = rows(data_dir)
    journal.close()
    assert carry(data_dir).rows == 1

    assert rows(data_dir) == from_tail
    assert from_tail["a"]["charge"] == pytest.approx(0.00305)


def test_rows_are_plain_json(data_dir):
    """Times are ISO 8601 in UTC, charges are numbers, tags are objects."""
    journal = gateway(data_dir)
    journal.outcome(outcome("a"))
    journal.close()
    [row] = json.loads(json.dumps(read_usage(data_dir, rates_of).rows()))

    assert row["event_time"] == "2026-09-21T14:13:20Z"
    assert row["routing_information"]["attempts"][0]["end_time"] == "2026-09-21T14:13:22Z"
    assert row["request_tags"] == {"team": "tools"}
    assert isinstance(row["charge"], float)


def test_open_exchanges_show_once_their_gateway_is_dead(data_dir):
    """A living gateway's are still going on; a dead one's were interrupted, and the flusher's row takes the place of the shown one."""
    journal = gateway(data_dir)
    journal.intent(intent("a"))
    assert rows(data_dir) == {}
    journal.close()
    assert rows(data_dir)["a"]["ended"] == "interrupted"
    journal = gateway(data_dir)
    journal.intent(intent("b"))
    assert {request_id: row["ended"] for request_id, row in rows(data_dir).items()} == {"a": "interrupted"}
    journal.close()
    carry(data_dir)

    assert {request_id: row["ended"] for request_id, row in rows(data_dir).items()} == {"a": "interrupted", "b": "interrupted"}


def test_table_and_tail_add_up(data_dir):
    """Part of the rows is carried, part is not; an exchange that is open across both is counted when it ends."""
    journal = gateway(data_dir)
    journal.intent(intent("long"))
    journal.outcome(outcome("a"))
    journal._log.roll()
    carry(data_dir)
    journal.outcome(outcome("b"))
    assert sorted(rows(data_dir)) == ["a", "b"]
    journal.outcome(outcome("long"))

    assert sorted(rows(data_dir)) == ["a", "b", "long"]
    journal.close()


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("user", [("ada@example.com", 3, 1), ("bob@example.com", 1, 0)]),
        ("agent", [("claude-code", 3, 1), ("codex", 1, 0)]),
        ("model", [("claude-opus-4-6", 3, 1), ("unknown-model", 1, 0)]),
        ("day", [("2026-09-21", 3, 1), ("2026-09-22", 1, 0)]),
        ("session", [("s-1", 3, 1), (None, 1, 0)]),
    ],
)
def test_sums_by_key(data_dir, by, expected):
    """Requests, failures, tokens and charges are summed over table and tail; what has no price is counted as such."""
    journal = gateway(data_dir)
    journal.outcome(outcome("a"))
    journal.outcome(outcome("b", ended="failed", status_code=500, usage=None))
    journal._log.roll()
    carry(data_dir)
    journal.outcome(outcome("c", usage=Usage(input_tokens=1, output_tokens=1, estimated=True)))
    later = {
        "started_at_ns": AT_NS + 86_400 * 10**9,
        "requester": "bob@example.com",
        "agent": "codex",
        "session_id": "",
        "model_sent": "unknown-model",
    }
    journal.outcome(outcome("d", intent=intent("d", **later), model_served=""))
    groups = read_usage(data_dir, rates_of).grouped(by)
    journal.close()

    assert [(group[by], group["requests"], group["not_completed"]) for group in groups] == expected
    assert groups[0]["total_tokens"] == 1260 + 2
    assert groups[0]["charge"] == pytest.approx(0.00305 + 0.00003)
    assert (groups[0]["estimated"], groups[0]["unpriced"]) == (1, 0)
    assert (groups[1]["charge"], groups[1]["unpriced"]) == (None, 1)


def test_reading_beside_a_gateway_and_a_flusher_is_exact(data_dir):
    """While records are written and carried, every reading has each exchange that had ended before it began, and none twice."""
    journal = gateway(data_dir, JournalLimits(roll_s=0.003, sync_interval_s=0.5, reserve_bytes=0))
    ended, stop = [], threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            journal.intent(intent(f"r-{number}"))
            journal.outcome(outcome(f"r-{number}"))
            ended.append(f"r-{number}")
            number += 1
            stop.wait(0.001)

    def flush():
        while not stop.is_set():
            carry(data_dir)

    threads = [threading.Thread(target=write), threading.Thread(target=flush)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(8):
            before = list(ended)
            seen = rows(data_dir)
            assert set(before) <= set(seen)
            assert {row["ended"] for row in seen.values()} <= {"completed"}
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    journal.close()
    while carry(data_dir).segments:
        pass

    assert sorted(rows(data_dir)) == sorted(ended)
