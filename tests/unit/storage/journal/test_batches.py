"""Batches into the journal."""

import asyncio

import msgspec
import pytest

from headgate.core.errors import Unavailable
from headgate.storage.journal import batches, segments
from headgate.storage.journal.batches import JournalBatches, acknowledged
from headgate.storage.journal.flusher_status import FlusherStatus, WaitingTable, write_status
from headgate.storage.journal.journals import journals_dir
from headgate.storage.journal.segments import Kind
from tests.fakes.durably import durably
from tests.fakes.exports import AT_NS
from tests.fakes.landing_place import LandingPlace
from tests.fakes.records import outcome, write_segment


@pytest.fixture
def place(tmp_path):
    """A journal that is open."""
    made = LandingPlace(tmp_path)
    made.open()
    yield made
    made.close()


def batches_of(place):
    """What the serving process is given."""
    return JournalBatches(place.journal, place.data_dir, place.clock)


async def test_a_batch_is_kept_whole_and_synced(place):
    """It is told when it is; a closed journal refuses."""
    batch = msgspec.structs.replace(place.batch(b"payload"), digest=b"d" * 16)
    keeping = batches_of(place)
    await durably(keeping.keep_durably, batch)
    assert keeping.backlog_bytes > 0
    frames = [frame for segment in segments.list_segments(place.directory) for frame in segments.read_segment(segment).frames]
    assert msgspec.msgpack.decode(frames[-1].body, type=type(batch)) == batch
    await asyncio.to_thread(place.close)
    with pytest.raises(Unavailable):
        keeping.keep_durably(batch, print)


def test_a_table_that_has_failed_for_a_while_is_stalled(place):
    """For a moment its rows may wait; after that their senders had better keep them."""
    keeping = batches_of(place)
    keeping.look()
    assert not keeping.stalled("t")
    now_ns = place.clock.now_ns
    waiting = WaitingTable(table="t", name="a.b.t", location="/x", reason="it has no files", since_ns=now_ns - 20_000_000_000)
    write_status(journals_dir(place.data_dir), FlusherStatus(waiting=(waiting,)))
    keeping.look()
    assert not keeping.stalled("t")
    place.clock.now_ns += 20_000_000_000
    keeping.look()
    assert (keeping.stalled("t"), keeping.stalled("u")) == ("it has no files", "")
    write_status(journals_dir(place.data_dir), FlusherStatus())
    keeping.look()
    assert not keeping.stalled("t")


def test_what_was_acknowledged_is_read_from_the_journal(place):
    """From released segments too; without what has no digest, is too old, or is no batch."""

    def stored(digest, age_ns):
        return msgspec.structs.replace(place.batch(b"x" * 100), digest=digest, received_at_ns=AT_NS - age_ns)

    place.put(stored(b"old" + bytes(13), 11), stored(b"one" + bytes(13), 10), stored(b"", 0))
    place.journal.outcome(outcome("r"))
    place.put(stored(b"two" + bytes(13), 0))
    place.create()
    place.carrier().round()
    place.close()
    write_segment(place.directory, 500, [(Kind.BATCH, b"\x00")])

    assert [digest[:3] for digest, _ in acknowledged(place.data_dir, AT_NS - 10)] == [b"one", b"two"]
    assert batches._BatchHead.__struct_fields__ == tuple(place.batch(b"").__struct_fields__[:8])
