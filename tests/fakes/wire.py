"""What each wire format of the scripted provider offers, and JSON as the providers write it."""

import json
from typing import Any, Protocol

from tests.fakes.turns import ErrorInStream, Refuse, Turn


def dump(value: Any) -> bytes:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Wire(Protocol):
    """One wire format: turns to bytes, and what a request says of the turns before it. `number` makes ids unique and repeatable."""

    def frames(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> list[bytes]:
        """The frames of a streamed answer."""

    def whole(self, turn: Turn, request: dict[str, Any], model: str, number: int) -> bytes:
        """The body of an answer that is not streamed."""

    def error(self, refusal: Refuse) -> bytes:
        """The body of an error answer."""

    def stream_error(self, error: ErrorInStream) -> bytes:
        """The in-band error of a stream."""

    def results(self, request: dict[str, Any]) -> dict[str, str]:
        """Tool results in the request, by the id of their call."""

    def signatures(self, request: dict[str, Any]) -> set[str]:
        """Opaque reasoning proofs in the request."""
