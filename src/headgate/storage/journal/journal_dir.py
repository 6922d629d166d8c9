"""A journal's directory: its identity, who may write to it, and the few durable small files in it. Nothing here reads or writes a frame.

Two locks, each held by a living process and released by the kernel when it dies: `writer.lock` in each journal's directory by the process that appends,
`flusher.lock`, one for all journals, by the process that writes segments to tables. Lock files are not deleted while anything may wait for them.
"""

import contextlib
import fcntl
import os
import secrets
import time

WRITER_LOCK = "writer.lock"
FLUSHER_LOCK = "flusher.lock"

_ID_FILE = "writer_id"
_POLL_S = 0.02


def read_app_id(directory: str) -> str | None:
    """The name of this journal's sequence numbers in the tables' transactions; `None` before the first writer."""
    try:
        with open(os.path.join(directory, _ID_FILE), encoding="ascii") as file:
            return f"headgate-{file.read().strip()}"
    except FileNotFoundError:
        return None


def ensure_app_id(directory: str) -> str:
    """The same, made if it is missing. Only who holds the writer's lock may call this."""
    known = read_app_id(directory)
    if known is None:
        write_durably(os.path.join(directory, _ID_FILE), secrets.token_hex(8).encode())
        known = read_app_id(directory)
    if known is None:
        raise FileNotFoundError(os.path.join(directory, _ID_FILE))
    return known


def remove_app_id(directory: str) -> None:
    """Forget the name of a journal that is removed."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(directory, _ID_FILE))


def try_lock(path: str) -> int | None:
    """Take a lock and return the descriptor that holds it; `None` if another process does. Closing the descriptor lets go."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    with contextlib.suppress(OSError):  # a full disk does not matter: the text is for people, nothing reads it
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd


def lock_within(path: str, wait_s: float) -> int | None:
    """Take a lock, waiting a while for it: who only asks whether it is held holds it for a moment."""
    deadline = time.monotonic() + wait_s
    while (fd := try_lock(path)) is None and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return fd


def lock_writer(directory: str, wait_s: float) -> int | None:
    """Take the lock of a journal's writer, waiting a while for it. `None` also while a gateway of an earlier release runs, whose lock is one level up."""
    deadline = time.monotonic() + wait_s
    while is_locked(os.path.join(os.path.dirname(directory), WRITER_LOCK)):
        if time.monotonic() >= deadline:
            return None
        time.sleep(_POLL_S)
    return lock_within(os.path.join(directory, WRITER_LOCK), wait_s)


def is_locked(path: str) -> bool:
    """Whether a living process holds the lock."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def writer_is_alive(directory: str) -> bool:
    """Whether a process writes to the journal. Who also lists segments lists them first: see `flusher`."""
    return is_locked(os.path.join(directory, WRITER_LOCK))


def replace_file(path: str, data: bytes) -> None:
    """Replace a small file in one step. It is not durable: for what is made again, or can be done without."""
    with open(f"{path}.tmp", "wb") as file:
        file.write(data)
    os.replace(f"{path}.tmp", path)


def write_durably(path: str, data: bytes) -> None:
    """Replace a small file: after a crash it is the old one or the new one, whole."""
    beside = f"{path}.tmp"
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        os.fsync(fd)
    finally:
        os.close(fd)
    os.replace(beside, path)
    sync_dir(os.path.dirname(path))


def sync_dir(directory: str) -> None:
    """Make a directory's names durable."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def ensure_dir(directory: str) -> None:
    """Make the directory and the one above it, readable by their owner alone."""
    parent = os.path.dirname(os.path.abspath(directory))
    for each in (parent, directory):
        os.makedirs(each, mode=0o700, exist_ok=True)
    for each in (os.path.dirname(parent), parent):
        with contextlib.suppress(OSError):
            sync_dir(each)
