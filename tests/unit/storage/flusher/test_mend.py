"""The end of a table's log after a loss of power."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from headgate.catalog.usage_table import USAGE
from headgate.storage.delta import delta_table
from headgate.storage.flusher.mend import Mender, mend
from headgate.storage.rows.usage_rows import UsageRows
from tests.fakes.records import outcome, rates_of

APP = "headgate-test"


class Log:
    """A usage table of a few appends, whose files can be damaged."""

    def __init__(self, folder):
        self.path = delta_table.table_path(str(folder), USAGE)
        delta_table.ensure_table(self.path, USAGE)

    def append(self, *numbers):
        """Rows r-1, r-2, … each as a transaction of its own with that number."""
        for number in numbers:
            delta_table.append(delta_table.ensure_table(self.path, USAGE), UsageRows(rates_of).table([outcome(f"r-{number}")]), APP, number)

    def commit(self, version):
        """A commit's file."""
        return os.path.join(self.path, "_delta_log", f"{version:020d}.json")

    def added(self, version):
        """The file of rows that a commit adds."""
        with open(self.commit(version), encoding="utf-8") as file:
            return next(os.path.join(self.path, line["add"]["path"]) for line in map(json.loads, file) if "add" in line)

    def carried(self):
        """Our last transaction."""
        return delta_table.carried_seq(delta_table.open_table(self.path), APP)

    def ids(self):
        """What the table holds."""
        return sorted(pa.table(delta_table.open_table(self.path).to_pyarrow_table(columns=["request_id"])).column(0).to_pylist())


@pytest.fixture
def log(tmp_path):
    """Three appends."""
    made = Log(tmp_path)
    made.append(1, 2, 3)
    return made


def cut(path, size=0):
    """The file lost its end."""
    os.truncate(path, size)


def test_a_whole_log_is_left_alone(log):
    """Nothing is written."""
    before = sorted(os.listdir(os.path.dirname(log.commit(0))))

    assert mend(log.path, {APP: 1}) == []
    assert sorted(os.listdir(os.path.dirname(log.commit(0)))) == before


@pytest.mark.parametrize("size", [0, 40])
def test_a_torn_commit_takes_those_behind_it_along(log, size):
    """Else the later transaction's number would say that the torn one's rows are there."""
    cut(log.commit(2), size)
    done = mend(log.path, {APP: 1})

    assert len(done) == 2
    assert "come again" in done[0]
    assert (log.carried(), log.ids()) == (1, ["r-1"])
    log.append(2, 3)
    assert (log.carried(), log.ids()) == (3, ["r-1", "r-2", "r-3"])
    assert mend(log.path, {APP: 1}) == []


@pytest.mark.parametrize("damage", [cut, os.unlink])
def test_a_commit_whose_rows_are_not_there_counts_as_torn(log, damage):
    """The log alone reached the disk."""
    damage(log.added(3))
    mend(log.path, {APP: 1})

    assert (log.carried(), log.ids()) == (2, ["r-1", "r-2"])


def test_what_others_committed_afterwards_stays(log):
    """Only our own rows come again."""
    write_deltalake(log.path, UsageRows(rates_of).table([outcome("theirs")]), mode="append")
    cut(log.commit(3))
    mend(log.path, {APP: 1})

    assert (log.carried(), log.ids()) == (2, ["r-1", "r-2", "theirs"])


def test_a_torn_commit_of_others_is_undone_and_said_to_be_theirs(log):
    """With it nobody could read the table. A copy of it stays for people to look at."""
    write_deltalake(log.path, UsageRows(rates_of).table([outcome("theirs")]), mode="append")
    whole = Path(log.commit(4)).read_bytes()
    cut(log.added(4))
    (done,) = mend(log.path, {APP: 4})

    assert "another writer made it" in done
    assert (log.carried(), log.ids()) == (3, ["r-1", "r-2", "r-3"])
    assert (Path(log.path) / "_emptied" / Path(log.commit(4)).name).read_bytes() == whole
    assert delta_table.vacuum(log.path) == 0
    assert (Path(log.path) / "_emptied").is_dir()


def test_each_of_several_journals_gets_its_rows_again(log):
    """A torn commit takes the later ones of every journal of ours along, for each knows by its own number which rows it has to append again."""
    other = "headgate-other"
    delta_table.append(delta_table.open_table(log.path), UsageRows(rates_of).table([outcome("o-1")]), other, 1)
    delta_table.append(delta_table.open_table(log.path), UsageRows(rates_of).table([outcome("o-2")]), other, 2)
    cut(log.added(4))
    mend(log.path, {APP: 4, other: 1})

    assert (log.carried(), delta_table.carried_seq(delta_table.open_table(log.path), other), log.ids()) == (3, 0, ["r-1", "r-2", "r-3"])
    mend(log.path, {APP: 1, other: 3})
    assert log.carried() == 3


