"""The journal's writer on a disk that is full, slow to be emptied or broken: honest about it, bounded, and back when the disk is."""

import asyncio
import errno
import os
import threading

import pytest

from headgate.core.errors import Unavailable
from headgate.storage.journal import journal_dir, segments, trouble
from headgate.storage.journal.limits import JournalLimits
from headgate.storage.journal.segments import Kind
from headgate.storage.journal.writer import JournalBusy, JournalWriter
from tests.fakes.durably import durably
from tests.fakes.journals import SickDisk, disk_space, frames, gathering, ids, until
from tests.fakes.records import QUIET, intent, outcome

FAST = JournalLimits(roll_s=0.02, sync_interval_s=0.01, reserve_bytes=0, lock_wait_s=0.0)


def test_a_second_writer_is_refused(tmp_path):
    """Two gateways on one data directory would tear each other's records."""
    journal = JournalWriter.open(str(tmp_path), QUIET)
    with pytest.raises(JournalBusy, match="another Headgate"):
        JournalWriter.open(str(tmp_path), QUIET)
    journal.close()
    JournalWriter.open(str(tmp_path), QUIET).close()


async def test_a_failed_sync_is_told_and_never_repeated(tmp_path, monkeypatch):
    """After EIO who waits hears it, the segment is left, intents are refused, and a new segment brings the journal back."""
    journal = JournalWriter.open(str(tmp_path), FAST)
    until(lambda: not journal._end.unsynced_since_s)
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


async def test_what_is_written_during_a_failed_sync_is_not_acknowledged(tmp_path, monkeypatch):
    """No later sync touches that segment again, so a batch that went into it meanwhile hears of the failure too."""
    journal = JournalWriter.open(str(tmp_path), FAST)
    await asyncio.to_thread(until, lambda: not journal._end.unsynced_since_s)
    under_way, ends, real = threading.Event(), threading.Event(), os.fdatasync

    def fdatasync(fd):
        if ends.is_set():
            return real(fd)
        under_way.set()
        ends.wait(30)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    first = asyncio.ensure_future(durably(journal.append_durable, Kind.BATCH, b"first"))
    await asyncio.to_thread(under_way.wait, 30)
    second = asyncio.ensure_future(durably(journal.append_durable, Kind.BATCH, b"second"))
    await asyncio.sleep(0)
    ends.set()

    for each in (first, second):
        with pytest.raises(Unavailable, match="Input/output error"):
            await each
    await asyncio.to_thread(journal.close)


async def test_a_directory_whose_sync_failed_is_synced_again(tmp_path, monkeypatch):
    """A batch in a new segment is acknowledged only when the segment's name is durable as well."""
    real, synced = journal_dir.sync_dir, []

    def sync_dir(directory):
        if threading.current_thread().name == "journal":
            synced.append(directory)
            if len(synced) == 1:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(directory)

    monkeypatch.setattr(journal_dir, "sync_dir", sync_dir)
    journal = JournalWriter.open(str(tmp_path), JournalLimits(roll_s=3600, sync_interval_s=0.01, reserve_bytes=0))
    await asyncio.to_thread(until, lambda: journal.trouble is not None)
    await asyncio.to_thread(until, lambda: journal.trouble is None)
    await durably(journal.append_durable, Kind.BATCH, b"x")

    assert len(synced) == 2
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
    monkeypatch.setattr(trouble, "_RETRY_S", (3600.0, 3600.0))
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
    real_statvfs = os.statvfs
    monkeypatch.setattr(os, "statvfs", lambda path: disk_space(0) if full[0] else real_statvfs(path))
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


def test_the_backlog_falls_when_the_flusher_is_done(tmp_path, monkeypatch):
    """Also where nothing more is recorded, and nobody would count it otherwise."""
    monkeypatch.setattr("headgate.storage.journal.sync_thread._SCAN_S", 0.01)
    journal = JournalWriter.open(str(tmp_path), FAST)
    journal.outcome(outcome("r-0"))
    assert journal.backlog_bytes > 0
    until(lambda: journal._backlog.waiting_bytes)

    for segment in segments.list_segments(str(tmp_path))[:-1]:
        os.rename(segment.path, segments.released_path(segment))
    until(lambda: not journal.backlog_bytes)
    journal.close()


