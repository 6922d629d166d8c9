"""How a serving process and its data directory fare, for the page of settings. Reads files and counts; changes nothing."""

import os
from pathlib import Path
from typing import Final

from headgate.app.control import Control
from headgate.app.health import Health
from headgate.core.clock import Clock
from headgate.storage.journal.flusher_status import read_status
from headgate.web.ui.settings import FileFacts, StoredPart, SystemFacts

_FILES_MAX: Final = 200_000  # of one part: counting more would take seconds
_WHAT: Final = {
    "state.db": "tokens, principals, objects, grants, catalog",
    "journal": "records on their way to the tables",
    "warehouse": "Delta tables",
    "cache": "copies of data files in object storage",
    "payloads": "large requests and answers",
}


class SystemReport:
    """Counts anew for each page. `health` says what is wrong."""

    def __init__(self, control: Control, health: Health, clock: Clock) -> None:
        self._control = control
        self._health = health
        self._clock = clock
        self._started_at_ms = clock.wall_ns() // 1_000_000

    def facts(self) -> SystemFacts:
        """The facts of this moment. Takes as long as it takes to count the files."""
        control, health = self._control, self._health
        status = read_status(str(control.data.journal))
        return SystemFacts(
            file=self._file(),
            data_dir=str(control.data.root),
            parts=stored_parts(control.data.root),
            backlog_bytes=health.journal.backlog_bytes,
            backlog_bytes_max=control.configuration.settings.journal.max_mb << 20,
            now_ms=self._clock.wall_ns() // 1_000_000,
            started_at_ms=self._started_at_ms,
            flushed_at_ms=status.at_ns // 1_000_000 if status is not None else 0,
            pid=os.getpid(),
            restarts=health.heartbeat.restarts(),
            notices=(*health.troubles(), *(each.details for each in health.warnings())),
        )

    def _file(self) -> FileFacts:
        file, configuration = self._control.file, self._control.configuration
        path = str(configuration.file) if configuration.file is not None else ""
        return FileFacts(path=path, changed_at_ms=file.changed_at_ms, refusal=file.refusal, waiting=file.waiting, notes=configuration.notes)


def stored_parts(root: Path) -> tuple[StoredPart, ...]:
    """What is in a data directory, the largest part first; small files of the same kind count together."""
    parts: dict[str, list[int]] = {}
    try:
        entries = list(os.scandir(root))
    except OSError:
        return ()
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        name = entry.name if is_folder or entry.name in _WHAT else "state.db" if entry.name.startswith("state.db") else "other files"
        size, files = _size_of(entry, is_folder=is_folder)
        known = parts.setdefault(name, [0, 0])
        known[0] += size
        known[1] += files
    found = (StoredPart(name, _WHAT.get(name, ""), size, files) for name, (size, files) in parts.items())
    return tuple(sorted(found, key=lambda part: (-part.bytes, part.name)))


def _size_of(entry: "os.DirEntry[str]", *, is_folder: bool) -> tuple[int, int]:
    """Bytes and files of a file, or of all below a folder. What ends meanwhile counts as nothing."""
    if not is_folder:
        try:
            return entry.stat(follow_symlinks=False).st_size, 1
        except OSError:
            return 0, 0
    size = files = 0
    for folder, _, names in os.walk(entry.path):
        for name in names:
            try:
                size += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                continue
            files += 1
        if files > _FILES_MAX:
            break
    return size, files
