"""What a loss of power does to the end of a table's log, undone: by the flusher, when it begins and before its first append to a table.

delta-rs syncs nothing, so between an append and the sync after it a file system may keep a commit without the rows it tells of, or a log entry without
its content. Such a commit is emptied, and with it what we appended after it: the journal still has all of those rows, and after it the table's last
transaction number again matches the rows it really holds. A merge of files after it is undone too, because it holds rows that come again, and a
checkpoint of it or of a later version is deleted, because readers would take its word before that of the commits.

A torn commit of another writer is emptied too, because with it no reader can read the table: a merge of files then counts as not done, an append as lost.
What others committed whole is left as it is. A copy of each emptied commit goes to `_emptied/` in the table's folder. No file of rows is deleted.
"""

import contextlib
import logging
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from headgate.storage.journal import journal_dir

_LOOKED_AT = 50  # the newest commits; many more than can lie between two syncs
_COMMIT = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint.*\.parquet")
_LAST_CHECKPOINT = "_last_checkpoint"
_EMPTIED = "_emptied"  # readers and VACUUM pass over names that begin so (Delta protocol, "Data Files")

_Actions = list[dict[str, dict[str, object]]]
_LOG = logging.getLogger(__name__)


class Mender:
    """Mends each table once: in the life of a process no power is lost."""

    def __init__(self) -> None:
        self._mended: set[str] = set()

    def is_due(self, path: str) -> bool:
        """Whether this process has not looked at the table yet. A table in object storage is never due."""
        return path not in self._mended and "://" not in path

    def before_append(self, path: str, since: Mapping[str, int]) -> None:
        """Mend a table that is due. See `mend`."""
        if self.is_due(path):
            for done in mend(path, since):
                _LOG.warning("%s: %s", path, done)
        self._mended.add(path)


def mend(path: str, since: Mapping[str, int]) -> list[str]:
    """Empty commits that were not synced whole, and delete such checkpoints. Returns what was done, in words. Only for a table on a local disk.

    `since` has for each of our journals, by the name of its transactions, the lowest number whose rows can come again: a commit of Headgate's below it was synced,
    and so was everything before that commit.
    """
    log = os.path.join(path, "_delta_log")
    names = sorted(os.listdir(log)) if os.path.isdir(log) else []
    commits = {name: _actions(os.path.join(log, name)) for name in [name for name in names if _COMMIT.fullmatch(name)][-_LOOKED_AT:]}
    synced = max((name for name, actions in commits.items() if _is_synced(actions, since)), default="")
    lost = _not_whole(path, since, {name: actions for name, actions in commits.items() if name > synced})
    done = _drop_checkpoints(log, names, lost[0] if lost else "")
    if lost and lost[0] == f"{0:020d}.json":
        return [*done, _uncreate(path, log, list(commits))]
    for name in lost:
        _empty(os.path.join(log, name), os.path.join(path, _EMPTIED))
        done.append(f"{name} was not whole on the disk when the power was lost; {_follows(commits[name], since)}")
    if done:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(log, _LAST_CHECKPOINT))  # a hint, from before
        journal_dir.sync_dir(log)
    return done


def _follows(actions: _Actions | None, since: Mapping[str, int]) -> str:
    """What becomes of what an emptied commit did."""
    if not actions or _is_ours(actions, since):
        return "rows of ours in it come again"
    return "the files that it merged are read again" if _is_merge(actions) else "another writer made it, and what it did is undone"


def _not_whole(path: str, since: Mapping[str, int], commits: Mapping[str, _Actions | None]) -> list[str]:
    """The names of the commits that must be emptied, oldest first, of those that were perhaps not synced.

    A file that a later commit took out of the table again may be missing, unless that later commit is emptied itself: so this looks again until no
    commit is added.
    """
    broken = {
        str(entry["path"]) for actions in commits.values() for entry in _each("add", actions or ()) if not _is_there(path, entry, actions, since)
    }
    lost: set[str] = set()
    while True:
        removed = {str(entry["path"]) for name, actions in commits.items() if name not in lost for entry in _each("remove", actions or ())}
        found = {name for name, actions in commits.items() if actions is None or _added(actions) & (broken - removed)} | lost
        found |= {name for name, actions in commits.items() if name > min(found, default="~") and (_is_ours(actions, since) or _is_merge(actions))}
        if found == lost:
            return sorted(lost)
        lost = found


