"""The journal's tail as rows, for the query gateway: nothing twice, nothing lost between two looks, whatever the flusher does meanwhile."""

import shutil

import msgspec
import pyarrow as pa
import pytest

from headgate.admin.statement_ports import TableSource
from headgate.catalog import otel_tables, payload_tables, types
from headgate.catalog.audit_table import AUDIT
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.catalog.usage_table import USAGE
from headgate.core.batch import PAYLOADS, ROWS
from headgate.core.errors import Unavailable
from headgate.core.payload import LoggedPayload
from headgate.storage.delta import delta_table
from headgate.storage.flusher import rounds
from headgate.storage.journal import journals, tail
from headgate.storage.journal.segments import Kind
from headgate.storage.query import tails as tails_module
from headgate.storage.query.table_files import TableVersion
from headgate.storage.query.tails import JournalTails
from headgate.storage.rows import inserted_rows
from tests.fakes import exports
from tests.fakes.audit_place import AuditPlace, event
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import intent, outcome, rates_of


@pytest.fixture
def place(tmp_path):
    """A data directory with a metrics table."""
    made = LandingPlace(tmp_path)
    made.create()
    yield made
    made.close()


@pytest.fixture
def tails(place):
    """Its tails."""
    return JournalTails(place.data_dir, rates_of, place.clock)


def source(place, table: str = "m", schema: Structure | None = None) -> TableSource:
    return TableSource(Name(("main", "default", table)), place.location(table), schema or otel_tables.schema("metrics"))


def usage(place) -> TableSource:
    return TableSource(USAGE.name, delta_table.table_path(place.data_dir, USAGE), USAGE.schema)


OPENED = TableVersion(0, Structure(()), (), id="t-1")


def committed(location: str):
    """The table as it is opened now."""
    table = delta_table.open_table(location)
    return table.transaction_version if table is not None else lambda _application: None


def rows(stream: bytes | None) -> list[dict]:
    return [] if stream is None else pa.ipc.open_stream(stream).read_all().to_pylist(maps_as_pydicts="lossy")


def marks(stream: bytes | None) -> list[str]:
    return [row["sum"]["attributes"]["mark"] for row in rows(stream)]


def put(place, *found: str, table: str = "m"):
    place.put(*(place.batch(exports.metrics(mark, 1), table) for mark in found))


def test_tables_that_the_journal_does_not_feed(place, tails, tmp_path):
    """They have no tail, nor has a directory without a journal."""
    put(place, "a")
    other = source(place, "m", Structure(types.parse_columns("a: bigint")))
    assert tails.begin(other)(committed(other.location), OPENED) is None
    nowhere = JournalTails(str(tmp_path / "nowhere"), rates_of, place.clock)
    for asked in (usage(place), source(place)):
        assert nowhere.begin(asked)(committed(asked.location), OPENED) is None


def test_telemetry_is_seen_before_it_is_carried(place, tails):
    """What is acknowledged is in the tail until it is in the table; another table's rows are not in it."""
    place.create("other")
    put(place, "a", "b")
    put(place, "x", table="other")
    assert marks(tails.begin(source(place))(committed(place.location("m")), OPENED)) == ["a", "b"]
    place.carrier().round()
    assert marks(tails.begin(source(place))(committed(place.location("m")), OPENED)) == []
    put(place, "c")
    assert marks(tails.begin(source(place))(committed(place.location("m")), OPENED)) == ["c"]


def test_usage_is_seen_before_it_is_carried(place, tails):
    """The same for exchanges, before there is a table and after."""
    asked = usage(place)
    for name in ("r-1", "r-2"):
        place.open().outcome(outcome(name))
        place.close()
        begun = tails.begin(asked)
        assert [row["request_id"] for row in rows(begun(committed(asked.location), OPENED))] == [name]
        place.carrier().round()
        assert rows(begun(committed(asked.location), OPENED)) == []
    assert rows(tails.begin(asked)(committed(asked.location), OPENED)) == []


