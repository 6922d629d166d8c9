"""The journal of a process that runs statements."""

import pytest

from headgate.core.batch import ROWS, Batch
from headgate.core.errors import Unavailable
from headgate.storage.journal import insert_journal, journals
from headgate.storage.journal.flusher_status import FlusherStatus, WaitingTable, write_status
from headgate.storage.journal.insert_journal import InsertJournal
from headgate.storage.journal.segments import list_segments
from headgate.storage.journal.tail import batches_for
from tests.fakes.records import FakeClock


def batch(payload: bytes = b"x") -> Batch:
    return Batch(table="t", name="main.default.t", location="/t", signal=ROWS, received_at_ns=1, rows=1, bytes_unfolded=1, payload=payload)


def kept(data_dir: str, number: int) -> list[bytes]:
    directory = journals.writer_dir(data_dir, journals.INSERT_WRITERS[number])
    return [one.batch.payload for one in batches_for(list_segments(directory), "/t", 0)]


async def test_each_process_has_a_journal_of_its_own(tmp_path):
    """The first that is free, made with the first batch; a batch is on the disk when it is acknowledged, and the next process takes the journal up."""
    one, two = InsertJournal(str(tmp_path), FakeClock()), InsertJournal(str(tmp_path), FakeClock())
    await one.close()
    assert journals.list_journals(str(tmp_path)) == []
    await one.keep(batch(b"a"))
    await two.keep(batch(b"b"))
    assert (kept(str(tmp_path), 0), kept(str(tmp_path), 1)) == ([b"a"], [b"b"])
    assert journals.list_insert_journals(str(tmp_path)) == [journals.writer_dir(str(tmp_path), writer) for writer in journals.INSERT_WRITERS[:2]]
    await one.close()
    three = InsertJournal(str(tmp_path), FakeClock())
    await three.keep(batch(b"c"))
    assert kept(str(tmp_path), 0) == [b"a", b"c"]
    for each in (two, three):
        await each.close()


async def test_what_cannot_be_kept_is_refused(tmp_path, monkeypatch):
    """Where the table takes no rows, where too many wait, and where there is no journal left."""
    journal = InsertJournal(str(tmp_path), FakeClock())
    await journal.keep(batch())
    monkeypatch.setattr(insert_journal, "INSERT_WRITERS", journals.INSERT_WRITERS[:1])
    with pytest.raises(Unavailable, match="1 processes insert rows already"):
        await InsertJournal(str(tmp_path), FakeClock()).keep(batch())
    monkeypatch.setattr(insert_journal, "_LIMITS", insert_journal._LIMITS.__replace__(backlog_bytes_max=10))
    with pytest.raises(Unavailable, match="More rows wait"):
        await journal.keep(batch())
    write_status(
        journals.journals_dir(str(tmp_path)),
        FlusherStatus(waiting=(WaitingTable(table="t", name="main.default.t", location="/t", reason="it is gone", since_ns=1),)),
    )
    with pytest.raises(Unavailable, match=r"main\.default\.t does not take rows now: it is gone"):
        await journal.keep(batch())
    await journal.close()
    (tmp_path / "other").write_text("")
    with pytest.raises(Unavailable, match="The journal cannot be opened"):
        await InsertJournal(str(tmp_path / "other"), FakeClock()).keep(batch())