def _uncreate(path: str, log: str, names: Iterable[str]) -> str:
    """Take back a creation that did not reach the disk whole, and all behind it: without the table's columns none of that can be read."""
    aside = os.path.join(path, _EMPTIED)
    os.makedirs(aside, mode=0o700, exist_ok=True)
    for name in names:
        os.replace(os.path.join(log, name), os.path.join(aside, name))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(log, _LAST_CHECKPOINT))
    journal_dir.sync_dir(aside)
    journal_dir.sync_dir(log)
    return "the table's creation was not whole on the disk when the power was lost; it is made anew, and rows of ours in it come again"


def _actions(path: str) -> _Actions | None:
    """What a commit does; `None` if it is not whole."""
    with open(path, "rb") as file:
        lines = file.read().splitlines()
    try:
        return [msgspec.json.decode(line, type=dict[str, dict[str, object]]) for line in lines] or None
    except msgspec.DecodeError:
        return None


def _is_there(path: str, entry: Mapping[str, object], actions: _Actions | None, since: Mapping[str, int]) -> bool:
    """Whether a file that a commit adds has the size it says and, of our own rows and of merged ones, can be read to its end.

    A file can have its size without its content: ext4 may write the size first, and what is missing then reads as zeros.
    """
    name = str(entry["path"])
    if "://" in name or name.startswith("/"):
        return True
    file = os.path.join(path, unquote(name))
    try:
        if os.stat(file).st_size != entry.get("size"):
            return False
        if _is_ours(actions, since) or _is_merge(actions):
            with pq.ParquetFile(file) as rows:
                for _ in rows.iter_batches():
                    pass
    except (OSError, pa.ArrowException):
        return False
    return True


def _added(actions: _Actions) -> set[str]:
    return {str(entry["path"]) for entry in _each("add", actions)}


def _is_merge(actions: _Actions | None) -> bool:
    """Whether a commit only puts rows that the table has into other files."""
    touched = [*_each("add", actions or ()), *_each("remove", actions or ())]
    return bool(touched) and not any(entry.get("dataChange", True) for entry in touched)


def _each(kind: str, actions: Iterable[Mapping[str, Mapping[str, object]]]) -> list[Mapping[str, object]]:
    return [action[kind] for action in actions if kind in action]


def _is_ours(actions: _Actions | None, since: Mapping[str, int]) -> bool:
    return any(entry.get("appId") in since for entry in _each("txn", actions or ()))


def _is_synced(actions: _Actions | None, since: Mapping[str, int]) -> bool:
    return any(int(str(entry["version"])) < since.get(str(entry.get("appId")), 0) for entry in _each("txn", actions or ()))


def _empty(path: str, aside: str) -> None:
    """Leave a commit that does nothing. What it was goes aside."""
    os.makedirs(aside, mode=0o700, exist_ok=True)
    shutil.copyfile(path, os.path.join(aside, os.path.basename(path)))
    note = {"commitInfo": {"timestamp": int(os.stat(path).st_mtime * 1000), "operation": "EMPTY", "engineInfo": "headgate"}}
    journal_dir.write_durably(path, msgspec.json.encode(note) + b"\n")


def _drop_checkpoints(log: str, names: Iterable[str], lost: str) -> list[str]:
    """Delete the checkpoints that are not whole, and those that hold a lost commit. The commits say the same: none is deleted before a checkpoint of it
    is synced.
    """
    done = []
    checkpoints = [name for name in names if _CHECKPOINT.fullmatch(name)]
    for name in checkpoints:
        if (lost and name[:20] >= lost[:20]) or (name in checkpoints[-2:] and not _is_readable(os.path.join(log, name))):
            os.unlink(os.path.join(log, name))
            done.append(f"{name} was not written whole when the power was lost; it is made again")
    return done


def _is_readable(path: str) -> bool:
    try:
        pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        return False
    return True
