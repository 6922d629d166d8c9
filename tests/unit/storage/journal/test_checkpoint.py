"""The checkpoint beside a journal, and the records behind it."""

import logging
from pathlib import Path

import msgspec
import pytest

from headgate.core.record import Intent, Reserved, Settled
from headgate.policy.replay import Replay
from headgate.policy.reservations_dump import ReservationsDump
from headgate.storage.journal import checkpoint
from headgate.storage.journal.checkpoint import (
    Checkpoint,
    Written,
    checkpoint_of,
    checkpointed_seq,
    encode,
    has_checkpoint,
    read_checkpoint,
    read_records,
    write_checkpoint,
)
from headgate.storage.journal.frames import pack_frame
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import Kind
from tests.fakes.records import FakeClock, intent, outcome, write_segment

KEY = b"m12345"
ENCODE = make_codec().encode
DUMP = ReservationsDump(100.0, {"req_1": intent("req_1", reserved=Reserved(at_s=90.0, input_tokens=30, counts=((KEY, 10),)))}, {KEY: [90, 1, 30, 10]})


@pytest.fixture
def data_dir(tmp_path):
    """With a folder for journals."""
    (tmp_path / "journal" / "0").mkdir(parents=True)
    return str(tmp_path)


def written(data_dir, seq=7, dump=DUMP):
    """A checkpoint of this moment."""
    made = checkpoint_of(dump, {"0": Written(seq, ["req_1"]), "1": Written(3)}, FakeClock())
    write_checkpoint(data_dir, encode(made))
    return made


def test_it_is_read_as_it_was_written(data_dir):
    """And the number of each writer alone from its head; a writer that it does not name has none of its records in it."""
    assert (has_checkpoint(data_dir), read_checkpoint(data_dir), checkpointed_seq(data_dir, "0")) == (False, None, None)
    made = written(data_dir)

    assert (has_checkpoint(data_dir), read_checkpoint(data_dir)) == (True, made)
    assert [checkpointed_seq(data_dir, writer) for writer in ("0", "1", "2")] == [7, 3, 0]
    assert made.boot == checkpoint.boot_id()


@pytest.mark.parametrize("left", [0, 3, 60])
def test_a_damaged_one_contains_nothing(data_dir, caplog, left):
    """So that all records are replayed and none is deleted before; the log says it."""
    written(data_dir)
    file = Path(data_dir, "journal", checkpoint.CHECKPOINT_FILE)
    file.write_bytes(file.read_bytes()[:left])

    with caplog.at_level(logging.ERROR):
        found = read_checkpoint(data_dir)
    assert found is not None
    assert (found.writers, found.reservations) == ({"0": Written(0)}, ReservationsDump(0.0))
    assert checkpointed_seq(data_dir, "0") == (7 if left == 60 else 0)
    assert "damaged" in caplog.text


@pytest.mark.parametrize("left", [None, 40])
def test_that_of_an_earlier_release_is_read(data_dir, left):
    """It was in the journal of the one writer, and had that one's number; a damaged one contains nothing."""
    earlier = {"seq": 7, "wall_ns": 5, "monotonic_s": 2.0, "boot": "b", "reservations": DUMP}
    Path(data_dir, "journal", "0", "checkpoint").write_bytes(pack_frame(7, Kind.CHECKPOINT, msgspec.msgpack.encode(earlier))[:left])
    found = read_checkpoint(data_dir)

    assert found is not None
    whole = Checkpoint(wall_ns=5, monotonic_s=2.0, boot="b", reservations=DUMP, writers={"0": Written(7, ["req_1"])})
    assert found == (whole if left is None else Checkpoint(reservations=ReservationsDump(0.0), writers={"0": Written(0)}))
    assert [checkpointed_seq(data_dir, writer) for writer in ("0", "1")] == [7 if left is None else 0, None]


def test_the_records_behind_it_are_replayed(tmp_path):
    """Those that it contains are not read; a writer's start interrupts what was open."""
    reserved = [Reserved(at_s=float(at_s), input_tokens=5, counts=((KEY, 2),)) for at_s in (90, 101, 104)]
    intents = [intent(f"req_{number}", reserved=each) for number, each in enumerate(reserved, 1)]
    frames = [
        (Kind.START, b"\x94\x01\x01\x01\xa1w"),
        (Kind.INTENT, ENCODE(intents[0])),
        (Kind.INTENT, ENCODE(intents[1])),
        (Kind.INTENT, ENCODE(intent("req_free"))),
        (Kind.BATCH, b"anything"),
        (Kind.OUTCOME, ENCODE(outcome("req_2", intent=intents[1], settled=Settled(at_s=103.0, input_tokens=4, output_tokens=9)))),
        (Kind.INTENT, b"nothing that could be read"),
        (Kind.INTENT, ENCODE(intents[2])),
        (Kind.START, b"\x94\x01\x01\x01\xa1w"),
    ]
    write_segment(str(tmp_path), 6, frames)
    replay = Replay(DUMP, None, lambda _: ())
    found = read_records(str(tmp_path), 7)
    for record in found.records:
        if record is None:
            replay.interrupt()
        else:
            (replay.intent if isinstance(record, Intent) else replay.outcome)(record)

    assert found.seq == 14

    assert replay.reservations.dump(0) == ReservationsDump(104.0, {}, {KEY: [90, 1, 30, 0, 101, 1, 4, 2, 103, 0, 0, 7, 104, 1, 5, 0]})