@pytest.mark.parametrize(("limit", "most"), [("USAGE_BYTES_MAX", "0 MiB"), ("OUTCOMES_MAX", "2 exchanges")])
def test_usage_that_is_far_behind_is_refused_and_never_cut(place, tails, monkeypatch, limit, most):
    """A sum without its newest rows would be a wrong one. Past either bound nothing more is read, in words and with a code."""
    asked = usage(place)
    for number in range(3):
        place.open().outcome(outcome(f"r-{number}"))
        place.close()
    begun = tails.begin(asked)

    with monkeypatch.context() as changed, pytest.raises(Unavailable, match=rf"more than {most}\.") as refused:
        changed.setattr(tail, limit, 2)
        begun(committed(asked.location), OPENED)
    assert refused.value.code == "USAGE_IS_BEHIND"

    place.carrier().round()
    assert rows(tails.begin(asked)(committed(asked.location), OPENED)) == []


def test_rows_of_telemetry_are_not_held_for_the_sake_of_usage(place, tails, monkeypatch):
    """Their frames are passed over; the exchange that a dead writer left open behind them is interrupted all the same."""
    folded = []
    take = tail.Fold.take
    monkeypatch.setattr(tail.Fold, "take", lambda fold, frames: take(fold, (folded.append(frame.kind) or frame for frame in frames)))
    place.open().intent(intent("r-open"))
    put(place, "a", "b")
    place.close()

    (row,) = rows(tails.begin(usage(place))(committed(usage(place).location), OPENED))

    assert (row["request_id"], row["ended"]) == ("r-open", "interrupted")
    assert Kind.BATCH not in folded
    assert Kind.INTENT in folded


@pytest.mark.parametrize("died", [False, True])
def test_no_row_falls_between(place, tails, monkeypatch, died):
    """Whichever state of the table a query opened, before or after a round that began meanwhile, table and tail together have each row once."""
    put(place, "a")
    place.carrier().round()
    put(place, "b")
    before = committed(place.location("m"))
    begun = tails.begin(source(place))
    if died:  # the rows are in the table, and the standing does not say so yet
        monkeypatch.setattr(rounds, "write_standing", lambda *_: None)
    place.carrier().round()
    assert marks(begun(before, OPENED)) == ["b"]
    assert marks(begun(committed(place.location("m")), OPENED)) == []
    assert marks(tails.begin(source(place))(committed(place.location("m")), OPENED)) == []


def test_rows_put_aside_are_seen(place, tails):
    """While a table does not take its rows they are in the tail, in order with those that came later; afterwards they are in the table alone."""
    shutil.move(place.location("m"), place.location("elsewhere"))
    put(place, "a")
    place.carrier().round()
    put(place, "b")
    assert marks(tails.begin(source(place))(lambda _application: None, OPENED)) == ["a", "b"]
    shutil.move(place.location("elsewhere"), place.location("m"))
    begun = tails.begin(source(place))
    old = committed(place.location("m"))
    place.carrier().round()
    assert marks(begun(old, OPENED)) == ["a", "b"]


def test_payloads(place, tails):
    """Logged requests and answers are seen too, also where the table has a column of somebody's own."""
    place.create("p", PAYLOADS)
    logged = LoggedPayload(request_id="r-1", event_time_ns=exports.AT_NS, request="{}", response="{}")
    place.put(place.batch(msgspec.msgpack.encode(logged), "p", PAYLOADS))
    wider = Structure((*payload_tables.SCHEMA.fields, types.Field("own", types.parse_text("map<string,int>"))))
    (row,) = rows(tails.begin(source(place, "p", wider))(committed(place.location("p")), OPENED))
    assert (row["request_id"], row["request"], row["own"]) == ("r-1", "{}", None)


