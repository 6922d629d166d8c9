"""What translated turns of an agent cost, beside native ones and beside LiteLLM: `python -m bench.translated [--pairs all] [--peers headgate] [--dry]`.

`--pairs` names others than the usual ones (`gemini:openai_chat,openai_chat:anthropic`), or all twelve; the page has the usual ones, so that is a dry run.
Through real sockets and whole gateways, each started before the scripted provider that speaks the pair's second dialect. It rewrites its section of
docs/benchmarks.md.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.agent_turns import agent_turn
from bench.loads import Load
from bench.pairs import EVENTS, EVENTS_MORE, Pair, pairs_of
from bench.peers import Missing, Peer, Serves, best_headgate, litellm
from bench.processes import own_cpu_s, serving_pid
from bench.report import TranslatedCost, publish, translation_section
from bench.runs import start_provider
from bench.turn_client import ask

PORTS = (19503, 19504)
_CONNECTIONS, _GAP_S = 24, 0.01

PEERS: dict[str, Callable[[Pair, Path], Peer]] = {
    "headgate": lambda pair, folder: best_headgate(PORTS[1], PORTS[0], folder, Serves(pair.provider, pair.model, pair.path)),
    "litellm": lambda pair, folder: litellm(PORTS[1], PORTS[0], folder, Serves(pair.provider, pair.model, pair.path_at_litellm)),
}


def _turn_s(name: str, pair: Pair, events: int, turns: int) -> tuple[str, float]:
    """The peer's version, and the seconds of CPU of its serving process for a turn."""
    provider = start_provider(PORTS[0], Load("translated", events, _GAP_S, _CONNECTIONS, stream=True, per=1, unit="", divisor=1))
    try:
        with tempfile.TemporaryDirectory() as folder:
            peer = PEERS[name](pair, Path(folder))
            try:
                pid, body = serving_pid(peer.process.pid), agent_turn(pair.client, pair.model)
                ask(peer, body, _CONNECTIONS, _CONNECTIONS, events)
                before_s = own_cpu_s(pid)
                ask(peer, body, turns, _CONNECTIONS, events)
                used_s = own_cpu_s(pid) - before_s
            finally:
                peer.stop()
    finally:
        provider.kill()
        provider.wait()
    return peer.version, used_s / turns


def measured(name: str, pair: Pair, turns: int) -> TranslatedCost:
    """What a peer uses for a pair, from streams of two lengths."""
    try:
        version, turn_s = _turn_s(name, pair, EVENTS, turns)
        _, longer_s = _turn_s(name, pair, EVENTS_MORE, turns)
    except Missing as missing:
        return TranslatedCost(pair.name, name, reason=str(missing))
    return TranslatedCost(pair.name, name, version, turn_s, (longer_s - turn_s) / (EVENTS_MORE - EVENTS))


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--pairs", default="")
    parser.add_argument("--turns", type=int, default=240)
    parser.add_argument("--dry", action="store_true", help="print only; leave docs/benchmarks.md as it is")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    lines: list[TranslatedCost] = []
    for pair in pairs_of(options.pairs):
        for name in options.peers.split(","):
            line = measured(name, pair, options.turns)
            lines.append(line)
            print(f"{pair.name:34} {name:9} {line.reason or f'{line.turn_s * 1e3:7.2f} ms a turn {line.event_s * 1e6:7.1f} µs an event'}", flush=True)
    publish(translation_section(lines, load, os.cpu_count() or 1), dry=options.dry or bool(options.pairs))


if __name__ == "__main__":
    main()
