"""The journals of a data directory in a backup, in two steps around the moment at which the tables' versions are noted.

Before it: how far the flusher is, then the batches that wait for their table. All rows up to there are in the tables' versions or among those batches.
After it: the segments. They hold every frame whose rows the tables have beyond that, so the transaction numbers of the tables say for each frame
whether its rows are there; and no exchange is in a table while the journal of the backup takes it for unfinished.
"""

import os
from collections.abc import Iterator

from headgate.storage.backup.tree import Tree, Vanished
from headgate.storage.journal import journals, segments
from headgate.storage.journal.fold import STANDING_FILE, read_standing
from headgate.storage.journal.journal_dir import FLUSHER_LOCK, WRITER_LOCK
from headgate.storage.journal.segments import Segment

_LEFT_OUT = frozenset({STANDING_FILE, WRITER_LOCK, FLUSHER_LOCK, "reserve", "flusher.json"})


class JournalCopy:
    """Copies the journals of one data directory."""

    def __init__(self, tree: Tree, data_dir: str) -> None:
        self._tree = tree
        self._data_dir = data_dir
        self._standings: dict[str, int] = {}
        self._unwritten: dict[str, set[int]] = {}  # segments that must still be there when they are copied

    def before_tables(self) -> None:
        """Copy all but the segments. Raises `Vanished`."""
        root = journals.journals_dir(self._data_dir)
        found = journals.list_journals(self._data_dir)
        if os.path.isdir(root) and root not in found:
            self._copy_others(root)  # what is beside the journals
        for journal in found:
            if os.path.exists(os.path.join(journal, STANDING_FILE)):
                self._tree.copy(os.path.join(journal, STANDING_FILE), self._place(journal, STANDING_FILE))
            seq = read_standing(os.path.join(self._tree.root, self._place(journal, ""))).seq
            self._standings[journal] = seq
            self._unwritten[journal] = {one.first_seq for one in segments.segments_after(segments.list_segments(journal), seq)}
            self._copy_others(journal)

    def after_tables(self) -> None:
        """Copy the segments. A journal that is new is copied without a standing: then all of it is compared with the tables. Raises `Vanished`."""
        found = journals.list_journals(self._data_dir)
        if gone := set(self._standings) - set(found):
            raise Vanished(", ".join(sorted(gone)))
        for journal in found:
            if journal not in self._standings:
                self._copy_others(journal)
            self._copy_segments(journal)
            self._tree.write(self._place(journal, WRITER_LOCK), b"")  # a directory with it is a journal

    def _copy_others(self, journal: str) -> None:
        for name in _others(journal):
            _if_there(self._tree, os.path.join(journal, name), self._place(journal, name))

    def _copy_segments(self, journal: str) -> None:
        listed = segments.list_segments(journal)
        if not self._unwritten.get(journal, set()) <= {one.first_seq for one in listed}:
            raise Vanished(f"a segment of {journal}")
        unwritten = segments.segments_after(listed, self._standings.get(journal, 0))
        for segment in listed:
            if segment in unwritten:
                # Under its name of before a release: its rows are looked for once more.
                self._copy_segment(segment, self._place(journal, os.path.basename(segments.segment_path("", segment.first_seq))))
            else:
                _if_there(self._tree, segment.path, self._place(journal, os.path.basename(segment.path)))

    def _copy_segment(self, segment: Segment, place: str) -> None:
        try:
            self._tree.copy(segment.path, place)
        except Vanished:  # released in this moment
            self._tree.copy(segments.released_path(segment), place)

    def _place(self, journal: str, name: str) -> str:
        return os.path.normpath(os.path.join(os.path.relpath(journal, self._data_dir), name))


def _if_there(tree: Tree, path: str, place: str) -> None:
    """Copy a file, unless the flusher has just deleted it, which it does once its rows are in the tables."""
    if os.path.exists(path):
        tree.copy(path, place)


def _others(journal: str) -> Iterator[str]:
    """The files of a journal that are no segments of its own, and that a new writer or flusher does not make anew."""
    for place, folders, names in os.walk(journal):
        folders[:] = [name for name in folders if not os.path.exists(os.path.join(place, name, WRITER_LOCK))]
        for name in sorted(names):
            made_anew = place == journal and (name in _LEFT_OUT or name.endswith((".wal", ".done", ".lock")))
            if not made_anew and not name.endswith(".tmp"):
                yield os.path.relpath(os.path.join(place, name), journal)
