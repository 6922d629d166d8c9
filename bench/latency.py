"""What an exchange waits for because of a gateway, at half of the load that it can carry: `python -m bench.latency [--seconds 6] [--rounds 3] [--rate N] [--dry]`.

Streams come on new connections at a fixed rate, straight to the provider and through the gateway in turns. What a percentile is larger by is what the gateway
adds. The whole load is where the serving process would use a core: its CPU of one stream is measured first, at a low rate.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

import msgspec

from bench.loads import Load
from bench.peers import Missing, Peer, best_headgate
from bench.processes import own_cpu_s, serving_pid
from bench.report import publish
from bench.runs import start_provider
from bench.stream_client import Found, paced

PORTS = (19521, 19522)
LOAD = Load("paced", 20, 0.01, 1, stream=True, per=1, unit="", divisor=1)
_PROBE_RATE = 150.0
_GOAL_MS = 5.0

_SECTION = """## What the first byte waits for

Streams of {events} events 10 ms apart, each on a connection of its own, {rate:.0f} a second: half of what one core of the serving process carries, at {cost_us:.0f} µs of CPU a
stream. They come at that rate whether earlier ones are answered or not. From before the connection until the first byte of the stream, in {rounds} rounds of
{seconds:.0f} s straight to the provider and as many through Headgate {version}; medians of the rounds.

| | median | 90 % | 99 % | 99.9 % |
|---|---|---|---|---|
| straight | {straight} |
| through Headgate | {through} |
| added | {added} |

{failed} of {streams:,} streams failed. The client was late by at most {late:.2f} ms for 99 of 100 streams. The machine's load was {load:.1f} on {cores} cores before the
run; client, provider and gateway share them. Goal: at most {goal:.0f} ms added at 99 %.
"""


class Added(msgspec.Struct, frozen=True):
    """The rounds of a measurement, straight and through the gateway."""

    straight: list[Found]
    through: list[Found]

    def medians(self, *, through: bool) -> list[float]:
        """Of each percentile the median of the rounds."""
        rounds = self.through if through else self.straight
        return [statistics.median(getattr(found, name) for found in rounds) for name in ("p50_ms", "p90_ms", "p99_ms", "p999_ms")]


def cost_s(peer: Peer, folder: Path, seconds: float) -> float:
    """Seconds of the serving process's CPU for one stream on a new connection."""
    serving = serving_pid(peer.process.pid)
    before_s = own_cpu_s(serving)
    found = paced(peer.url, peer.token, folder, _PROBE_RATE, seconds)
    return (own_cpu_s(serving) - before_s) / max(found.whole, 1)


def added(peer: Peer, folder: Path, rate: float, seconds: float, rounds: int) -> Added:
    """Measure in turns."""
    found = Added([], [])
    for _ in range(rounds):
        found.straight.append(paced(f"http://127.0.0.1:{PORTS[0]}/v1/messages", peer.token, folder, rate, seconds))
        found.through.append(paced(peer.url, peer.token, folder, rate, seconds))
    return found


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=0.0, help="streams a second; 0 is half of the load")
    parser.add_argument("--dry", action="store_true")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    provider = start_provider(PORTS[0], LOAD)
    try:
        with tempfile.TemporaryDirectory() as name:
            peer = best_headgate(PORTS[1], PORTS[0], Path(name))
            try:
                cost = cost_s(peer, Path(name), options.seconds)
                rate = options.rate or 0.5 / cost
                found = added(peer, Path(name), rate, options.seconds, options.rounds)
            finally:
                peer.stop()
    except Missing as missing:
        sys.exit(f"Not measured: {missing}")
    finally:
        provider.kill()
        provider.wait()
    publish(_section(found, rate, cost, options.seconds, peer.version, load), dry=options.dry)


def _section(found: Added, rate: float, cost: float, seconds: float, version: str, load: float) -> str:
    straight, through = found.medians(through=False), found.medians(through=True)
    rounds = [*found.straight, *found.through]

    def row(values: list[float]) -> str:
        return " | ".join(f"{value:.2f} ms" for value in values)

    return _SECTION.format(
        events=LOAD.events, rate=rate, cost_us=cost * 1e6, rounds=len(found.straight), seconds=seconds, version=version, straight=row(straight),
        through=row(through), added=row([more - less for more, less in zip(through, straight, strict=True)]),
        failed=sum(each.streams - each.whole for each in rounds), streams=sum(each.streams for each in rounds),
        late=statistics.median(each.late_p99_ms for each in rounds), load=load, cores=os.cpu_count(), goal=_GOAL_MS,
    )  # fmt: skip


if __name__ == "__main__":
    main()
