"""Batches into their table."""

import os

import msgspec
import pyarrow as pa
import pytest

from headgate.admin.catalog_ports import NewFiles
from headgate.catalog import types
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import schema
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Structure
from headgate.core.batch import PAYLOADS, ROWS
from headgate.core.payload import LoggedPayload
from headgate.storage.delta import delta_table, table_work
from headgate.storage.flusher import table_append
from headgate.storage.flusher.table_append import append_batches
from headgate.storage.journal.batch_frames import read_batches
from headgate.storage.journal.segments import Frame, Kind
from headgate.storage.rows import inserted_rows
from headgate.storage.rows.batch_rows import TableUnfit
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace

APP = "headgate-test"


@pytest.fixture
def place(tmp_path):
    """A data directory with a metrics table."""
    made = LandingPlace(tmp_path)
    made.create()
    return made


def framed(*batches, first_seq=1):
    """Batches in frames of rising numbers, read back."""
    frames = [Frame(first_seq + place, Kind.BATCH, memoryview(msgspec.msgpack.encode(batch))) for place, batch in enumerate(batches)]
    tables, unreadable = read_batches(frames)
    assert not unreadable
    (found,) = tables.values()
    return found


def test_batches_become_rows_once(place):
    """A second append of the same frames, and of some of them with new ones, appends only what is new."""
    first = framed(place.batch(exports.metrics("a", 2)), place.batch(exports.metrics("b", 1)))
    assert append_batches(first, APP) == (3, [])
    assert append_batches(first, APP) == (0, [])
    assert append_batches([*first, *framed(place.batch(exports.metrics("c", 1)), first_seq=3)], APP) == (1, [])

    assert place.marks() == ["a", "a", "b", "c"]
    assert delta_table.carried_seq(delta_table.open_table(place.location("m")), APP) == 3


def test_a_commit_is_bounded(place, monkeypatch):
    """Rows and memory bound a chunk, each chunk is a commit of its own, and a large batch is one by itself."""
    monkeypatch.setattr(table_append, "ROWS_MAX", 10)
    batches = [place.batch(exports.metrics(str(number), 4), rows=4) for number in range(5)]
    batches.append(place.batch(exports.metrics("big", 16), rows=16))
    append_batches(framed(*batches), APP)

    table = delta_table.open_table(place.location("m"))
    assert table.version() == 4
    assert table.count() == 36

    monkeypatch.setattr(table_append, "BYTES_MAX", 1500)
    append_batches(framed(*batches[:3], first_seq=20), APP)
    assert delta_table.open_table(place.location("m")).version() == 7


def test_a_batch_that_cannot_be_decoded_costs_only_itself(place):
    """The others of its chunk land, and its frame is named."""
    found = framed(place.batch(exports.metrics("a", 1)), place.batch(b"\xff\xff\xff"), place.batch(exports.metrics("b", 1)))

    assert append_batches(found, APP) == (2, [2])
    assert place.marks() == ["a", "b"]
    assert append_batches(found, APP) == (0, [])


def test_a_frame_that_is_no_batch_is_named():
    """Nothing else is said of it."""
    assert read_batches([Frame(7, Kind.BATCH, memoryview(b"\x00"))]) == ({}, [7])


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("signal", ["metrics", "logs", "spans"])
def test_every_table_takes_its_signal(place, signal, version):
    """Both schema versions of all three."""
    place.create("t", signal, version)
    body = getattr(exports, signal)("x", 2)

    assert append_batches(framed(place.batch(body, "t", signal)), APP) == (2, [])
    assert len(place.rows("t")) == 2


def test_columns_in_another_order_are_filled_by_name(place):
    """A table made by somebody else's statement need not have our order."""
    columns = schema("logs").fields
    name = Name(("main", "default", "shuffled"))
    delta_table.ensure_table(place.location("shuffled"), CreateTable(name=name, schema=Structure(tuple(reversed(columns)))))
    append_batches(framed(place.batch(exports.logs("x", 1), "shuffled", "logs")), APP)

    (row,) = place.rows("shuffled")
    assert row["body"] == "claude_code.api_request"
    assert row["attributes"]["mark"] == "x"


