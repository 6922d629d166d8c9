"""Removes the journal that an earlier release kept in `journal/` itself, once all of it is in the tables. Nothing is moved, so nothing can be torn."""

import os

from headgate.storage.flusher import set_aside
from headgate.storage.journal import journal_dir, segments, waiting_batches
from headgate.storage.journal.appender import Reserve
from headgate.storage.journal.fold import read_standing, remove_standing


def remove_if_done(directory: str, released_before_s: float) -> bool:
    """Delete the journal's files, if no row of it is left and its last segment was released long enough ago. Returns whether it is gone.

    The lock goes last: until then the directory counts as a journal, and the next start deletes what is left of it.
    """
    lock = os.path.join(directory, journal_dir.WRITER_LOCK)
    lock_fd = journal_dir.try_lock(lock)
    if lock_fd is None:
        return False
    try:
        listed = segments.list_segments(directory)
        if not all(segment.released and os.stat(segment.path).st_mtime < released_before_s for segment in listed):
            return False
        if read_standing(directory).open or set_aside.held(directory).segments or not waiting_batches.remove_empty(directory):
            return False
        for segment in listed:
            os.unlink(segment.path)
        Reserve(directory, 0).release()
        remove_standing(directory)
        journal_dir.remove_app_id(directory)
        os.unlink(lock)
    finally:
        os.close(lock_fd)
    return True
