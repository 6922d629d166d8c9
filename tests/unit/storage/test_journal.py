"""The journal's writer: durable, whole, and honest about a sick disk."""

import asyncio
import errno
import os
import threading

import pytest

from headgate.core.errors import Unavailable
from headgate.storage import journal as journal_module
from headgate.storage import segments
from headgate.storage.journal import JournalBusy, JournalLimits, JournalWriter
from headgate.storage.records import make_codec
from headgate.storage.segments import Kind
from tests.fakes.durably import durably
from tests.fakes.records import QUIET, intent, outcome

FAST = JournalLimits(roll_s=0.02, sync_interval_s=0.01, reserve_bytes=0, lock_wait_s=0.0)


def frames(directory):
    """All frames that can be read, and no damage."""
    contents = [segments.read_segment(segment) for segment in segments.list_segments(str(directory))]
    assert not any(content.damage for content in contents)
    return [frame for content in contents for frame in content.frames]


def ids(directory, kind):
    """The request ids in the frames of one kind."""
    codec = make_codec()
    if kind == Kind.INTENT:
        return [codec.intents.decode(frame.body).request_id for frame in frames(directory) if frame.kind == kind]
    return [codec.outcomes.decode(frame.body).intent.request_id for frame in frames(directory) if frame.kind == kind]


def until(condition, timeout_s=5.0):
    """Wait for what the journal's thread does."""
    done = threading.Event()
    for _ in range(int(timeout_s / 0.005)):
        if condition():
            return
        done.wait(0.005)
    raise AssertionError("it did not happen")


class SickDisk:
    """Makes `os.write` to segments fail with an error while `ill`; notes how often it was asked."""

    def __init__(self, monkeypatch, directory, code=errno.ENOSPC):
        self.ill = True
        self.asked = 0
        real_write, real_open = os.write, os.open

        def write(fd, data):
            if self.ill and len(data) >= segments.FRAME_BYTES_MIN:
                self.asked += 1
                raise OSError(code, os.strerror(code))
            return real_write(fd, data)

        def open_(path, *args, **kwargs):
            if self.ill and str(path).startswith(str(directory)) and str(path).endswith(".wal"):
                self.asked += 1
                raise OSError(code, os.strerror(code))
            return real_open(path, *args, **kwargs)

        monkeypatch.setattr(os, "write", write)
        monkeypatch.setattr(os, "open", open_)


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


def test_a_second_writer_is_refused(tmp_path):
    """Two gateways on one data directory would tear each other's records."""
    journal = JournalWriter.open(str(tmp_path), QUIET)
    with pytest.raises(JournalBusy, match="another Headgate"):
        JournalWriter.open(str(tmp_path), QUIET)
    journal.close()
    JournalWriter.open(str(tmp_path), QUIET).close()


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


async def test_a_failed_sync_is_told_and_never_repeated(tmp_path, monkeypatch):
    """After EIO who waits hears it, the segment is left, intents are refused, and a new segment brings the journal back."""
    journal = JournalWriter.open(str(tmp_path), FAST)
    until(lambda: not journal._dirty_s)
    failed, real = [], os.fdatasync

    def fdatasync(fd):
        path = os.readlink(f"/proc/self/fd/{fd}")
        assert path not in failed, "a second sync of a descriptor whose first one failed"
        if not failed:
            failed.append(path)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(fd)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    with pytest.raises(Unavailable, match="Input/output error"):
        await durably(journal.append_durable, Kind.BATCH, b"x")
    with pytest.raises(Unavailable, match="nothing was sent"):
        journal.intent(intent("r-1"))
    await asyncio.to_thread(until, lambda: journal.trouble is None)
    journal.intent(intent("r-2"))
    await durably(journal.append_durable, Kind.BATCH, b"y")

    assert ids(tmp_path, Kind.INTENT) == ["r-2"]
    await asyncio.to_thread(journal.close)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_refuses_stops_intents_and_keeps_outcomes(tmp_path, monkeypatch, code):
    """New exchanges are refused with the reason, running ones end without an error, and all of them are in the journal when the disk is well again."""
    journal = JournalWriter.open(str(tmp_path), QUIET)
    journal.intent(intent("r-1"))
    disk = SickDisk(monkeypatch, tmp_path, code)
    with pytest.raises(Unavailable, match="nothing was sent") as refused:
        journal.intent(intent("r-2"))
    journal.outcome(outcome("r-1"))

    assert refused.value.retry_after_s
    assert os.strerror(code) in journal.trouble
    assert ids(tmp_path, Kind.OUTCOME) == []
    disk.ill = False
    until(lambda: journal.trouble is None)
    journal.intent(intent("r-3"))
    assert ids(tmp_path, Kind.INTENT) == ["r-1", "r-3"]
    assert ids(tmp_path, Kind.OUTCOME) == ["r-1"]
    journal.close()


def test_while_the_disk_is_sick_the_event_loop_leaves_it_alone(tmp_path, monkeypatch):
    """Refusals cost no system call: only the thread tries, now and then."""
    journal = JournalWriter.open(str(tmp_path), QUIET)
    disk = SickDisk(monkeypatch, tmp_path)
    for number in range(1000):
        with pytest.raises(Unavailable):
            journal.intent(intent(f"r-{number}"))

    assert disk.asked < 20
    disk.ill = False
    journal.close()


