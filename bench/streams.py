"""Ten thousand streams that are open at once, and what one holds: `python -m bench.streams [--streams 10000] [--rate 400] [--dry]`.

Each stream has a client's and a provider's socket in the gateway, so that the system's hard limit of open files may allow fewer: the run says so. Small
requests, and then fewer streams with an agent's request of 300 KB. At the end more streams than a small limit allows: what becomes of them.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from bench.loads import LOADS, Load, body
from bench.peers import Missing, Peer, best_headgate
from bench.processes import own_cpu_s, resident_mb, serving_pid
from bench.report import publish
from bench.runs import start_provider
from bench.stream_client import held
from headgate.web.front import OpenFiles

PORTS = (19531, 19532)
_EVENT_GAP_S = 2.0
_OWN_FILES = 64  # what the gateway has open beside connections
_TURNS = 1_000
_FEW_FILES = 1_024
_STEADY_S = 5.0
_GOAL_MB = 1_000

_SECTION = """## Streams that are open at once

{opened:,} streams at once, an event every {gap:.0f} s in each; {failed} failed, {whole:,} ended whole. Headgate {version}.{bound}

| | |
|---|---|
| the serving process before | {before_mb:.0f} MB |
| with {opened:,} streams of a request of 2 KB | **{open_mb:.0f} MB** |
| a stream of these | {stream_kib:.0f} KiB |
| a stream of a request of 300 KB, of {turns:,} at once | {turn_kib:.0f} KiB |
| after the streams have ended | {after_mb:.0f} MB |
| CPU of the serving process while all are open | {cpu:.0%} of a core, for {rate:,.0f} events a second |

Goal: 10,000 streams in at most {goal:,} MB. A connection is an open file, and each stream needs two. At its start Headgate raises its limit of open files to the
hard one. With a limit of {few:,}, {few_asked:,} streams were asked for: {few_open:,} came, and {few_refused}.
"""


class Opened(msgspec.Struct, frozen=True):
    """What was found with streams open. `version` is the gateway's."""

    version: str
    streams: int
    opened: int
    whole: int
    refused: dict[str, int]
    before_mb: float
    open_mb: float
    after_mb: float
    cpu: float

    @property
    def stream_kib(self) -> float:
        """What one stream holds."""
        return (self.open_mb - self.before_mb) * 1e6 / 1024 / max(self.opened, 1)


def most_streams() -> int:
    """As many as the hard limit of open files allows a gateway on this machine."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (hard - OpenFiles(hard).reserve - _OWN_FILES) // 2


def opened(streams: int, rate: float, content: bytes = b"") -> Opened:
    """Open so many, look, and wait for their end."""
    events = int((streams / rate + 3 * _STEADY_S) * 1.3 / _EVENT_GAP_S) + 6
    provider = start_provider(PORTS[0], Load("open", events, _EVENT_GAP_S, streams, stream=True, per=1, unit="", divisor=1))
    try:
        with tempfile.TemporaryDirectory() as name:
            peer = best_headgate(PORTS[1], PORTS[0], Path(name))
            try:
                return _look(peer, Path(name), streams, rate, content)
            finally:
                peer.stop()
    finally:
        provider.kill()
        provider.wait()


def _look(peer: Peer, folder: Path, streams: int, rate: float, content: bytes) -> Opened:
    serving = serving_pid(peer.process.pid)
    before_mb = resident_mb(serving)
    with held(peer.url, peer.token, folder, streams, rate, content) as client:
        before_s = own_cpu_s(serving)
        time.sleep(_STEADY_S)
        cpu, open_mb = (own_cpu_s(serving) - before_s) / _STEADY_S, resident_mb(serving)
        ended = client.end()
        after_mb = resident_mb(serving)
    return Opened(peer.version, streams, client.began.open, ended.whole, ended.refused, before_mb, open_mb, after_mb, cpu)


def _with_few_files(streams: int) -> Opened:
    """Where the limit of open files is small: for this process's children, the gateway among them."""
    command = [sys.executable, "-m", "bench.streams", "--streams", str(streams), "--json"]
    limits = (_FEW_FILES, _FEW_FILES)
    done = subprocess.run(command, capture_output=True, check=True, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limits))
    return msgspec.json.decode(done.stdout, type=Opened)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=400.0, help="how many are opened a second")
    parser.add_argument("--json", action="store_true", help="open them, however many the limit allows, and print what was found")
    parser.add_argument("--dry", action="store_true")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        if options.json:
            print(msgspec.json.encode(opened(options.streams, options.rate)).decode())
            return
        many = opened(min(options.streams, most_streams()), options.rate)
        print(many, flush=True)
        turns = opened(min(_TURNS, options.streams), options.rate / 4, body(next(load for load in LOADS if load.name == "turn")))
        print(turns, flush=True)
        few = _with_few_files(_FEW_FILES * 3 // 5)
    except Missing as missing:
        sys.exit(f"Not measured: {missing}")
    publish(_section(options.streams, many, turns, few), dry=options.dry)


def _section(wanted: int, many: Opened, turns: Opened, few: Opened) -> str:
    bound = ""
    if many.streams < wanted:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        whole_mb = many.before_mb + wanted * many.stream_kib * 1024 / 1e6
        bound = f" The machine's hard limit of open files, {hard:,}, allows no more; {wanted:,} of these would take {whole_mb:.0f} MB."
    refused = ", ".join(f"{count} were {why}" for why, count in few.refused.items()) or "none was refused"
    return _SECTION.format(
        opened=many.opened, gap=_EVENT_GAP_S, failed=many.streams - many.opened, whole=many.whole, version=many.version, bound=bound,
        before_mb=many.before_mb, open_mb=many.open_mb, stream_kib=many.stream_kib, turns=turns.opened, turn_kib=turns.stream_kib,
        after_mb=many.after_mb, cpu=many.cpu, rate=many.opened / _EVENT_GAP_S, goal=_GOAL_MB, few=_FEW_FILES, few_asked=few.streams,
        few_open=few.opened, few_refused=refused,
    )  # fmt: skip


if __name__ == "__main__":
    main()
