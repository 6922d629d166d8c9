"""Checks a large request body in many short steps, so that nothing else waits for it. The rules are those of `scan`, which checks a small body in one step."""

from array import array
from collections.abc import Generator, Iterator
from itertools import accumulate

from headgate.core.errors import BadRequest
from headgate.dialects import scan
from headgate.dialects.scanned import Scanned

LARGE_BYTES = 1 << 20  # a smaller body is read in one step of about two milliseconds
_COUNTED_BYTES = 4 << 20
_WINDOW_BYTES = 256 << 10

Steps = Generator[None, None, Scanned]


def scan_steps(body: bytes) -> Steps:
    """Check a body as `scan` does, one step at a time. The generator returns what `scan` returns. Raises BadRequest within a step.

    Finding the top-level fields is one step whatever the size, about 0.6 ms for each MB.
    """
    scan.check_start(body)
    yield from _check_elements(body)
    checked, fields = scan.fields_of(body)
    yield
    spans = scan.spans_of(checked, fields)
    yield
    ascii_only = checked.isascii()
    for span in spans.values():
        yield from _check_depth(checked, span)
        if not ascii_only:
            yield from _check_utf8(checked, span)
    return Scanned(body, fields, spans)  # ruff: ignore[return-in-generator] the steps have a result


def result(steps: Steps) -> Scanned | BadRequest | None:
    """Take one step: the result after the last one, else `None`."""
    try:
        next(steps)
    except StopIteration as end:
        scanned: Scanned = end.value
        return scanned
    except BadRequest as error:
        return error
    return None


def _check_elements(body: bytes) -> Iterator[None]:
    number = 0
    for at in range(0, len(body), _COUNTED_BYTES):
        number += sum(body.count(mark, at, at + _COUNTED_BYTES) for mark in scan.ELEMENT_MARKS)
        yield
    if number <= scan.ELEMENTS_MAX:
        return
    number = 0
    for structure in _without_strings(body, 0, len(body)):
        number += sum(map(structure.count, scan.ELEMENT_MARKS))
        if number > scan.ELEMENTS_MAX:
            scan.refuse_elements()
        yield


def _check_depth(body: bytes, span: tuple[int, int]) -> Iterator[None]:
    start, end = span
    if body[start] not in b"{[" or scan.has_few_brackets(body, span):
        return
    depth = 1  # the body itself
    for structure in _without_strings(body, start, end):
        levels = list(accumulate(array("b", scan.steps_of(structure)), initial=depth))
        depth = levels[-1]
        if max(levels) > scan.DEPTH_MAX:
            scan.refuse_depth()
        yield


def _check_utf8(body: bytes, span: tuple[int, int]) -> Iterator[None]:
    at, stop = span
    while at < stop:
        end = min(at + _WINDOW_BYTES, stop)
        while end < stop and body[end] & 0xC0 == 0x80:
            end += 1
        scan.check_utf8(body, (at, end))
        at = end
        yield


def _without_strings(json: bytes, start: int, stop: int) -> Iterator[bytes]:
    """JSON without its strings, in windows, none of which ends within an escape."""
    inside = 0
    at = start
    while at < stop:
        window = json[at : min(at + _WINDOW_BYTES, stop)]
        if (len(window) - len(window.rstrip(b"\\"))) % 2:
            window = json[at : at + len(window) + 1]
        at += len(window)
        pieces = window.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')
        yield b"".join(pieces[inside::2])
        inside = (inside + len(pieces) - 1) % 2
