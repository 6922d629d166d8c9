"""One answer, streamed and whole, in every wire format: what an assembled stream is compared with."""

import json
from typing import Any

from tests.fakes.turns import Call, Text, Thinking, Tokens, Turn
from tests.fakes.wire import Wire

TURN = Turn(
    parts=(
        Thinking("let me see, a moment", "c2lnbmF0dXJl"),
        Text("Hello there, über\n\n日本"),
        Call("Read", {"path": "a.txt", "lines": [1, 2]}, "toolu_1"),
        Call("Bash", {"command": "ls"}, "toolu_2"),
    ),
    tokens=Tokens(fresh=5, read=3, output=7),
)
REQUEST = {"stream": True, "stream_options": {"include_usage": True}}


def stream(wire: Wire, turn: Turn = TURN) -> bytes:
    """The answer as frames."""
    return b"".join(wire.frames(turn, REQUEST, "m", 3))


def whole(wire: Wire, turn: Turn = TURN) -> dict[str, Any]:
    """The same in one piece."""
    told: dict[str, Any] = json.loads(wire.whole(turn, REQUEST, "m", 3))
    return told
