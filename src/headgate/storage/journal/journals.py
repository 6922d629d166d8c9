"""Which journals a data directory holds: `journal/<writer>/`, one for each process that writes, so that several can append side by side.

The files of the flusher, its lock and its status, are in `journal/` itself. A data directory of an earlier release has its one journal there too: that one
is a journal like the others, until the flusher has written all of it to the tables and removes it.
"""

import os

from headgate.storage.journal.journal_dir import WRITER_LOCK

FIRST_WRITER = "0"
WRITER_NAMES = tuple(str(number) for number in range(16))
"""The journals of serving processes. Each takes the first that no living process has: at a restart the one before it still writes to its own."""
INSERT_WRITERS = tuple(f"insert-{number}" for number in range(16))
"""Those of processes that run statements, for the rows of INSERT."""


def journals_dir(data_dir: str) -> str:
    """Where the journals of a data directory are, and the flusher's files."""
    return os.path.join(data_dir, "journal")


def writer_dir(data_dir: str, writer: str = FIRST_WRITER) -> str:
    """Where the journal of a writer is."""
    return os.path.join(journals_dir(data_dir), writer)


def list_insert_journals(data_dir: str) -> list[str]:
    """Those of them that hold rows of INSERT alone."""
    return [journal for journal in list_journals(data_dir) if os.path.basename(journal) in INSERT_WRITERS]


def list_journals(data_dir: str) -> list[str]:
    """The journals that are there now: every directory with a writer's lock, which is never deleted."""
    root = journals_dir(data_dir)
    found = [os.path.join(root, name) for name in sorted(os.listdir(root))] if os.path.isdir(root) else []
    return [directory for directory in (root, *found) if os.path.exists(os.path.join(directory, WRITER_LOCK))]
