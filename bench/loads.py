"""The loads, as an agent's day is made of them, and the bodies they send."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

_WORDS = (
    "token",
    "stream",
    "json",
    "async",
    "config",
    "request",
    "model",
    "try",
    "else",
    "return",
    "header",
    "class",
    "self",
    "float",
    "await",
    "def",
)


@dataclass(frozen=True)
class Load:
    """What is sent: `events` events `gap_s` apart over `connections` connections. `per` is what the CPU is divided by, beside requests.

    With `agent_head` each request has the headers of a coding agent, and ids of its own; without, those few that wrk and the API need.
    """

    name: str
    events: int
    gap_s: float
    connections: int
    stream: bool
    per: int
    unit: str
    divisor: float
    agent_head: bool = False


LOADS = (
    Load("small", 6, 0.0, 32, stream=False, per=1, unit="µs per exchange", divisor=1e-6),
    Load("agent", 6, 0.0, 32, stream=False, per=1, unit="µs per exchange", divisor=1e-6, agent_head=True),
    Load("event", 100, 0.01, 200, stream=True, per=100, unit="µs per event", divisor=1e-6),
    Load("turn", 63, 0.01, 24, stream=True, per=1, unit="ms per turn", divisor=1e-3),
)


def text_of(rng: random.Random, words: int) -> str:
    """As many words of code."""
    return " ".join(rng.choice(_WORDS) for _ in range(words))


def _turn(rng: random.Random) -> dict[str, object]:
    """An agent's request late in a session: 300 KB of history and 20 tools."""
    properties = {f"p{i}": {"type": "string", "description": text_of(rng, 10)} for i in range(6)}
    tools = [{"name": f"tool_{i}", "description": text_of(rng, 120), "input_schema": {"type": "object", "properties": properties}} for i in range(20)]
    roles = ("user", "assistant")
    history = [{"role": roles[i % 2], "content": [{"type": "text", "text": text_of(rng, 350)}]} for i in range(121)]
    system = [{"type": "text", "text": text_of(rng, 2000)}]
    return {"model": "claude-opus-4-6", "max_tokens": 8192, "stream": True, "system": system, "tools": tools, "messages": history}


def body(load: Load) -> bytes:
    """The request body of a load."""
    if load.name == "turn":
        value = _turn(random.Random(1))
    else:
        message = {"role": "user", "content": "x" * 2000}
        value = {"model": "claude-opus-4-6", "max_tokens": 100, "stream": load.stream, "messages": [message]}
    return json.dumps(value, separators=(",", ":")).encode()


def write_body(load: Load, folder: Path) -> Path:
    """The body as a file for wrk."""
    path = folder / f"{load.name}.json"
    path.write_bytes(body(load))
    return path
