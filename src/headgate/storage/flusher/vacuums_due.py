"""Tables whose old files must go although nothing else makes them go: rows of a person were deleted, and files of older versions still have them.

One small file for each in the data directory, so that a command can add one while the flusher removes another.
"""

import contextlib
import hashlib
import logging
import os

import msgspec

from headgate.core.clock import Clock
from headgate.storage.delta import delta_table
from headgate.storage.journal import journal_dir

_DIR = "vacuums_due"
_AFTER_NS = (delta_table.RETENTION_HOURS * 3600 + 600) * 1_000_000_000
_LOG = logging.getLogger(__name__)


class VacuumDue(msgspec.Struct, frozen=True):
    """A table, and when its rows were deleted."""

    location: str
    since_ns: int


def add(data_dir: str, location: str, clock: Clock) -> None:
    """Have a table's old files deleted once no reader needs them."""
    folder = os.path.join(data_dir, _DIR)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    name = hashlib.sha256(location.encode()).hexdigest()[:32]
    journal_dir.write_durably(os.path.join(folder, f"{name}.json"), msgspec.json.encode(VacuumDue(location, clock.wall_ns())))


def work_off(data_dir: str, clock: Clock) -> None:
    """Vacuum the tables that are due. Raises delta-rs' errors or `OSError`; the table is tried again then."""
    folder = os.path.join(data_dir, _DIR)
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError), open(path, "rb") as file:
            due = msgspec.json.decode(file.read(), type=VacuumDue)
            if clock.wall_ns() - due.since_ns < _AFTER_NS:
                continue
            if delta_table.open_table(due.location) is not None:
                _LOG.info("%d files with rows that were deleted are gone from %s", delta_table.vacuum(due.location), due.location)
            os.unlink(path)
