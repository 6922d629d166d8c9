"""The names of the groups in the accepted configuration, for the processes that check whom a privilege is granted to."""

from collections.abc import Iterable

from headgate.storage.state.stated_file import StatedFile

_FILE: StatedFile[tuple[str, ...]] = StatedFile("groups.json", tuple[str, ...], "the names of groups", ())


def write_groups(data_dir: str, names: Iterable[str]) -> None:
    """Replace the names, where they have changed."""
    _FILE.write(data_dir, tuple(sorted(names)))


class StatedGroups:
    """The names as they are in a data directory, read again when they have changed."""

    def __init__(self, data_dir: str) -> None:
        self._data_dir = data_dir
        self._read: tuple[tuple[int, int], frozenset[str]] = ((0, 0), frozenset())

    def names(self) -> frozenset[str]:
        """The names as they are now. The same object as long as they are the same."""
        stamp = _FILE.stamp(self._data_dir)
        if stamp != self._read[0]:
            self._read = (stamp, frozenset(_FILE.read(self._data_dir)))
        return self._read[1]
