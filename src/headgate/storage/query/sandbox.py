"""Takes everything from the calling process that a query does not need: files outside the warehouse, the network, new programs, memory without end.

Each protection is tried on its own and the ones that hold are named, because systems differ: Landlock and seccomp are Linux's, limits are everybody's. There is
no way back for the process, which is the point.
"""

import contextlib
import ctypes
import os
import platform
import resource
import sys
from collections.abc import Iterable, Sequence

from headgate.storage.query import seccomp

ALL = ("limits", "landlock", "seccomp")
"""Every protection that there is."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_SIGKILL = 9
# DuckDB reads the machine's memory limits when it opens a database, and aborts the process if it may not.
_SYSTEM = ("/proc/self/cgroup", "/sys/fs/cgroup")


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64), ("handled_access_net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def enter(readable: Sequence[str], memory_bytes: int, parent_pid: int) -> tuple[str, ...]:
    """Give up everything but reading below these folders; the names of what holds. The process dies with its parent."""
    held = ["limits"] if _limits(memory_bytes) else []
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if os.getppid() != parent_pid:  # it died before the signal was asked for
            os._exit(0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if _landlock(libc, readable):
            held.append("landlock")
        if seccomp.enter(libc, platform.machine()):
            held.append("seccomp")
    return tuple(held)


def _limits(memory_bytes: int) -> bool:
    """No file grows, no core is dumped, memory ends."""
    held = 0
    wanted = ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, memory_bytes))
    for kind, value in wanted:
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of the address space
            resource.setrlimit(kind, (value, value))
            held += 1
    return held == len(wanted)


def _landlock(libc: ctypes.CDLL, readable: Iterable[str]) -> bool:
    """Only reading, only below these folders; no TCP, no signals to others where the kernel knows how."""
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version <= 0:
        return False
    filesystem = {1: (1 << 13) - 1, 2: (1 << 14) - 1}.get(version, (1 << 15) - 1 if version < 5 else (1 << 16) - 1)
    attributes = _RulesetAttributes(filesystem, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(attributes), size, 0)
    if ruleset < 0:
        return False
    try:
        for path in (*readable, *_SYSTEM):
            _allow_reading(libc, ruleset, path)
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow_reading(libc: ctypes.CDLL, ruleset: int, path: str) -> None:
    try:
        place = os.open(path, getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rule = _PathBeneath(_READ_FILE | (_READ_DIR if os.path.isdir(path) else 0), place)
        libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(place)