def test_outcomes_that_no_disk_took_are_written_at_the_end(tmp_path, monkeypatch):
    """Closing writes what is still held in memory."""
    monkeypatch.setattr(journal_module, "_RETRY_S", (3600.0, 3600.0))
    journal = JournalWriter.open(str(tmp_path), QUIET)
    disk = SickDisk(monkeypatch, tmp_path)
    journal.outcome(outcome("r-1"))
    journal.outcome(outcome("r-2"))
    disk.ill = False
    journal.close()

    assert ids(tmp_path, Kind.OUTCOME) == ["r-1", "r-2"]


def test_the_reserve_takes_outcomes_when_the_disk_is_full(tmp_path, monkeypatch):
    """The space that is given back lets running exchanges end on disk, not in memory."""
    journal = JournalWriter.open(str(tmp_path), JournalLimits(roll_s=3600, reserve_bytes=1 << 20))
    disk = SickDisk(monkeypatch, tmp_path)
    real_unlink = os.unlink

    def unlink(path):
        disk.ill = False
        real_unlink(path)

    monkeypatch.setattr(os, "unlink", unlink)
    full = [True]
    monkeypatch.setattr(journal._reserve, "ensure", lambda: not full[0])
    journal.outcome(outcome("r-1"))

    assert ids(tmp_path, Kind.OUTCOME) == ["r-1"]
    until(lambda: any(frame.kind == Kind.PROBE for frame in frames(tmp_path)))
    assert journal.trouble is not None, "the reserve's space is not for new exchanges"
    full[0] = False
    until(lambda: journal.trouble is None)
    journal.close()


def test_a_backlog_that_is_too_large_stops_intents_until_it_is_carried(tmp_path):
    """A flusher that does not come along is noticed before the disk is full; outcomes still go in."""
    journal = JournalWriter.open(str(tmp_path), JournalLimits(roll_s=0.01, backlog_bytes_max=1 << 14, reserve_bytes=0))

    def fill():
        journal.outcome(outcome("r-0", error_message="x" * 4096))
        return journal.trouble is not None

    until(fill)
    assert "flusher" in journal.trouble
    assert journal.backlog_bytes > 1 << 14
    with pytest.raises(Unavailable, match="flusher"):
        journal.intent(intent("r-1"))
    for segment in segments.list_segments(str(tmp_path))[:-1]:
        os.rename(segment.path, segments.released_path(segment))
    until(lambda: journal.trouble is None)
    journal.intent(intent("r-2"))
    journal.close()


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


def test_a_disk_that_is_full_at_the_start_is_an_error_and_leaves_no_lock(tmp_path, monkeypatch):
    """The gateway does not start without a journal, and the next attempt is free to."""
    disk = SickDisk(monkeypatch, tmp_path)
    with pytest.raises(OSError, match="No space"):
        JournalWriter.open(str(tmp_path), QUIET)
    disk.ill = False

    JournalWriter.open(str(tmp_path), QUIET).close()


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


def gathering(directory, limits=QUIET):
    """A journal that gathers, and the calls that are due at the end of the step."""
    due = []
    journal = JournalWriter.open(str(directory), limits)
    journal.gather(due.append)
    return journal, due


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


def test_an_intent_that_the_disk_refuses_at_the_end_of_the_step_is_told(tmp_path, monkeypatch):
    """Its exchange hears of it before anything leaves; the outcome beside it is held and written when the disk is well."""
    journal, due = gathering(tmp_path, FAST)
    disk = SickDisk(monkeypatch, tmp_path)
    lost = []
    journal.outcome(outcome("old"))
    journal.intent(intent("new"), lost.append)
    due[0]()

    assert [(type(error), error.code) for error in lost] == [(Unavailable, "journal_unavailable")]
    with pytest.raises(Unavailable):
        journal.intent(intent("next"))
    disk.ill = False
    until(lambda: journal.trouble is None)
    assert (ids(tmp_path, Kind.INTENT), ids(tmp_path, Kind.OUTCOME)) == ([], ["old"])
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


async def test_who_waits_for_what_was_gathered_hears_that_the_disk_refused(tmp_path, monkeypatch):
    """An export is not acknowledged, and the exchange of the same step is not sent."""
    journal, due = gathering(tmp_path, FAST)
    SickDisk(monkeypatch, tmp_path, errno.EIO)
    told, lost = asyncio.get_running_loop().create_future(), []
    journal.append_durable(Kind.BATCH, b"batch", told.set_result)
    journal.intent(intent("r"), lost.append)
    due[0]()

    assert str(await told) == str(lost[0])
    assert "Input/output error" in str(lost[0])
    monkeypatch.undo()
    await asyncio.to_thread(journal.close)


def test_closing_writes_what_was_gathered(tmp_path):
    """A step that never ends loses nothing."""
    journal, _ = gathering(tmp_path)
    journal.outcome(outcome("last"))
    journal.close()
    assert ids(tmp_path, Kind.OUTCOME) == ["last"]
