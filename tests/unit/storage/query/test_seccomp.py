"""The filter of system calls."""

import struct

import pytest

from headgate.storage.query import seccomp

ALLOW, DENY, NO_SUCH_CALL = 0x7FFF0000, 0x00050001, 0x00050026


def _run(machine, number, argument=0, architecture=None):
    """The filter's verdict, by a reader of its few instructions."""
    lines = list(struct.iter_unpack("HBBI", seccomp.program(machine)))
    data = {0: number, 4: architecture or {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine], 16: argument}
    at, accumulator = 0, 0
    while True:
        code, jump_true, jump_false, value = lines[at]
        at += 1
        if code == 0x20:
            accumulator = data[value]
        elif code == 0x06:
            return value
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
            at += jump_true if holds else jump_false


@pytest.mark.parametrize(("machine", "socket", "execve", "read", "clone"), [("x86_64", 41, 59, 0, 56), ("aarch64", 198, 221, 63, 220)])
def test_verdicts(machine, socket, execve, read, clone):
    """Reading goes on, threads start; sockets, programs and processes do not."""
    assert _run(machine, read) == ALLOW
    assert _run(machine, socket) == DENY
    assert _run(machine, execve) == DENY
    assert _run(machine, clone, 0x00010000) == ALLOW
    assert _run(machine, clone, 17) == DENY
    assert _run(machine, 435) == NO_SUCH_CALL
    assert _run(machine, read | 0x40000000) == DENY
    assert _run(machine, read, architecture=1) == DENY


def test_an_unknown_machine_has_no_filter():
    """Better none than one with wrong numbers."""
    assert seccomp.program("riscv64") == b""
