"""Writes the journals of a data directory to its tables where no gateway does."""

import os

from headgate.core.clock import Clock
from headgate.storage.flusher.all_journals import AllJournals
from headgate.storage.flusher.rounds import FlusherSettings
from headgate.storage.journal import journal_dir, journals
from headgate.storage.rows.rates import lazy_rates


def write_all(data_dir: str, clock: Clock) -> tuple[int, str]:
    """Write all that is finished, and what a writer that ended has left open. Returns the number of rows, and why some wait, if they do.

    Only a process that holds the flusher's lock may call it.
    """
    found = AllJournals(FlusherSettings(data_dir=data_dir), lazy_rates(data_dir), clock)
    rows, trouble = _rounds(found)
    if not trouble:
        found.end_dead_writers()
        more, trouble = _rounds(found)
        rows += more
    return rows, trouble or "; ".join(f"{table.name}: {table.reason}" for table in found.waiting())


def lock_flusher(data_dir: str) -> int | None:
    """The flusher's lock, until the descriptor is closed; `None` while another process has it."""
    directory = journals.journals_dir(data_dir)
    journal_dir.ensure_dir(directory)
    return journal_dir.try_lock(os.path.join(directory, journal_dir.FLUSHER_LOCK))


def _rounds(found: AllJournals) -> tuple[int, str]:
    rows = 0
    while True:
        done, failure = found.round()
        rows += done.rows
        if failure is not None:
            return rows, f"{type(failure).__name__}: {failure}".splitlines()[0]
        if not done.more:
            return rows, ""
