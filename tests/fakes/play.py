"""Plays one turn on one connection: head, frames at their pace, and the faults a turn asks for."""

import asyncio
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any, Protocol

from tests.fakes.ledger import Entry
from tests.fakes.script import Answerer
from tests.fakes.turns import Cut, EndEarly, ErrorInStream, Refuse, Silence, Turn
from tests.fakes.wire import Wire, dump

COUNTED = 4711
COMPACTED = {
    "id": "resp_compacted",
    "object": "response.compaction",
    "created_at": 1,
    "output": [{"id": "cmp_1", "type": "compaction", "encrypted_content": "Z0FBQQ=="}],
    "usage": {
        "input_tokens": 30,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 35,
    },
}
MODELS = ("claude-opus-4-6", "gpt-5.2", "gemini-2.5-flash")


class Writer(Protocol):
    """Where an answer goes."""

    async def head(self, status: int, headers: list[tuple[str, str]]) -> None: ...
    async def body(self, data: bytes) -> None: ...
    async def chunk(self, data: bytes) -> None: ...
    async def last_chunk(self) -> None: ...
    async def cut(self, *, reset: bool) -> None: ...


async def play(entry: Entry, answer: Answerer, wires: dict[str, Wire], out: Writer) -> None:
    """Answer one request."""
    if entry.operation == "generate":
        turn = answer(entry)
        await _generate(entry, turn, wires[entry.dialect], out)
    elif entry.operation == "count":
        counted = {"totalTokens": COUNTED} if entry.dialect == "gemini" else {"input_tokens": COUNTED}
        await _json(entry, 200, dump(counted), (), out)
    elif entry.operation == "response":
        await _json(entry, 200, dump({"object": "response", "asked": f"{entry.method} {entry.path}"}), (), out)
    elif entry.operation == "compact":
        await _json(entry, 200, dump(COMPACTED), (), out)
    elif entry.operation == "models":
        await _json(entry, 200, dump(_models(entry)), (), out)
    else:
        await _json(entry, 404, dump({"error": {"message": f"no route {entry.path}"}}), (), out)


def _models(entry: Entry) -> dict[str, Any]:
    if entry.dialect == "gemini":
        return {"models": [{"name": f"models/{name}", "displayName": name} for name in MODELS]}
    return {"object": "list", "data": [{"id": name, "type": "model", "object": "model", "owned_by": "scripted"} for name in MODELS]}


async def _json(
    entry: Entry, status: int, body: bytes, headers: tuple[tuple[str, str], ...], out: Writer, content_type: str = "application/json"
) -> None:
    own = [("content-type", content_type), ("content-length", str(len(body))), ("request-id", f"req_{entry.number:06d}")]
    await out.head(status, [*own, *headers])
    if entry.method != "HEAD":
        await out.body(body)
    entry.whole = True


async def _generate(entry: Entry, turn: Turn, wire: Wire, out: Writer) -> None:
    if isinstance(turn.fault, Silence) and turn.fault.after_frames < 0:
        await asyncio.sleep(turn.fault.seconds)
    if isinstance(turn.fault, Refuse):
        fault = turn.fault
        await asyncio.sleep(fault.delay_s)
        body = wire.error(fault) if fault.body is None else fault.body
        await _json(entry, fault.status, body, fault.headers, out, fault.content_type)
        return
    if isinstance(turn.fault, Cut) and turn.fault.after_frames is not None and turn.fault.after_frames < 0:
        await out.cut(reset=turn.fault.reset)
        return
    if entry.stream:
        await _stream(entry, turn, wire, out)
    else:
        await _whole(entry, turn, wire, out)


async def _whole(entry: Entry, turn: Turn, wire: Wire, out: Writer) -> None:
    body = wire.whole(turn, entry.json, entry.model, entry.number)
    entry.tokens = turn.tokens
    if isinstance(turn.fault, Cut):
        await out.head(200, [("content-type", "application/json"), ("content-length", str(len(body)))])
        await out.body(body[: turn.fault.after_bytes or len(body) // 2])
        await out.cut(reset=turn.fault.reset)
        return
    await _json(entry, 200, body, turn.headers, out)


async def _stream(entry: Entry, turn: Turn, wire: Wire, out: Writer) -> None:
    headers = [("content-type", "text/event-stream"), ("cache-control", "no-cache"), ("transfer-encoding", "chunked")]
    await out.head(200, [*headers, ("request-id", f"req_{entry.number:06d}"), *turn.headers])
    frames = wire.frames(turn, entry.json, entry.model, entry.number)
    if turn.borders:
        frames = list(_cut_at(b"".join(frames), turn.borders))
    for index, frame in enumerate(frames):
        if await _break_off(entry, turn, wire, out, index):
            return
        if isinstance(turn.fault, Cut) and turn.fault.after_bytes is not None and len(entry.sent) + len(frame) > turn.fault.after_bytes:
            await out.chunk(frame[: turn.fault.after_bytes - len(entry.sent)])
            await out.cut(reset=turn.fault.reset)
            return
        await out.chunk(frame)
        entry.frames_sent += 1
        if turn.pace_s:
            await asyncio.sleep(turn.pace_s)
    entry.tokens = turn.tokens
    entry.whole = True  # before the last write: whoever reads the end may look at once
    await out.last_chunk()


async def _break_off(entry: Entry, turn: Turn, wire: Wire, out: Writer, index: int) -> bool:
    """The fault that is due before the frame `index`; whether the answer ends with it."""
    match turn.fault:
        case Silence(seconds=seconds, after_frames=after) if after == index:
            await asyncio.sleep(seconds)
        case Cut(after_frames=after, reset=reset) if after == index:
            await out.cut(reset=reset)
            return True
        case ErrorInStream(after_frames=after) as error if after == index:
            await out.chunk(wire.stream_error(error))
            await out.last_chunk()
            return True
        case EndEarly(after_frames=after) if after == index:
            await out.last_chunk()
            return True
        case _:
            pass
    return False


def _cut_at(data: bytes, borders: tuple[int, ...]) -> Iterator[bytes]:
    sizes = chain(borders, repeat(borders[-1]))
    at = 0
    while at < len(data):
        size = max(1, next(sizes))
        yield data[at : at + size]
        at += size