def test_refused_requests_take_no_memory_while_the_disk_is_sick(tmp_path, monkeypatch):
    """Agents that retry against a full disk leave nothing behind but a count; the outcome of an exchange that was under way is held."""
    journal = JournalWriter.open(str(tmp_path), QUIET)
    disk = SickDisk(monkeypatch, tmp_path)
    with pytest.raises(Unavailable):
        journal.intent(intent("r-0"))
    for number in range(1000):
        journal.outcome(outcome(f"r-{number}", ended="refused"))
    journal.outcome(outcome("under way"))

    assert len(journal._end.unwritten) == 1
    disk.ill = False
    until(lambda: journal.trouble is None)
    journal.outcome(outcome("later", ended="refused"))
    assert ids(tmp_path, Kind.OUTCOME) == ["under way", "later"]
    journal.close()


def test_refused_requests_do_not_fill_the_disk_while_the_flusher_is_down(tmp_path):
    """Beyond the bound of the backlog a refusal is not written; the outcome of an exchange that was under way is."""
    journal = JournalWriter.open(str(tmp_path), JournalLimits(roll_s=0.01, backlog_bytes_max=1 << 14, reserve_bytes=0))

    def fill():
        journal.outcome(outcome("r-0", error_message="x" * 4096))
        return journal.trouble is not None

    until(fill)
    journal.outcome(outcome("refused", ended="refused"))
    journal.outcome(outcome("under way"))
    journal.close()

    assert "refused" not in ids(tmp_path, Kind.OUTCOME)
    assert "under way" in ids(tmp_path, Kind.OUTCOME)


def test_a_small_disk_that_was_full_takes_work_again(tmp_path, monkeypatch):
    """What is free decides, not the full size of the reserve: it takes half of that."""
    free = [100 << 20]
    monkeypatch.setattr(os, "statvfs", lambda _path: disk_space(free[0]))
    journal = JournalWriter.open(str(tmp_path), JournalLimits(roll_s=3600, reserve_bytes=64 << 20))
    assert os.stat(tmp_path / "reserve").st_size == 50 << 20
    disk = SickDisk(monkeypatch, tmp_path)
    free[0] = 1 << 20
    journal.outcome(outcome("r-1"))
    disk.ill = False
    until(lambda: "less than 8 MiB left" in journal.trouble)
    free[0] = 20 << 20
    until(lambda: journal.trouble is None)

    assert os.stat(tmp_path / "reserve").st_size == 10 << 20
    journal.close()


async def test_a_failed_thread_leaves_nobody_waiting(tmp_path, monkeypatch):
    """Whoever waits for a sync when it fails hears of it, and so does whatever was admitted before that became known."""
    journal, due = gathering(tmp_path)
    await asyncio.to_thread(until, lambda: not journal._end.unsynced_since_s)
    heard = [asyncio.get_running_loop().create_future() for _ in range(2)]
    monkeypatch.setattr(journal._syncing, "_sync", lambda: 1 // 0)
    journal.append_durable(Kind.BATCH, b"first", heard[0].set_result)
    due.pop()()
    assert "thread has failed" in str(await asyncio.wait_for(heard[0], 10))
    journal._disk.text = None  # as the event loop saw it when it admitted the next
    journal.append_durable(Kind.BATCH, b"second", heard[1].set_result)
    journal._disk.text = "the journal's thread has failed"
    due.pop()()

    assert "thread has failed" in str(await asyncio.wait_for(heard[1], 10))
    with pytest.raises(Unavailable):
        journal.intent(intent("r"))


def test_a_disk_that_is_full_at_the_start_is_an_error_and_leaves_no_lock(tmp_path, monkeypatch):
    """The gateway does not start without a journal, and the next attempt is free to."""
    disk = SickDisk(monkeypatch, tmp_path)
    with pytest.raises(OSError, match="No space"):
        JournalWriter.open(str(tmp_path), QUIET)
    disk.ill = False

    JournalWriter.open(str(tmp_path), QUIET).close()


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
