"""The checkpoint beside a journal, and the records behind it."""

import logging

import pytest

from headgate.core.record import Reserved, Settled
from headgate.policy.replay import Replay
from headgate.policy.reservations import ReservationsDump
from headgate.storage.journal import checkpoint
from headgate.storage.journal.checkpoint import checkpoint_of, checkpoint_seq, encode, read_checkpoint, replay_records, write_checkpoint
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import Kind
from tests.fakes.records import FakeClock, intent, outcome, write_segment

KEY = b"m12345"
ENCODE = make_codec().encode
DUMP = ReservationsDump(100.0, {"req_1": intent("req_1", reserved=Reserved(at_s=90.0, input_tokens=30, counts=((KEY, 10),)))}, {KEY: [90, 1, 30, 10]})


def written(directory, seq=7, dump=DUMP):
    """A checkpoint of this moment."""
    made = checkpoint_of(dump, seq, FakeClock())
    write_checkpoint(str(directory), seq, encode(made))
    return made


def test_it_is_read_as_it_was_written(tmp_path):
    """And its number alone from its head."""
    assert (read_checkpoint(str(tmp_path)), checkpoint_seq(str(tmp_path))) == (None, None)
    made = written(tmp_path)

    assert read_checkpoint(str(tmp_path)) == made
    assert checkpoint_seq(str(tmp_path)) == 7
    assert made.boot == checkpoint.boot_id()


@pytest.mark.parametrize("left", [0, 3, 40])
def test_a_damaged_one_contains_nothing(tmp_path, caplog, left):
    """So that all records are replayed and none is deleted before; the log says it."""
    written(tmp_path)
    (tmp_path / "checkpoint").write_bytes((tmp_path / "checkpoint").read_bytes()[:left])

    with caplog.at_level(logging.ERROR):
        found = read_checkpoint(str(tmp_path))
    assert found is not None
    assert (found.seq, found.reservations) == (0, ReservationsDump(0.0))
    assert checkpoint_seq(str(tmp_path)) == (7 if left == 40 else 0)
    assert "damaged" in caplog.text


def test_the_records_behind_it_are_replayed(tmp_path):
    """Those that it contains are not; a writer's start interrupts what was open."""
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
    replay_records(str(tmp_path), 7, replay)

    assert replay.reservations.dump(0) == ReservationsDump(104.0, {}, {KEY: [90, 1, 30, 0, 101, 1, 4, 2, 103, 0, 0, 7, 104, 1, 5, 0]})
