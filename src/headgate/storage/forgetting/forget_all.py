"""Forgets a person in all tables of a data directory, also while a gateway writes to it."""

import contextlib
import os
import time
from collections.abc import Generator, Iterable, Sequence

import msgspec

from headgate.catalog.usage_table import USAGE
from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.storage.content.files import FILES_DIR
from headgate.storage.delta import delta_table, object_store
from headgate.storage.flusher import offline, vacuums_due
from headgate.storage.forgetting.person import NamedPerson
from headgate.storage.forgetting.person_table import PersonTable, count, files_of, forget, sessions_of
from headgate.storage.journal import journals, segments
from headgate.storage.journal.fold import read_standing
from headgate.storage.settling.standing import lock_settling

_WAIT_S, _LOOK_S = 60.0, 0.2


class TableRows(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows of a table are or were the person's, and of how many bodies there are files."""

    table: PersonTable
    rows: int
    files: int = 0


def with_sessions(tables: Iterable[PersonTable], person: NamedPerson) -> NamedPerson:
    """The person with the agent sessions that are theirs, by which telemetry without a name is found."""
    usage = next((table.location for table in tables if table.name == str(USAGE.name)), "")
    return msgspec.structs.replace(person, sessions=sessions_of(usage, person) if usage else ())


def count_all(tables: Iterable[PersonTable], person: NamedPerson) -> list[TableRows]:
    """How many rows are the person's in each table."""
    return [TableRows(table=table, rows=count(table, person), files=len(files_of(table, person))) for table in tables if table.kind]


def forget_all(data_dir: str, tables: Sequence[PersonTable], person: NamedPerson, clock: Clock) -> list[TableRows]:
    """Forget the person in each table, usage last: it says which sessions were theirs, for a second try. Raises delta-rs' errors or `OSError`."""
    found = []
    with _settling_held(data_dir, clock):
        for table in sorted(tables, key=lambda table: table.kind == "usage"):
            if not table.kind:
                continue
            files = files_of(table, person)
            rows = forget(table, person)
            gone = sum(_removed(data_dir, place) for place in files)
            if rows:
                vacuums_due.add(data_dir, table.location, clock)
                if not object_store.is_remote(table.location):
                    delta_table.sync_filesystem(table.location)
            found.append(TableRows(table=table, rows=rows, files=gone))
    return found


def write_journal(data_dir: str, clock: Clock) -> None:
    """Have all that is recorded so far written to the tables: by the gateway that runs, or here. Raises `Unavailable` if that does not come to an end."""
    lock_fd = offline.lock_flusher(data_dir)
    if lock_fd is not None:
        try:
            _, trouble = offline.write_all(data_dir, clock)
        finally:
            os.close(lock_fd)
        if trouble:
            raise Unavailable(f"Rows could not be written to their tables, and may be this user's: {trouble}. Try again when that is solved.")
        return
    ends = {journal: _last_seq(journal) for journal in journals.list_journals(data_dir)}
    deadline_s = clock.monotonic_s() + _WAIT_S
    while any(read_standing(journal).seq < seq for journal, seq in ends.items()):
        if clock.monotonic_s() >= deadline_s:
            raise Unavailable("The gateway has not written its journal to the tables for a minute: see /readyz. Try again when it does.")
        _pause()


def _pause() -> None:
    time.sleep(_LOOK_S)


def _last_seq(journal: str) -> int:
    for segment in reversed(segments.list_segments(journal)):
        frames = segments.read_segment(segment).frames
        if frames:
            return frames[-1].seq
    return 0


@contextlib.contextmanager
def _settling_held(data_dir: str, clock: Clock) -> Generator[None]:
    """Nothing is settled meanwhile: it would read rows from before, and write them after."""
    deadline_s = clock.monotonic_s() + _WAIT_S
    while (lock_fd := lock_settling(data_dir)) is None:
        if clock.monotonic_s() >= deadline_s:
            raise Unavailable("The ledger is being settled, which takes a few minutes. Try again then.")
        _pause()
    try:
        yield
    finally:
        os.close(lock_fd)


def _removed(data_dir: str, place: str) -> bool:
    """Delete a body's file. A place that a row names is never taken for a path outside of its folder."""
    path = os.path.normpath(os.path.join(data_dir, place))
    if not path.startswith(os.path.join(data_dir, FILES_DIR) + os.sep):
        return False
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
        return True
    return False
