"""The dashboards that there are: Headgate's own, which are shipped, and the files of the user's folder, read again when they change.

Reading blocks, so the pages ask for it in a thread. A file with an error stays in the list, and the others work.
"""

import os
import re
from importlib import resources

from headgate.web.ui.dashboard import DashboardFile
from headgate.web.ui.dashboard_reading import read_dashboard
from headgate.web.ui.file_sections import FileProblem

_ENDINGS = (".yaml", ".yml")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FILES_MAX = 200
_BYTES_MAX = 512 << 10

_Stamp = tuple[int, int]


class DashboardFolder:
    """The shipped dashboards and those of `folder`, which need not exist; empty for none."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._own: dict[str, tuple[_Stamp, DashboardFile]] = {}
        self._shipped: dict[str, DashboardFile] | None = None

    def shipped(self) -> dict[str, DashboardFile]:
        """Headgate's own, by name."""
        if self._shipped is None:
            self._shipped = {file.name: file for file in _shipped()}
        return self._shipped

    def own(self) -> dict[str, DashboardFile]:
        """The user's, by name, as they are now."""
        found: dict[str, tuple[_Stamp, DashboardFile]] = {}
        for name, path, stamp in sorted(self._listed()):
            known = self._own.get(name)
            if known is None or known[0] != stamp or known[1].path != path:
                known = (stamp, self._read(name, path))
            found[name] = known
        self._own = found
        return {name: file for name, (_, file) in found.items()}

    def find(self, name: str) -> DashboardFile | None:
        """The file of a dashboard's name."""
        return self.shipped().get(name) or self.own().get(name)

    def _listed(self) -> list[tuple[str, str, _Stamp]]:
        found: list[tuple[str, str, _Stamp]] = []
        if not self.folder:
            return found
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    name, ending = os.path.splitext(entry.name)
                    if ending in _ENDINGS and not name.startswith(".") and len(found) < _FILES_MAX and entry.is_file():
                        facts = entry.stat()
                        found.append((name, entry.path, (facts.st_mtime_ns, facts.st_size)))
        except OSError:  # a folder that is not there, or that went away meanwhile, has no dashboards
            return found
        return found

    def _read(self, name: str, path: str) -> DashboardFile:
        if not _NAME.fullmatch(name):
            return _unread(name, path, "The file's name is part of an address: letters, digits, - and _, 64 at most.")
        if name in self.shipped():
            return _unread(name, path, f"`{name}` is the name of one of Headgate's own dashboards. Give the file another name.")
        try:
            with open(path, "rb") as file:
                content = file.read(_BYTES_MAX)
        except OSError as error:
            return _unread(name, path, f"The file cannot be read: {error.strerror}.")
        try:
            return read_dashboard(name, path, content.decode())
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            return _unread(name, path, "The file is not UTF-8 text.", line)


def _unread(name: str, path: str, why: str, line: int = 1) -> DashboardFile:
    return DashboardFile(name=name, path=path, shipped=False, problems=(FileProblem(line, why),))


def _shipped() -> list[DashboardFile]:
    folder = resources.files("headgate.web.ui").joinpath("dashboards")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return [
        read_dashboard(file.name.removesuffix(".yaml"), f"dashboards/{file.name}", file.read_text(encoding="utf-8"), shipped=True) for file in files
    ]
