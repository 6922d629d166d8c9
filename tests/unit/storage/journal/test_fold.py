"""From frames to outcomes."""

import msgspec
import pytest

from headgate.core.usage import Usage
from headgate.storage.journal.fold import Fold, Standing, read_standing, write_standing
from headgate.storage.journal.record_codec import make_codec
from headgate.storage.journal.segments import Frame, Kind, Marker
from tests.fakes.records import AT_NS, intent, outcome

ENCODE = make_codec().encode
START = msgspec.msgpack.encode(Marker(version=1, pid=1, at_ns=AT_NS))


def frames(*bodies, first_seq=1):
    """Frames with rising numbers; `("i", id)`, `("o", id)` and `"s"` in short."""
    made = []
    for seq, body in enumerate(bodies, first_seq):
        match body:
            case ("i", request_id):
                made.append(Frame(seq, Kind.INTENT, memoryview(ENCODE(intent(request_id)))))
            case ("o", request_id):
                made.append(Frame(seq, Kind.OUTCOME, memoryview(ENCODE(outcome(request_id)))))
            case "s":
                made.append(Frame(seq, Kind.START, memoryview(START)))
            case (kind, bytes(raw)):
                made.append(Frame(seq, kind, memoryview(raw)))
    return made


def ended(fold):
    """What ended, in short."""
    return [(one.seq, one.outcome.intent.request_id, one.outcome.ended) for one in fold.ended]


def test_an_outcome_closes_its_intent():
    """Its frame's number makes it certain; what is open is counted."""
    fold = Fold(Standing())
    fold.take(frames("s", ("i", "a"), ("i", "b"), ("o", "a")))

    assert ended(fold) == [(4, "a", "completed")]
    assert fold.open_count == 1


def test_a_start_interrupts_what_an_earlier_writer_left_open():
    """Every open intent ends at the next START, and a later outcome of another request is its own."""
    fold = Fold(Standing())
    fold.take(frames("s", ("i", "a"), ("i", "b"), ("o", "b"), "s", ("i", "c"), ("o", "c")))

    assert ended(fold) == [(4, "b", "completed"), (5, "a", "interrupted"), (7, "c", "completed")]
    assert fold.open_count == 0


def test_an_outcome_without_an_intent_counts():
    """A refusal is never sent, so it has no intent; and an outcome carries its intent whole."""
    fold = Fold(Standing())
    fold.take(frames(("o", "a")))

    assert ended(fold) == [(1, "a", "completed")]


def test_folding_on_from_a_standing_is_the_same_as_folding_through():
    """Wherever a round ends, the next one continues without a difference, also when it sees old frames again."""
    whole = frames("s", ("i", "a"), ("i", "b"), ("o", "b"), ("i", "c"), "s", ("i", "d"), ("o", "d"), ("i", "e"))
    through = Fold(Standing())
    through.take(whole)
    for cut in range(len(whole) + 1):
        first = Fold(Standing())
        first.take(whole[:cut])
        second = Fold(first.standing())
        second.take(whole)

        assert ended(first) + ended(second) == ended(through)
        assert second.standing() == through.standing()


def test_an_interrupted_exchange_has_no_status_and_estimated_input():
    """Nobody knows what the client saw; the input is as estimated and says so, the output is unknown."""
    fold = Fold(Standing())
    fold.take(frames(("i", "a")))
    fold.interrupt(AT_NS, 9)
    [(seq, one)] = fold.ended

    assert (seq, one.status_code, one.error_code) == (9, 0, "interrupted")
    assert one.usage == Usage(input_tokens=100, estimated=True)


def test_an_interrupted_exchange_without_an_estimate_has_no_usage():
    """An estimate of nothing is no count of nothing."""
    fold = Fold(Standing())
    fold.take([Frame(1, Kind.INTENT, memoryview(ENCODE(intent("a", estimated_input_tokens=0))))])
    fold.interrupt(AT_NS, 2)

    assert fold.ended[0].outcome.usage is None


@pytest.mark.parametrize(
    "frame", [(Kind.OUTCOME, b"\xc1"), (Kind.INTENT, b"\x90"), (Kind.START, b"no"), (Kind.OUTCOME, ENCODE(intent("x"))), (77, b"?")]
)
def test_a_frame_that_makes_no_sense_is_reported_and_stops_nothing(frame):
    """A kind of a later version and a broken body are noted; the records around them are read."""
    fold = Fold(Standing())
    fold.take(frames(("i", "a"), frame, ("o", "a")))

    assert ended(fold) == [(3, "a", "completed")]
    assert len(fold.unreadable) == 1
    assert "frame 2" in fold.unreadable[0]


def test_an_intent_that_makes_no_sense_is_reported_when_it_is_needed():
    """Only its key is read at first; the other open ones are interrupted all the same."""
    fold = Fold(Standing())
    fold.take(frames((Kind.INTENT, msgspec.msgpack.encode(["a", "no number"])), ("i", "b"), "s"))

    assert ended(fold) == [(3, "b", "interrupted")]
    assert "a" in fold.unreadable[0]


def test_probes_say_nothing():
    """A frame that only shows that the disk works is no damage."""
    fold = Fold(Standing())
    fold.take(frames((Kind.PROBE, b"")))

    assert (fold.ended, fold.unreadable, fold.seq) == ([], [], 1)


def test_a_standing_is_kept_and_a_damaged_one_is_none(tmp_path):
    """It comes back as written; with any bit flipped it counts as missing, and everything is folded again."""
    directory = str(tmp_path)
    assert read_standing(directory) == Standing()
    standing = Standing(12, [ENCODE(intent("a")), ENCODE(intent("b"))])
    write_standing(directory, standing)

    assert read_standing(directory) == standing
    data = bytearray((tmp_path / "carried").read_bytes())
    data[len(data) // 2] ^= 4
    (tmp_path / "carried").write_bytes(data)
    assert read_standing(directory) == Standing()


def test_batches_are_passed_on_unread():
    """Whatever is in them; those before the standing are skipped."""
    fold = Fold(Standing(seq=1))
    fold.take(frames((Kind.BATCH, b"x"), (Kind.BATCH, b"y"), ("o", "a"), (Kind.BATCH, b"z")))

    assert [(frame.seq, bytes(frame.body)) for frame in fold.batches] == [(2, b"y"), (4, b"z")]
    assert not fold.unreadable
