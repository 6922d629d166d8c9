"""What a translated exchange costs the serving process, without sockets: `python -m bench.pairs [instructions] [--pairs all]`.

Microseconds of the event loop's thread for a turn and an event, in turns with the same turn of a provider that speaks the client's dialect. With
`instructions` they are counted by valgrind in their place, which holds on a busy machine too: see `bench.instructions`. The difference of a short and a long
stream is what an event costs. `--pairs` is as for `bench.translated`.
"""

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass

import msgspec
import uvloop

from bench.agent_turns import agent_turn
from bench.instructions import CONNECTIONS, PROVIDER, TOKEN, Gate, exchange, gate, instructions, settle, snapshot_of
from bench.provider import STREAM_HEAD, STREAMS

EVENTS, EVENTS_MORE = 60, 260
_ROUNDS, _ROUNDS_MORE = 1, 2
_TURNS = 7
_MODELS = {"anthropic": "claude-opus-4-6", "openai_chat": "gpt-5.5", "openai_responses": "gpt-5.5", "gemini": "gemini-3-pro-preview"}
_PATHS = {
    "anthropic": "/anthropic/v1/messages",
    "openai_chat": "/openai/v1/chat/completions",
    "openai_responses": "/openai/v1/responses",
    "gemini": "/gemini/v1beta/models/{model}:streamGenerateContent?alt=sse",
}


@dataclass(frozen=True)
class Pair:
    """The dialects of a client and of the provider that answers it."""

    client: str
    provider: str

    @property
    def name(self) -> str:
        """As it is printed."""
        return f"{self.client}→{self.provider}"

    @property
    def model(self) -> str:
        """The model that is asked for."""
        return _MODELS[self.provider]

    @property
    def path(self) -> str:
        """Where it is asked at Headgate."""
        return _PATHS[self.client].format(model=self.model)

    @property
    def path_at_litellm(self) -> str:
        """Where it is asked at LiteLLM, which has no mounts."""
        return self.path.removeprefix(f"/{self.client.partition('_')[0]}")


PAIRS = (
    Pair("anthropic", "openai_responses"),
    Pair("anthropic", "openai_chat"),
    Pair("openai_responses", "anthropic"),
    Pair("gemini", "anthropic"),
)
NATIVE = (Pair("anthropic", "anthropic"), Pair("openai_responses", "openai_responses"))
EVERY = tuple(itertools.starmap(Pair, itertools.permutations(_MODELS, 2)))


def pairs_of(names: str) -> tuple[Pair, ...]:
    """The pairs that are named on a command line: `anthropic:gemini,gemini:gemini`, `all` for every translated one, or none for the usual ones."""
    if not names:
        return (*PAIRS, *NATIVE)
    return EVERY if names == "all" else tuple(Pair(*name.split(":")) for name in names.split(","))


def _opened(pair: Pair) -> Gate:
    provider = msgspec.structs.replace(PROVIDER, dialect=pair.provider, models=(pair.model,))
    return gate(tempfile.mkdtemp(), snapshot_of("turn", provider))


def _request(pair: Pair) -> bytes:
    content = agent_turn(pair.client, pair.model)
    head = (
        f"POST {pair.path} HTTP/1.1\r\nHost: 127.0.0.1:19502\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"content-type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _answer(pair: Pair, events: int) -> list[bytes]:
    return [STREAM_HEAD, *STREAMS[pair.provider](events), b"0\r\n\r\n"]


async def _cpu_us(pairs: tuple[Pair, ...]) -> dict[Pair, tuple[float, float]]:
    """Of each pair the microseconds of a turn, and of an event: medians of rounds that are made in turns."""
    gates = {pair: _opened(pair) for pair in pairs}
    answers = {(pair, events): _answer(pair, events) for pair in pairs for events in (EVENTS, EVENTS_MORE)}
    requests = {pair: _request(pair) for pair in pairs}
    settle()
    took: dict[tuple[Pair, int], list[float]] = {key: [] for key in answers}
    for _ in range(_TURNS):
        for (pair, events), answer in answers.items():
            began_s = time.thread_time()
            await exchange(gates[pair], [requests[pair]], answer, 1)
            took[pair, events].append((time.thread_time() - began_s) / CONNECTIONS * 1e6)
    figures: dict[Pair, tuple[float, float]] = {}
    for pair in pairs:
        turn_us = statistics.median(took[pair, EVENTS])
        figures[pair] = turn_us, (statistics.median(took[pair, EVENTS_MORE]) - turn_us) / (EVENTS_MORE - EVENTS)
    return figures


async def _serve(pair: Pair, events: int, rounds: int) -> None:
    """What valgrind watches. Ends at once, as in `bench.instructions`."""
    opened, asked, answer = _opened(pair), [_request(pair)], _answer(pair, events)
    settle()
    await exchange(opened, asked, answer, rounds)
    os._exit(0)


def counted(pair: Pair) -> tuple[float, float]:
    """Instructions of a turn, and of an event."""

    def of(events: int, rounds: int) -> int:
        return instructions("bench.pairs", pair.client, pair.provider, str(events), str(rounds))

    few = of(EVENTS, _ROUNDS)
    turn = (of(EVENTS, _ROUNDS_MORE) - few) / (_ROUNDS_MORE - _ROUNDS) / CONNECTIONS
    return turn, (of(EVENTS_MORE, _ROUNDS) - few) / _ROUNDS / CONNECTIONS / (EVENTS_MORE - EVENTS)


def main() -> None:
    """Measure, or be measured."""
    if sys.argv[-1].isdigit():
        uvloop.run(_serve(Pair(*sys.argv[1:3]), int(sys.argv[3]), int(sys.argv[4])))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=("instructions",))
    parser.add_argument("--pairs", default="")
    options = parser.parse_args()
    pairs = pairs_of(options.pairs)
    if options.what:
        for pair in pairs:
            turn, event = counted(pair)
            print(f"{pair.name:34} {turn:12,.0f} instructions a turn {event:9,.0f} an event", flush=True)
        return
    for pair, (turn_us, event_us) in uvloop.run(_cpu_us(pairs)).items():
        print(f"{pair.name:34} {turn_us / 1000:6.2f} ms a turn {event_us:6.1f} µs an event")


if __name__ == "__main__":
    main()
