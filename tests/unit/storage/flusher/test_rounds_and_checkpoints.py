"""Segments that a start may still need stay until a checkpoint contains them."""

import os

import pytest

from headgate.policy.reservations_dump import ReservationsDump
from headgate.storage.journal import segments
from headgate.storage.journal.checkpoint import Written, checkpoint_of, encode, write_checkpoint
from headgate.storage.journal.journals import writer_dir
from headgate.storage.journal.writer import JournalWriter
from tests.fakes.records import QUIET, FakeClock, outcome
from tests.fakes.rounds import journal_rounds


@pytest.mark.parametrize(("contained", "left"), [(None, 1), (0, 4), (1, 2), (2, 1)])
def test_a_segment_goes_when_the_checkpoint_contains_all_of_it(tmp_path, contained, left):
    """Without a checkpoint its age alone counts. The newest stays in any case."""
    directory, clock = writer_dir(str(tmp_path)), FakeClock()
    for request_id in ("a", "b", "c", "d"):
        journal = JournalWriter.open(directory, QUIET)
        journal.outcome(outcome(request_id))
        journal.close()
    rounds = journal_rounds(str(tmp_path), clock)
    rounds.round()
    if contained is not None:
        seq = segments.list_segments(directory)[contained + 1].first_seq - 1 if contained else 0
        write_checkpoint(str(tmp_path), encode(checkpoint_of(ReservationsDump(0.0), {"0": Written(seq)}, clock)))
    clock.now_ns = os.stat(directory).st_mtime_ns + 1000 * 10**9
    rounds.tidy()

    assert len(segments.list_segments(directory)) == left
