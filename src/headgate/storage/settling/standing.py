"""How far the ledger is settled, in a small file of the data directory. It moves only after all tables have what it says. Light: loads no table library."""

import os

import msgspec

from headgate.catalog.ledger.settled import SettledTime
from headgate.storage.journal import journal_dir

SETTLED_FILE = "settled.json"
_LOCK = "settled.lock"
_SETTLED = msgspec.json.Decoder(SettledTime)  # made here and not by the first threads that read: two at once end the process


def read_settled(data_dir: str) -> SettledTime:
    """What is settled; nothing, where the file is missing or cannot be read: then all is computed."""
    try:
        with open(os.path.join(data_dir, SETTLED_FILE), "rb") as file:
            return _SETTLED.decode(file.read())
    except (OSError, msgspec.DecodeError):
        return SettledTime()


def write_settled(data_dir: str, settled: SettledTime) -> None:
    """Replace the file, durably."""
    journal_dir.write_durably(os.path.join(data_dir, SETTLED_FILE), msgspec.json.encode(settled))


def lock_settling(data_dir: str) -> int | None:
    """The lock of the one process that settles, until the file is closed; `None` if another has it."""
    return journal_dir.try_lock(os.path.join(data_dir, _LOCK))
