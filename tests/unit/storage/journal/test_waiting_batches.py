"""Batches that wait aside for their table."""

import os

import msgspec
import pytest

from headgate.storage.journal import segments, waiting_batches
from headgate.storage.journal.batch_frames import read_batches
from headgate.storage.journal.segments import Frame, Kind
from tests.fakes.landing_place import LandingPlace


@pytest.fixture
def place(tmp_path):
    """A journal's directory."""
    made = LandingPlace(tmp_path)
    os.makedirs(made.directory)
    return made


def arrived(place, seqs, table="m"):
    """Small batches in frames of these numbers."""
    frames = [Frame(seq, Kind.BATCH, memoryview(msgspec.msgpack.encode(place.batch(b"%d" % seq, table)))) for seq in seqs]
    return read_batches(frames)[0][table]


def kept(place, table="m"):
    """The numbers of the frames that are kept aside."""
    return [frame.seq for segment in waiting_batches.files(place.directory, table) for frame in segments.read_segment(segment).frames]


def test_each_batch_is_kept_once_however_often_it_is_parked(place):
    """A round that is done again after a crash may hold more than the first one."""
    waiting_batches.add(place.directory, arrived(place, [3, 5]), "gone", 7)
    waiting_batches.add(place.directory, arrived(place, [3, 5, 8]), "still gone", 9)
    waiting_batches.add(place.directory, arrived(place, [3]), "", 9)

    assert kept(place) == [3, 5, 8]
    (told,) = waiting_batches.tables(place.directory)
    assert (told.table, told.name, told.reason, told.since_ns) == ("m", "main.default.m", "gone", 7)
    assert told.bytes > 0


def test_a_file_that_is_done_with_goes_and_the_last_one_takes_the_folder(place):
    """Nothing is left behind."""
    waiting_batches.add(place.directory, arrived(place, [3]), "gone", 7)
    waiting_batches.add(place.directory, arrived(place, [4]), "gone", 7)
    first, second = waiting_batches.files(place.directory, "m")
    waiting_batches.remove(place.directory, "m", first)
    assert kept(place) == [4]
    assert len(waiting_batches.tables(place.directory)) == 1
    waiting_batches.remove(place.directory, "m", second)

    assert waiting_batches.tables(place.directory) == []
    assert os.listdir(os.path.join(place.directory, "parked")) == []


def test_tables_do_not_mix_and_an_id_is_no_path(place):
    """Whatever an id looks like, its folder lies in ours."""
    waiting_batches.add(place.directory, arrived(place, [1], "../../x"), "a", 2)
    waiting_batches.add(place.directory, arrived(place, [2], "m"), "b", 1)

    assert [table.reason for table in waiting_batches.tables(place.directory)] == ["b", "a"]
    assert (kept(place, "../../x"), kept(place)) == ([1], [2])
    assert sorted(os.listdir(place.data_dir)) == ["journal"]


@pytest.mark.parametrize("note", [b"", b'{"table":"m","na', None])
def test_batches_whose_note_a_loss_of_power_took_are_tried_again(place, note):
    """The note is not synced; the batches are, and name their table."""
    waiting_batches.add(place.directory, arrived(place, [3]), "gone", 7)
    path = os.path.join(place.directory, "parked", "m", "reason.json")
    if note is None:
        os.unlink(path)
    else:
        with open(path, "wb") as file:
            file.write(note)

    (told,) = waiting_batches.tables(place.directory)
    assert (told.table, told.name, told.location, told.reason) == ("m", "main.default.m", place.location("m"), "")


def test_nothing_is_parked_in_the_beginning(place):
    """Without the folder too."""
    assert waiting_batches.tables(place.directory) == []
    assert waiting_batches.files(place.directory, "m") == []
