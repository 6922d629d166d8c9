"""The journal's writer: durable, whole, in order."""

import asyncio
import os
import threading

import pytest

from headgate.core.errors import Unavailable
from headgate.storage.journal import segments
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalWriter
from tests.fakes.durably import durably
from tests.fakes.journals import frames, gathering, ids, until
from tests.fakes.records import QUIET, intent, outcome

FAST = JournalLimits(roll_s=0.02, sync_interval_s=0.01, reserve_bytes=0, lock_wait_s=0.0)


def test_records_are_with_the_operating_system_when_the_call_returns(tmp_path):
    """Another reader finds each record at once: a killed process has lost none."""
    journal = JournalWriter.open(str(tmp_path), QUIET)
    journal.intent(intent("r-1"))

    assert ids(tmp_path, Kind.INTENT) == ["r-1"]
    journal.outcome(outcome("r-1"))
    assert ids(tmp_path, Kind.OUTCOME) == ["r-1"]
    assert journal.trouble is None
    journal.close()


def test_a_writer_begins_with_a_start_frame_and_new_numbers(tmp_path):
    """Each opening adds a START frame above every earlier number."""
    for _ in range(3):
        JournalWriter.open(str(tmp_path), QUIET).close()
    seqs = [frame.seq for frame in frames(tmp_path)]

    assert [frame.kind for frame in frames(tmp_path)] == [Kind.START] * 3
    assert seqs == sorted(set(seqs))


def test_segments_are_finished_by_age_and_an_idle_journal_makes_none(tmp_path):
    """A later segment appears soon after a record; then nothing more happens."""
    journal = JournalWriter.open(str(tmp_path), FAST)
    until(lambda: len(segments.list_segments(str(tmp_path))) == 2)
    journal.intent(intent("r-1"))
    until(lambda: len(segments.list_segments(str(tmp_path))) == 3)
    threading.Event().wait(0.1)

    assert len(segments.list_segments(str(tmp_path))) == 3
    assert os.stat(segments.list_segments(str(tmp_path))[-1].path).st_size == 0
    journal.close()


def test_segments_are_finished_by_size(tmp_path):
    """A segment does not grow far beyond its limit."""
    journal = JournalWriter.open(str(tmp_path), JournalLimits(roll_s=3600, segment_bytes=4096, reserve_bytes=0))
    for number in range(100):
        journal.intent(intent(f"r-{number}"))
    journal.close()

    found = segments.list_segments(str(tmp_path))
    assert len(found) > 5
    assert all(segments.segment_bytes(segment) < 5000 for segment in found)
    assert len(ids(tmp_path, Kind.INTENT)) == 100


async def test_what_is_acknowledged_as_durable_was_synced(tmp_path, monkeypatch):
    """It is told only after an fdatasync that began after the write, in the order it came; many share one."""
    synced = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda fd: (real(fd), synced.append(fd)))
    journal = JournalWriter.open(str(tmp_path), QUIET)
    journal.gather(asyncio.get_running_loop().call_soon)
    told, last = [], asyncio.get_running_loop().create_future()
    for number in range(500):
        journal.append_durable(Kind.BATCH, b"batch %d" % number, lambda trouble, number=number: told.append((number, trouble, len(synced))))
    journal.append_durable(Kind.BATCH, b"last", last.set_result)
    assert not told
    await last

    assert [(number, trouble) for number, trouble, _ in told] == [(number, None) for number in range(500)]
    assert all(syncs for _, _, syncs in told)
    assert 1 <= len(synced) < 5
    assert len([frame for frame in frames(tmp_path) if frame.kind == Kind.BATCH]) == 501
    await asyncio.to_thread(journal.close)


