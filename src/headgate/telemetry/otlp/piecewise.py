"""A large protobuf export in pieces: any run of a message's fields is a message of the same kind, so a long list is parsed a part at a time.

The official parser holds the interpreter until it is done; pieces of bounded size let the event loop go on between them. A single item is never cut.
"""

from collections.abc import Callable, Iterator

from headgate.telemetry.otlp.messages import malformed
from headgate.telemetry.otlp.wire import Malformed, read_field, varint

PIECE_BYTES = 1 << 20
# The tag of the list that leads down a level: resources in a request, scopes in a resource.
_DOWN = (0x0A, 0x12)


def ranges(signal: str, level: int, data: bytes) -> Iterator[tuple[bytes, bool]]:
    """Runs of fields of at most about `PIECE_BYTES`; with True the content of one large field of the next level instead."""
    begin = at = 0
    while at < len(data):
        start = at
        tag, inner, at = _field(signal, data, at)
        if at - start > PIECE_BYTES and level < len(_DOWN) and tag == _DOWN[level]:
            if begin < start:
                yield data[begin:start], False
            yield data[inner:at], True
            begin = at
        elif at - begin > PIECE_BYTES and begin < start:
            yield data[begin:start], False
            begin = start
    if begin < len(data):
        yield data[begin:], False


def rewritten(signal: str, data: bytes, work: Callable[[int, bytes], bytes], level: int = 0) -> bytes:
    """The data with `work` done on each of its pieces; it is given a level and returns the very same bytes where nothing changes."""
    if len(data) <= PIECE_BYTES:
        return work(level, data)
    out: list[bytes] = []
    changed = False
    for piece, is_below in ranges(signal, level, data):
        new = rewritten(signal, piece, work, level + 1) if is_below else work(level, piece)
        changed |= new is not piece
        out += [varint(_DOWN[level]), varint(len(new)), new] if is_below else [new]
    return b"".join(out) if changed else data


def _field(signal: str, data: bytes, at: int) -> tuple[int, int, int]:
    try:
        return read_field(data, at)
    except Malformed as error:
        raise malformed(signal, str(error)) from None
