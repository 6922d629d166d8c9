"""Large bodies in files of their own, below `payloads/` in the data directory, one folder for each day."""

import contextlib
import datetime as dt
import os

import msgspec

from headgate.core.clock import Clock
from headgate.exchange.payload import Logged

FILES_DIR = "payloads"


class ContentFiles:
    """Writes bodies to files and deletes the files of old days."""

    def __init__(self, data_dir: str, clock: Clock) -> None:
        self._data_dir = data_dir
        self._clock = clock

    def with_files(self, logged: Logged) -> Logged:
        """The same with its large bodies in files, and their places in the row. Raises `OSError`."""
        row, request_id = logged.row, logged.row.request_id
        if logged.large_request:
            row = msgspec.structs.replace(row, request_file=self._file(f"{request_id}.request", logged.large_request))
        if logged.large_response:
            row = msgspec.structs.replace(row, response_file=self._file(f"{request_id}.response", logged.large_response))
        return Logged(row)

    def drop_old(self, keep_days: int) -> None:
        """Delete the files of days that are past keeping; 0 keeps all."""
        if keep_days <= 0:
            return
        oldest = (self._now() - dt.timedelta(days=keep_days)).date().isoformat()
        root = os.path.join(self._data_dir, FILES_DIR)
        with contextlib.suppress(FileNotFoundError):
            for day in os.listdir(root):
                if day < oldest:
                    _remove_day(os.path.join(root, day))

    def _file(self, name: str, text: str) -> str:
        place = os.path.join(FILES_DIR, self._now().date().isoformat(), os.path.basename(name))
        path = os.path.join(self._data_dir, place)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(fd, "w", encoding="utf-8") as file:
            file.write(text)
        return place

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._clock.wall_ns() / 1e9, dt.UTC)


def _remove_day(path: str) -> None:
    with contextlib.suppress(NotADirectoryError, FileNotFoundError):
        for name in os.listdir(path):
            os.unlink(os.path.join(path, name))
        os.rmdir(path)
