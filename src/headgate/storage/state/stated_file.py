"""A value of the accepted configuration in a file of the data directory. The serving process writes it, as a whole or not at all; other processes read it,
and check whether it has changed.
"""

import logging
import os
from typing import Generic, TypeVar

import msgspec

_LOG = logging.getLogger(__name__)

Value = TypeVar("Value")


class StatedFile(Generic[Value]):
    """One file. `what` names its content in the log; `nothing` is the value where none was ever stated."""

    def __init__(self, file: str, kind: type[Value], what: str, nothing: Value) -> None:
        self._file = file
        self._decoder = msgspec.json.Decoder(kind)
        self._what = what
        self._nothing = nothing

    def write(self, data_dir: str, value: Value) -> None:
        """Replace the value. If that fails, the old one stays in use and the log has the reason: serving does not depend on it."""
        path = os.path.join(data_dir, self._file)
        if self.read(data_dir) == value:
            return
        try:
            with open(f"{path}.tmp", "wb") as file:
                file.write(msgspec.json.encode(value))
            os.replace(f"{path}.tmp", path)
        except OSError:
            _LOG.exception("%s could not be written down; those of before stay in use", self._what)

    def read(self, data_dir: str) -> Value:
        """The value as it is now."""
        try:
            with open(os.path.join(data_dir, self._file), "rb") as file:
                return self._decoder.decode(file.read())
        except FileNotFoundError:
            return self._nothing
        except (OSError, msgspec.DecodeError) as error:
            _LOG.error("%s cannot be read, none are used: %s", self._what, error)
            return self._nothing

    def stamp(self, data_dir: str) -> tuple[int, int]:
        """Changes when the value does; zero where there is none."""
        try:
            found = os.stat(os.path.join(data_dir, self._file))
        except OSError:
            return (0, 0)
        return found.st_ino, found.st_mtime_ns
