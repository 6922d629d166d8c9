"""A filter of system calls: no sockets, no new programs or processes (threads are let through), no looking into others. Numbers by machine.

What is filtered fails with EPERM. `clone3` fails with ENOSYS, because its flags lie behind a pointer that a filter cannot follow; the C library then uses `clone`.
"""

import ctypes
import struct
from itertools import starmap
from typing import NamedTuple

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_CLONE_THREAD = 0x0001_0000
_X32 = 0x4000_0000
_INSTRUCTION = struct.Struct("HBBI")


class _Machine(NamedTuple):
    architecture: int
    clone: int
    denied: tuple[int, ...]


# The same calls on both: socket, socketpair, bind, listen, accept, accept4, connect, sendto, sendmsg, execve, execveat, ptrace, process_vm_readv,
# process_vm_writev, kill, tkill, mount, umount2, unshare, setns, chroot, pivot_root, bpf, perf_event_open, userfaultfd, keyctl, add_key, request_key,
# io_uring_setup, io_uring_enter, io_uring_register, pidfd_open, pidfd_getfd, memfd_create, open_by_handle_at, mknodat, init_module, finit_module.
_MACHINES = {
    "x86_64": _Machine(
        0xC000_003E,
        56,
        (
            41, 53, 49, 50, 43, 288, 42, 44, 46, 59, 322, 101, 310, 311, 62, 200, 165, 166, 272, 308, 161, 155, 321, 298, 323, 250, 248, 249,
            425, 426, 427, 434, 438, 319, 304, 259, 175, 313, 57, 58, 133,  # and fork, vfork, mknod
        ),
    ),
    "aarch64": _Machine(
        0xC000_00B7,
        220,
        (
            198, 199, 200, 201, 202, 242, 203, 206, 211, 221, 281, 117, 270, 271, 129, 130, 40, 39, 97, 268, 51, 41, 280, 241, 282, 219, 217, 218,
            425, 426, 427, 434, 438, 279, 265, 33, 105, 273,
        ),
    ),
}  # fmt: skip
_CLONE3 = 435


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def program(machine: str) -> bytes:
    """The filter for a machine; empty if its numbers are not known."""
    known = _MACHINES.get(machine)
    if known is None:
        return b""
    deny, no_such_call = (_RETURN, 0, 0, _ERRNO | _EPERM), (_RETURN, 0, 0, _ERRNO | _ENOSYS)
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, known.architecture),
        deny,
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        deny,
        (_EQUAL, 0, 1, _CLONE3),
        no_such_call,
        (_EQUAL, 0, 4, known.clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 1, 0, _CLONE_THREAD),
        deny,
        (_RETURN, 0, 0, _ALLOW),
    ]
    for number in known.denied:
        lines += [(_EQUAL, 0, 1, number), deny]
    lines.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(starmap(_INSTRUCTION.pack, lines))


def enter(libc: ctypes.CDLL, machine: str) -> bool:
    """Put the filter on the calling thread and all that it starts; needs `no_new_privs`."""
    text = program(machine)
    if not text:
        return False
    loaded = _Program(len(text) // _INSTRUCTION.size, text)
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(loaded), 0, 0) == 0)
