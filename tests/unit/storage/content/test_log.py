"""The thread that keeps requests, answers and traces."""

import json
import os
import threading
import time

import msgspec
import pytest

from headgate.catalog import otel_tables, payload_tables, types
from headgate.catalog.catalog import Catalog
from headgate.catalog.entries import MANAGED, Entry, TableFacts
from headgate.catalog.holders import user
from headgate.catalog.names import METASTORE, Name
from headgate.core.batch import PAYLOADS
from headgate.core.endpoint import Endpoint, PayloadRule
from headgate.core.errors import Unavailable
from headgate.exchange import payload
from headgate.exchange.content import ExchangeContent
from headgate.exchange.payload import PayloadRules
from headgate.storage.content.batches import ContentPorts
from headgate.storage.content.log import ContentLog, ContentRules
from headgate.storage.content.queue import ContentLimits
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import outcome

OPUS = Endpoint(name="opus", targets=(), payload=PayloadRule("main.default.coding"))
QUIET = Endpoint(name="quiet", targets=())
ALL = ContentRules(payloads=PayloadRules(bytes_max=1000), trace_table="main.default.traces")
CANARY = "canary-4711"


class House:
    """A content log over a journal, with the tables it needs."""

    def __init__(self, data_dir, rules=ALL, limits=None):
        self.place = LandingPlace(data_dir)
        self.place.create("coding_payload", PAYLOADS)
        self.place.create("traces", "spans", "v2")
        self.rules = rules
        self.stalls = {}
        tables = {"coding_payload": payload_tables.SCHEMA, "traces": otel_tables.schema("spans", "v2")}
        entries = [Entry(id="m", name=METASTORE, owner=user("root"))]
        for name, schema in tables.items():
            facts = TableFacts(table_type=MANAGED, columns=types.to_delta_json(schema))
            entries.append(
                Entry(id=f"id-{name}", name=Name(("main", "default", name)), owner=user("root"), location=self.place.location(name), table=facts)
            )
        self.snapshot = Catalog(1, entries, {})
        ports = ContentPorts(self.place.open(), lambda: self.snapshot, lambda table: self.stalls.get(table, ""), self.place.clock)
        self.log = ContentLog(ports, lambda: self.rules, self.place.data_dir, limits)

    def end(self, request_id, endpoint=OPUS, answer=b"{}", **changes):
        """An exchange has ended."""
        content = ExchangeContent(outcome(request_id), json.dumps({"say": f"{CANARY} {request_id}"}).encode(), (answer,))
        self.log.ended(msgspec.structs.replace(content, **changes), endpoint)

    def rows(self, table):
        """What reaches the table in the end."""
        self.log.close()
        self.place.close()
        self.place.carrier().round()
        return self.place.rows(table)


@pytest.fixture
def house(tmp_path):
    """With payloads and traces on."""
    made = House(tmp_path)
    yield made
    made.log.close()
    made.place.close()


def test_an_exchange_becomes_a_row_and_a_trace(house):
    """In the endpoint's table, and in the one for all."""
    house.end("r-1")
    house.end("r-2", QUIET)
    house.end("r-3", None)
    (row,) = house.rows("coding_payload")
    assert (row["request_id"], json.loads(row["request"]), row["response"]) == ("r-1", {"say": f"{CANARY} r-1"}, "{}")
    spans = house.place.rows("traces")
    assert len(spans) == 6
    assert {span["kind"] for span in spans} == {"SPAN_KIND_SERVER", "SPAN_KIND_CLIENT"}
    assert house.log.troubles() == []


def test_nothing_is_kept_that_nobody_switched_on(tmp_path):
    """No thread, no room, no content in any file."""
    house = House(tmp_path, ContentRules())
    threads = threading.active_count()
    house.end("r-1", QUIET)
    house.end("r-2", msgspec.structs.replace(OPUS, payload=PayloadRule("main.default.coding", paused=True)))
    house.end("r-3", OPUS, generates=False)
    house.end("r-4", QUIET, outcome=outcome("r-4", status_code=500, ended="failed", error_message="x"))
    assert threading.active_count() == threads
    assert (house.log.room(QUIET), house.log.room(OPUS) is not None) == (None, True)
    house.log.close()
    house.place.close()
    for folder, _, names in os.walk(house.place.data_dir):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                assert CANARY.encode() not in file.read()


def test_a_trace_alone_holds_no_content(tmp_path):
    """Tracing is not logging."""
    house = House(tmp_path, ContentRules(trace_table="main.default.traces"))
    house.end("r-1", QUIET)
    assert len(house.rows("traces")) == 2
    assert CANARY not in str(house.place.rows("traces"))


def test_a_large_body_lies_in_a_file_that_the_row_names(house):
    """Readable by its owner alone, below the data directory."""
    house.end("req_1", request=b'{"t":"' + b"x" * 2000 + b'"}', answer=b'"' + b"y" * 2000 + b'"')
    (row,) = house.rows("coding_payload")

    assert row["logging_error_codes"] == ["MAX_REQUEST_SIZE_EXCEEDED", "MAX_RESPONSE_SIZE_EXCEEDED"]
    assert (row["request"], row["response"]) == (None, None)
    for name, letter in ((row["request_file"], "x"), (row["response_file"], "y")):
        path = os.path.join(house.place.data_dir, name)
        with open(path, encoding="utf-8") as file:
            assert letter * 2000 in file.read()
        assert os.stat(path).st_mode & 0o777 == 0o600