def test_frames_of_many_threads_stay_whole_and_in_order(tmp_path):
    """The lock keeps frames apart while segments roll and sync under them."""
    journal = JournalWriter.open(str(tmp_path), JournalLimits(roll_s=0.002, sync_interval_s=0.001, segment_bytes=1 << 14, reserve_bytes=0))

    def write(thread):
        for number in range(300):
            journal.intent(intent(f"{thread}-{number}"))
            journal.outcome(outcome(f"{thread}-{number}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    seqs = [frame.seq for frame in frames(tmp_path)]

    assert seqs == list(range(1, 2402))
    assert len(set(ids(tmp_path, Kind.OUTCOME))) == 1200


def test_a_closed_journal_takes_nothing(tmp_path):
    """After the end an intent is refused and a late outcome writes to no one's segment."""
    journal = JournalWriter.open(str(tmp_path), QUIET)
    journal.close()
    before = len(frames(tmp_path))
    journal.outcome(outcome("r-1"))
    with pytest.raises(Unavailable, match="stopping"):
        journal.intent(intent("r-2"))

    assert len(frames(tmp_path)) == before


def test_what_nobody_waits_for_is_kept_from_any_thread(tmp_path):
    """As one frame; a closed journal refuses."""
    journal = JournalWriter.open(str(tmp_path), QUIET)
    thread = threading.Thread(target=journal.append, args=(Kind.BATCH, b"x"))
    thread.start()
    thread.join()
    journal.close()

    assert [bytes(frame.body) for frame in frames(tmp_path) if frame.kind == Kind.BATCH] == [b"x"]
    with pytest.raises(Unavailable):
        journal.append(Kind.BATCH, b"y")


def test_records_of_one_step_are_one_write(tmp_path, monkeypatch):
    """They are with the operating system when the step ends, in the order in which they were kept."""
    journal, due = gathering(tmp_path)
    writes, real = [], os.write
    monkeypatch.setattr(os, "write", lambda fd, data: (writes.append(len(data)), real(fd, data))[1])
    for number in range(3):
        journal.intent(intent(f"r-{number}"))
        journal.outcome(outcome(f"r-{number}"))
    assert (writes, len(due)) == ([], 1)
    due[0]()
    assert len(writes) == 1
    assert ids(tmp_path, Kind.INTENT) == ids(tmp_path, Kind.OUTCOME) == ["r-0", "r-1", "r-2"]
    assert [frame.kind for frame in frames(tmp_path)[1:]] == [Kind.INTENT, Kind.OUTCOME] * 3
    journal.close()


async def test_what_was_gathered_is_synced_before_it_is_acknowledged(tmp_path):
    """One write and one sync for all that came in the step, in its order."""
    journal, due = gathering(tmp_path)
    told, last = [], asyncio.get_running_loop().create_future()
    journal.intent(intent("r"))
    for number in range(3):
        journal.append_durable(Kind.BATCH, b"batch %d" % number, told.append)
    journal.append_durable(Kind.BATCH, b"last", last.set_result)
    due[0]()
    await last

    assert told == [None] * 3
    assert [frame.kind for frame in frames(tmp_path)[1:]] == [Kind.INTENT, *[Kind.BATCH] * 4]
    await asyncio.to_thread(journal.close)


def test_closing_writes_what_was_gathered(tmp_path):
    """A step that never ends loses nothing."""
    journal, _ = gathering(tmp_path)
    journal.outcome(outcome("last"))
    journal.close()
    assert ids(tmp_path, Kind.OUTCOME) == ["last"]


async def test_a_disk_that_syncs_slowly_holds_up_no_exchange(tmp_path, monkeypatch):
    """Records go in while a sync is under way, however long it takes; what waits for the disk is told after it, and is one sync."""
    journal = JournalWriter.open(str(tmp_path), FAST)
    await asyncio.to_thread(until, lambda: not journal._end.unsynced_since_s)
    under_way, ends, real, syncs = threading.Event(), threading.Event(), os.fdatasync, []

    def fdatasync(fd):
        syncs.append(fd)
        under_way.set()
        ends.wait(30)
        real(fd)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    first = asyncio.ensure_future(durably(journal.append_durable, Kind.BATCH, b"first"))
    await asyncio.to_thread(under_way.wait, 30)
    for number in range(500):
        journal.intent(intent(f"r-{number}"))
    waiting = [asyncio.ensure_future(durably(journal.append_durable, Kind.BATCH, b"later")) for _ in range(50)]
    await asyncio.sleep(0)

    assert len(syncs) == 1
    assert not any(each.done() for each in (first, *waiting))
    assert len(ids(tmp_path, Kind.INTENT)) == 500
    ends.set()
    await asyncio.gather(first, *waiting)
    assert len(syncs) < 10
    await asyncio.to_thread(journal.close)


def test_the_position_is_that_of_the_latest_record(tmp_path):
    """Also of those that are gathered in this step: they are written first."""
    journal, _ = gathering(tmp_path)
    journal.intent(intent("r-1"))

    assert journal.position() == frames(tmp_path)[-1].seq
    assert ids(tmp_path, Kind.INTENT) == ["r-1"]
    journal.close()
    assert journal.position() is None