def test_a_merge_that_did_not_reach_the_disk_is_undone(log):
    """The files that it merged are there still."""
    delta_table.open_table(log.path).optimize.compact()
    cut(log.added(4))
    mend(log.path, {APP: 4})

    assert (log.carried(), log.ids()) == (3, ["r-1", "r-2", "r-3"])


def test_files_that_a_lost_merge_took_out_must_be_there(log):
    """The merge is undone, so the table needs the merged files again: one that is missing too takes its commit along."""
    delta_table.open_table(log.path).optimize.compact()
    cut(log.added(4))
    cut(log.added(3))
    done = mend(log.path, {APP: 1})

    assert [text.split()[0] for text in done] == [os.path.basename(log.commit(3)), os.path.basename(log.commit(4))]
    assert (log.carried(), log.ids()) == (2, ["r-1", "r-2"])
    log.append(3)
    assert log.ids() == ["r-1", "r-2", "r-3"]


def test_a_merge_behind_a_torn_commit_is_undone(log):
    """It holds the torn commit's rows, which come again."""
    delta_table.open_table(log.path).optimize.compact()
    cut(log.commit(3))
    done = mend(log.path, {APP: 1})

    assert "merged are read again" in done[1]
    assert (log.carried(), log.ids()) == (2, ["r-1", "r-2"])
    log.append(3)
    assert log.ids() == ["r-1", "r-2", "r-3"]


def test_a_checkpoint_of_a_torn_commit_goes(log):
    """Readers would take its word before that of the commits."""
    delta_table.open_table(log.path).create_checkpoint()
    cut(log.added(3))
    mend(log.path, {APP: 1})

    assert (log.carried(), log.ids()) == (2, ["r-1", "r-2"])
    log.append(3)
    assert log.ids() == ["r-1", "r-2", "r-3"]


def test_a_file_of_zeros_is_no_file(log):
    """A file system may keep a file's size without its content."""
    file = Path(log.added(3))
    file.write_bytes(bytes(file.stat().st_size))
    mend(log.path, {APP: 1})

    assert (log.carried(), log.ids()) == (2, ["r-1", "r-2"])


def test_what_was_synced_is_not_touched(log):
    """Its rows would not come again: other damage is not for us to hide."""
    cut(log.added(2))
    before = os.stat(log.commit(3)).st_size

    assert mend(log.path, {APP: 4}) == []
    assert os.stat(log.commit(3)).st_size == before


def test_files_that_were_merged_are_not_missed(log):
    """A later commit took them out; a vacuum deletes them."""
    table = delta_table.open_table(log.path)
    table.optimize.compact()
    delta_table.open_table(log.path).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)

    assert mend(log.path, {APP: 1}) == []


def test_a_torn_checkpoint_goes(log):
    """The commits say the same."""
    delta_table.open_table(log.path).create_checkpoint()
    checkpoint = log.commit(3).replace(".json", ".checkpoint.parquet")
    cut(checkpoint)
    cut(os.path.join(os.path.dirname(checkpoint), "_last_checkpoint"))
    done = mend(log.path, {APP: 1})

    assert "it is made again" in done[0]
    assert not os.path.exists(checkpoint)
    assert (log.carried(), log.ids()) == (3, ["r-1", "r-2", "r-3"])


def test_a_torn_creation_is_none(tmp_path):
    """The table is made again."""
    log = Log(tmp_path)
    cut(log.commit(0))
    mend(log.path, {APP: 1})

    assert delta_table.open_table(log.path) is None
    log.append(1)
    assert log.ids() == ["r-1"]


def test_a_torn_creation_takes_what_was_appended_behind_it_along(log):
    """Without its columns nobody can read the table, so that it would take no row any more."""
    cut(log.commit(0))
    done = mend(log.path, {APP: 1})

    assert ["made anew" in each for each in done] == [True]
    assert delta_table.open_table(log.path) is None
    log.append(1, 2, 3)
    assert (log.carried(), log.ids()) == (3, ["r-1", "r-2", "r-3"])


def test_each_table_is_looked_at_once(log, caplog):
    """In a process' life no power is lost; and other machines' disks are not ours."""
    mender = Mender()
    cut(log.commit(3))
    mender.before_append(log.path, {APP: 1})
    cut(log.commit(2))
    mender.before_append(log.path, {APP: 1})
    mender.before_append("s3://bucket/table", {APP: 1})

    assert len(caplog.records) == 1
    assert os.stat(log.commit(2)).st_size == 0


def test_no_table_is_no_trouble(tmp_path):
    """The first append makes it."""
    assert mend(str(tmp_path / "none"), {APP: 1}) == []
