"""The content of an exchange that has ended, to be logged in full; and the room that open answers may take until then."""

from collections.abc import Callable, Sequence

import msgspec

from headgate.core.record import Outcome

STEP_BYTES = 256 << 10


class Room:
    """Memory for the answers that are held, over all open exchanges of a worker. Bounds it; an answer that gets none is no longer held."""

    def __init__(self, bytes_max: int) -> None:
        self.left_bytes = bytes_max

    def take(self, size: int) -> bool:
        """Take some, if there is some."""
        if size > self.left_bytes:
            return False
        self.left_bytes -= size
        return True

    def give_back(self, size: int) -> None:
        """Give back what was taken."""
        self.left_bytes += size


class ExchangeContent(msgspec.Struct, frozen=True):
    """Request and answer of an ended exchange. `answer` holds its pieces as they came; where they are a stream's, `assemble` makes one body of them.

    `complete` is False where no room was left for the rest of the answer; `generates` is False where nothing was asked of a model but a count.
    """

    outcome: Outcome
    request: bytes
    answer: Sequence[bytes] = ()
    assemble: Callable[[bytes], dict[str, object] | None] | None = None
    complete: bool = True
    generates: bool = True
