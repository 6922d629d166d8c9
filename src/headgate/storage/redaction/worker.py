"""The redacting process: takes an administrator's patterns and texts from a pipe, and gives the texts back redacted. It opens nothing.

A pattern may take longer than the time limit, and cannot be stopped from within: the alarm ends the whole process, even if no process is left to kill it.
"""

import signal
import sys
from typing import BinaryIO, TypeVar

import msgspec

from headgate.policy.secrets import Redactor, compile_redactor
from headgate.storage.redaction.frames import LENGTH, RedactionResult, RedactionTask, Rules, frame

_LATER, _LATER_S = 1.5, 0.5  # who waits kills first, and knows why
_T = TypeVar("_T")


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Work until the pipe is closed."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    rules = _read(source, Rules)
    if rules is None:
        return
    redactor = compile_redactor(rules.patterns, secrets=rules.secrets) or Redactor(())
    _write(target, RedactionResult())  # ready
    while (work := _read(source, RedactionTask)) is not None:
        signal.setitimer(signal.ITIMER_REAL, rules.timeout_s * _LATER + _LATER_S)
        done = RedactionResult(_redacted(redactor, work))
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(target, done)


def _redacted(redactor: Redactor, work: RedactionTask) -> str | None:
    if not work.is_json:
        text = redactor.text(work.content)
        return None if text is work.content else text
    value = msgspec.json.decode(work.content)
    clean = redactor.value(value)
    return None if clean is value else msgspec.json.encode(clean).decode()


def _write(target: BinaryIO, done: RedactionResult) -> None:
    target.write(frame(done))
    target.flush()


def _read(source: BinaryIO, kind: type[_T]) -> _T | None:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    return msgspec.msgpack.decode(source.read(LENGTH.unpack(head)[0]), type=kind)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
