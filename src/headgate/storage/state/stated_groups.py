"""The groups of the accepted configuration, for the processes that check whom a privilege is granted to, and for commands that show groups."""

from collections.abc import Iterable, Sequence

from headgate.core.group import DeclaredGroup
from headgate.storage.state.stated_file import StatedFile

_FILE: StatedFile[tuple[DeclaredGroup, ...]] = StatedFile("groups.json", tuple[DeclaredGroup, ...], "the groups of the file", ())


def write_groups(data_dir: str, groups: Iterable[DeclaredGroup]) -> None:
    """Replace the groups, where they have changed."""
    _FILE.write(data_dir, tuple(groups))


class StatedGroups:
    """The groups as they are in a data directory, read again when they have changed."""

    def __init__(self, data_dir: str) -> None:
        self._data_dir = data_dir
        self._stamp = (0, 0)
        self._groups: tuple[DeclaredGroup, ...] = ()
        self._names: frozenset[str] = frozenset()

    def groups(self) -> Sequence[DeclaredGroup]:
        """The groups as they are now."""
        stamp = _FILE.stamp(self._data_dir)
        if stamp != self._stamp:
            self._groups = _FILE.read(self._data_dir)
            self._names = frozenset(group.name for group in self._groups)
            self._stamp = stamp
        return self._groups

    def names(self) -> frozenset[str]:
        """Their names. The same object as long as they are the same."""
        self.groups()
        return self._names
