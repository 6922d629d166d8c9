"""Usage read back: the table and the journal's tail."""

import json
import os
import threading

import msgspec
import pytest

from headgate.catalog.types import Structure
from headgate.catalog.usage_table import USAGE
from headgate.core.usage import Usage, UsageLine
from headgate.storage.delta import delta_table
from headgate.storage.journal import journals
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.writer import JournalWriter
from headgate.storage.query.usage import read_usage
from headgate.storage.rows.usage_rows import UsageRows
from tests.fakes.records import AT_NS, QUIET, FakeClock, intent, outcome, rates_of
from tests.fakes.rounds import journal_rounds


@pytest.fixture
def data_dir(tmp_path):
    """An empty data directory."""
    return str(tmp_path)


def gateway(data_dir, limits=QUIET):
    """Start a gateway's journal."""
    return JournalWriter.open(journals.writer_dir(data_dir), limits)


def carry(data_dir):
    """One round of a flusher."""
    return journal_rounds(data_dir, FakeClock()).round()


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


def test_an_endpoint_without_usage_tracking_has_no_rows(data_dir):
    """Neither in the tail nor in the table, however its exchanges end."""
    journal = gateway(data_dir)
    journal.outcome(outcome("hidden", intent=intent("hidden", untracked=True)))
    journal.outcome(outcome("a"))
    journal.intent(intent("open", untracked=True))
    assert sorted(rows(data_dir)) == ["a"]
    journal.close()
    assert sorted(rows(data_dir)) == ["a"]
    carry(data_dir)

    assert sorted(rows(data_dir)) == ["a"]


def test_table_and_tail_add_up(data_dir):
    """Part of the rows is carried, part is not; an exchange that is open across both is counted when it ends."""
    journal = gateway(data_dir)
    journal.intent(intent("long"))
    journal.outcome(outcome("a"))
    journal._end.log.roll()
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
    journal._end.log.roll()
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


def test_sums_by_model_and_by_tier_are_sums_of_lines(data_dir):
    """An adviser's tokens and charge are its model's; the request is the answering model's, and searches are counted once. Tail and table alike."""
    adviser = UsageLine(kind="advisor_message", model="claude-fable-5", tier="us", input_tokens=900, output_tokens=70)
    searched = UsageLine(kind="web_search", uses=3)
    journal = gateway(data_dir)
    journal.outcome(outcome("a", usage=Usage(input_tokens=10, output_tokens=50, tier="fast", charge_reported=0.5, beside=(adviser, searched))))
    journal.outcome(outcome("b", usage=Usage(input_tokens=1, output_tokens=2)))
    journal.outcome(outcome("c", usage=None, ended="refused", model_served=""))

    def sums(by):
        names = ("requests", "not_completed", "fresh_input_tokens", "output_tokens", "total_tokens", "web_searches", "unpriced")
        return {row[by]: tuple(row[name] for name in names) for row in read_usage(data_dir, rates_of, FakeClock()).grouped(by)}

    by_model = {"claude-opus-4-6": (3, 1, 11, 52, 63, 3, 1), "claude-fable-5": (0, 0, 900, 70, 970, None, 1)}
    by_tier = {"fast": (1, 0, 10, 50, 60, None, 0), "us": (0, 0, 900, 70, 970, None, 1), "standard": (2, 1, 1, 2, 3, 3, 1)}
    for carried in (False, True):
        assert (sums("model"), sums("tier")) == (by_model, by_tier)
        assert sums("user") == {"ada@example.com": (3, 1, 911, 122, 1033, 3, 1)}
        assert read_usage(data_dir, rates_of, FakeClock()).grouped("day")[0]["charge_reported"] == pytest.approx(0.5)
        if not carried:
            journal.close()
            carry(data_dir)


def test_rows_of_an_earlier_release_are_summed_up_as_they_are(data_dir):
    """They have no lines and no tier: each is one line of its own."""
    journal = gateway(data_dir)
    journal.outcome(outcome("a"))
    journal.close()
    older = msgspec.structs.replace(USAGE, schema=Structure(USAGE.schema.fields[:-3]))
    made = UsageRows(rates_of).table([outcome("old")]).drop_columns([field.name for field in USAGE.schema.fields[-3:]])
    path = delta_table.table_path(data_dir, USAGE)
    delta_table.append(delta_table.ensure_table(path, older), made, "another-writer", 1)

    for _ in range(2):
        grouped = {by: read_usage(data_dir, rates_of, FakeClock()).grouped(by)[0] for by in ("model", "tier", "user")}
        assert [(row["requests"], row["total_tokens"], row["charge"]) for row in grouped.values()] == [(2, 2520, pytest.approx(0.0061))] * 3
        assert [row["web_searches"] for row in grouped.values()] == [None] * 3
        carry(data_dir)
    assert [field.name for field in delta_table.open_table(path).schema().fields] == [field.name for field in USAGE.schema.fields]