def test_a_tail_is_bounded(place, tails, monkeypatch):
    """Past the bound the newest rows wait for the table; one batch is always read."""
    monkeypatch.setattr(tails_module, "ROWS_MAX", 5)
    place.put(*(place.batch(exports.metrics(mark, 3), rows=3) for mark in ("a", "b", "c")))
    assert marks(tails.begin(source(place))(committed(place.location("m")), OPENED)) == ["a"] * 3
    monkeypatch.setattr(tail, "BYTES_MAX", 1)
    assert marks(tails.begin(source(place))(committed(place.location("m")), OPENED)) == []


def test_columns_that_do_not_fit(place, tails):
    """Rows that the table would not take are not shown as if it had."""
    put(place, "a")
    other = source(place, "m", otel_tables.schema("logs"))
    assert tails.begin(other)(committed(other.location), OPENED) is None


def test_bytes_that_are_no_batch(place, tails):
    """They are the flusher's to tell of."""
    put(place, "a")
    with place.journal._lock:
        place.journal._end.put([(Kind.BATCH, b"\xc1")])
    place.journal._end.log.roll()
    assert marks(tails.begin(source(place))(committed(place.location("m")), OPENED)) == ["a"]


def test_audit_events_are_seen_before_they_are_written(tmp_path):
    """They have no place in the chain yet; once they are in the table they are in the tail no more."""
    place = AuditPlace(tmp_path)
    tails = JournalTails(place.data_dir, rates_of, place.clock)
    asked = TableSource(AUDIT.name, place.path, types.from_delta_json(types.to_delta_json(AUDIT.schema)))
    place.note(event("a"))
    assert [(row["event_id"], row["chain_sequence"]) for row in rows(tails.begin(asked)(committed(place.path), OPENED))] == [("a", None)]
    place.close()
    place.carry()
    assert rows(tails.begin(asked)(committed(place.path), OPENED)) == []


NUMBERS = Structure(types.parse_columns("a: bigint, b: string"))


def inserted(place, *numbers: int, table_id: str = "t-1"):
    """A batch of INSERT for the table `n`."""
    payload = inserted_rows.pack(pa.table({"a": pa.array(numbers, pa.int64())}), table_id)
    return place.batch(payload, "n", ROWS, rows=len(numbers))


@pytest.fixture
def inserting(place):
    """The place, whose journal is one of INSERT."""
    place.directory = journals.writer_dir(place.data_dir, journals.INSERT_WRITERS[0])
    return place


def test_rows_of_insert(inserting, tails):
    """They are rows of any table, in the columns that it has now, however many; those that were for a table in whose place it is are not."""
    asked = TableSource(Name(("main", "default", "n")), inserting.location("n"), NUMBERS)
    inserting.put(inserted(inserting, 1, 2), inserted(inserting, 7, table_id="t-0"))
    inserting.put(inserted(inserting, *range(3, tails_module.ROWS_MAX + 5)))
    opened = TableVersion(0, NUMBERS, (), id="t-1")
    found = rows(tails.begin(asked)(lambda _application: None, opened))
    assert [found[0], found[-1], len(found)] == [{"a": 1, "b": None}, {"a": tails_module.ROWS_MAX + 4, "b": None}, tails_module.ROWS_MAX + 4]
    assert rows(tails.begin(asked)(lambda _application: 2**40, opened)) == []
    narrower = TableVersion(1, Structure(types.parse_columns("b: string")), (), id="t-1")
    assert tails.begin(asked)(lambda _application: None, narrower) is None
    ours = TableSource(asked.name, asked.location, NUMBERS, made_on_write=True)
    assert tails.begin(ours)(lambda _application: None, opened) is None


def test_no_row_of_insert_is_left_out(inserting, tails, monkeypatch):
    """Where the journal holds more than one query reads, the query is refused."""
    asked = TableSource(Name(("main", "default", "n")), inserting.location("n"), NUMBERS)
    inserting.put(inserted(inserting, 1))
    monkeypatch.setattr(tail, "BYTES_MAX", 10)
    with pytest.raises(Unavailable, match="are not in their table yet"):
        tails.begin(asked)(lambda _application: None, OPENED)