def test_old_files_go_by_days(house):
    """Today's stay, and all stay where nothing is said."""
    root = os.path.join(house.place.data_dir, "payloads")
    for day in ("2026-09-01", "2026-09-20", "2026-09-21"):
        os.makedirs(os.path.join(root, day))
        with open(os.path.join(root, day, "r.request"), "w", encoding="utf-8") as file:
            file.write("x")
    house.log.drop_old_files(0)
    assert len(os.listdir(root)) == 3
    house.log.drop_old_files(1)
    assert sorted(os.listdir(root)) == ["2026-09-20", "2026-09-21"]


def test_what_has_no_table_is_counted_and_told(house, caplog):
    """Once in the log, with its number on /readyz; also a table that does not take its rows."""
    other = msgspec.structs.replace(OPUS, payload=PayloadRule("main.default.other"))
    house.end("r-1", other)
    house.end("r-2", other)
    house.stalls["id-coding_payload"] = "it has no files"
    house.end("r-3")
    assert len(house.rows("traces")) == 6

    assert sorted(house.log.troubles()) == [
        "1 exchanges were not logged or traced: it has no files",
        "2 exchanges were not logged or traced: there is no table main.default.other_payload",
    ]
    assert len(caplog.records) == 2


def test_it_is_the_first_to_give_way(house):
    """A journal in trouble keeps its space for records."""
    house.log._limits = ContentLimits(backlog_bytes=-1)
    house.end("r-1")
    assert house.rows("traces") == []
    assert "in trouble or far behind" in house.log.troubles()[0]


def test_what_waits_is_bounded(tmp_path):
    """In number and in size; nobody waits for room."""
    house = House(tmp_path, limits=ContentLimits(waiting=2, waiting_bytes=100_000))
    house.log._thread = threading.Thread()  # it never comes to work
    for number in range(3):
        house.end(f"r-{number}")
    assert house.log.troubles() == ["1 exchanges were not logged or traced: more waited than may wait"]
    house.log._queue._jobs.clear()
    house.end("large", request=b"x" * 200_000)
    assert house.log.troubles() == ["2 exchanges were not logged or traced: more waited than may wait"]
    house.place.close()


def test_a_bug_costs_what_it_meets_and_nothing_else(house, monkeypatch, caplog):
    """The thread goes on."""
    real = payload.logged
    monkeypatch.setattr(payload, "logged", lambda content, *rest: real(content, *rest) if content.outcome.intent.request_id == "good" else 1 / 0)
    house.rules = ContentRules(payloads=ALL.payloads)
    house.end("bad")
    while house.log._queue._jobs or not house.log.troubles():
        threading.Event().wait(0.01)
    house.end("good")
    rows = house.rows("coding_payload")

    assert [row["request_id"] for row in rows] == ["good"]
    assert "ZeroDivisionError" in house.log.troubles()[0]
    assert "ZeroDivisionError" in caplog.text


def test_after_its_end_it_takes_nothing(house):
    """What ends later has its record, and no more."""
    house.log.close()
    house.end("late")
    assert house.rows("coding_payload") == []


class Slow:
    """A redactor that gives up on some content."""

    def text(self, text):
        """Nothing is taken out."""
        return text

    def value(self, value):
        """Not of this."""
        if "r-2" in str(value):
            raise Unavailable("an expression took too long")
        return value


def test_content_that_cannot_be_redacted_is_not_stored_and_costs_no_other(house):
    """It is counted, and its trace is kept."""
    house.rules = msgspec.structs.replace(ALL, payloads=msgspec.structs.replace(ALL.payloads, redactor=Slow()))
    for number in (1, 2, 3):
        house.end(f"r-{number}")
    rows = house.rows("coding_payload")
    assert [row["request_id"] for row in rows] == ["r-1", "r-3"]
    assert house.log.troubles() == ["1 exchanges were not logged or traced: an expression took too long"]
    assert len({row["trace_id"] for row in house.place.rows("traces")}) == 3


def without(house, *names):
    """The tables of these names are not there yet."""
    entries = [entry for entry in house.snapshot._entries.values() if entry.name.leaf not in names]
    return Catalog(2, entries, {})


def test_what_belongs_in_a_table_that_is_not_there_yet_waits_for_it(house):
    """And is kept when it comes: its place was out of reach for a while."""
    whole = house.snapshot
    house.snapshot = without(house, "coding_payload", "traces")
    for number in range(3):
        house.end(f"r-{number}")
    waiting = "3 exchanges wait to be logged or traced: there is no table main.default.coding_payload"
    wait_for(lambda: house.log.troubles() == [waiting])
    house.snapshot = whole
    house.end("r-3")
    assert house.log.troubles() == [waiting]
    house.place.clock.now_ns += 6_000_000_000
    house.end("r-4")
    wait_for(lambda: not house.log.troubles())
    assert sorted(row["request_id"] for row in house.rows("coding_payload")) == ["r-0", "r-1", "r-2", "r-3", "r-4"]
    assert len(house.place.rows("traces")) == 2 * 5


def test_what_waits_for_a_table_is_bounded_and_counted(tmp_path):
    """A table that never comes takes a quarter of the room, and no other table's rows wait for it."""
    house = House(tmp_path, limits=ContentLimits(waiting=8))
    try:
        house.snapshot = without(house, "coding_payload")
        for number in range(5):
            house.end(f"r-{number}")
            wait_for(lambda: not house.log._queue._jobs)
        wait_for(lambda: len(house.log.troubles()) == 2)
        reason = "there is no table main.default.coding_payload"
        assert house.log.troubles() == [f"3 exchanges were not logged or traced: {reason}", f"2 exchanges wait to be logged or traced: {reason}"]
        house.log.close()
        assert house.log.troubles() == [f"5 exchanges were not logged or traced: {reason}"]
        house.place.close()
        house.place.carrier().round()
        assert len(house.place.rows("traces")) == 2 * 5
    finally:
        house.log.close()


def wait_for(condition):
    """Until it holds."""
    deadline_s = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)