def test_a_table_that_is_gone_or_another_is_unfit(place):
    """The message says which table, and what is wrong with it."""
    with pytest.raises(TableUnfit, match=r"main\.default\.nowhere has no files"):
        append_batches(framed(place.batch(exports.metrics(), "nowhere")), APP)
    with pytest.raises(TableUnfit, match=r"main\.default\.m takes no logs: it is a table of metrics"):
        append_batches(framed(place.batch(exports.logs(), "m", "logs")), APP)
    name = Name(("main", "default", "other"))
    delta_table.ensure_table(place.location("other"), CreateTable(name=name, schema=Structure(types.parse_columns("name: string, unit: bigint"))))
    with pytest.raises(TableUnfit, match="column description is missing"):
        append_batches(framed(place.batch(exports.metrics(), "other")), APP)


def test_a_table_that_may_not_be_looked_at_is_not_called_missing(place, monkeypatch):
    """Another user made its folder: the message is the system's, with the path."""
    looked_at, folder = os.stat, place.location("m")

    def refused(path, *given, **how):
        if str(path).startswith(f"{folder}/"):
            raise PermissionError(13, "Permission denied", str(path))
        return looked_at(path, *given, **how)

    monkeypatch.setattr(os, "stat", refused)
    monkeypatch.setattr(delta_table, "open_table", lambda _: None)
    with pytest.raises(PermissionError, match=r"Permission denied: .*/m/_delta_log"):
        append_batches(framed(place.batch(exports.metrics(), "m")), APP)


def test_logged_payloads_become_rows(place):
    """A payload table gets them, lacks of columns made good; a table of something else does not."""
    name = Name(("main", "default", "coding_payload"))
    delta_table.ensure_table(
        place.location("coding_payload"), CreateTable(name=name, schema=Structure(types.parse_columns("request_id: string, request: string")))
    )
    payload = msgspec.msgpack.encode(
        LoggedPayload(request_id="r-1", event_time_ns=exports.AT_NS, request="{}", response="[]", request_tags={"a": "b"})
    )
    append_batches(framed(place.batch(payload, "coding_payload", PAYLOADS)), APP)

    (row,) = place.rows("coding_payload")
    assert (row["request_id"], row["request"], row["response"], row["request_tags"]) == ("r-1", "{}", "[]", {"a": "b"})
    with pytest.raises(TableUnfit, match="no column request_id"):
        append_batches(framed(place.batch(payload, "m", PAYLOADS)), APP)


def _rows(place, *numbers, table_id):
    payload = inserted_rows.pack(pa.table({"a": pa.array(numbers, pa.int64())}), table_id)
    return place.batch(payload, "n", ROWS, rows=len(numbers))


def test_rows_of_insert_go_where_they_were_meant(place):
    """Into the table of the id that they name, once; not into one that has replaced it, and with a dropped table they go."""
    location = place.location("n")
    new = NewFiles(location=location, columns=types.to_delta_json(Structure(types.parse_columns("a: bigint, b: string"))), name=Name(("n",)))
    first = table_work.create(new).id
    batches = framed(_rows(place, 1, 2, table_id=first), _rows(place, 3, table_id=first))
    assert append_batches(batches, APP) == (3, [])
    assert append_batches(batches, APP) == (0, [])
    assert sorted(row["a"] for row in place.rows("n")) == [1, 2, 3]
    second = table_work.replace(new).id
    assert append_batches(framed(_rows(place, 4, table_id=first), _rows(place, 5, table_id=second), first_seq=3), APP) == (1, [])
    assert [row["a"] for row in place.rows("n")] == [5]
    with pytest.raises(TableUnfit, match="no column a"):
        table_work.replace(msgspec.structs.replace(new, columns=types.to_delta_json(Structure(types.parse_columns("a: int")))))
        third = str(delta_table.open_table(location).metadata().id)
        append_batches(framed(_rows(place, 6, table_id=third), first_seq=5), APP)
    table_work.delete(location)
    assert append_batches(framed(_rows(place, 7, table_id=second), first_seq=6), APP) == (0, [])
    with pytest.raises(TableUnfit, match="has no files"):
        append_batches(framed(place.batch(exports.metrics("a", 1), "n"), first_seq=7), APP)
