"""One measured run: load a peer with wrk and read what its process tree used."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bench.agent_head import agent_headers
from bench.loads import Load, write_body
from bench.peers import PEERS, ROOT, TITLES, Missing, Peer
from bench.processes import cpu_s, resident_mb, serving_pid

_IDLE_S = 1.5
WARM_S = 2
_DRAIN_S_MAX = 60.0
_START_S_MAX = 30.0
_ROWS = re.compile(r"^headgate_usage_rows_total\{.*\} (\d+)$", re.MULTILINE)
_REQUESTS = re.compile(r"(\d+) requests in")
_FAILED = re.compile(r"Non-2xx or 3xx responses: (\d+)")


@dataclass
class Result:
    """What one peer used under one load. `cost_s` is CPU per exchange, event or turn."""

    peer: str
    version: str
    load: str
    cost_s: float
    requests: int
    failed: int
    resident_mb: float
    reason: str = ""


def start_provider(port: int, load: Load) -> subprocess.Popen[bytes]:
    """The scripted provider for a load. It listens when this returns."""
    process = subprocess.Popen([sys.executable, "-m", "bench.provider", str(port), str(load.events), str(load.gap_s)], cwd=ROOT)
    end_s = time.monotonic() + _START_S_MAX
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > end_s:
                raise
            time.sleep(0.05)
        else:
            return process


def wrk(peer: Peer, load: Load, body: Path, seconds: int) -> tuple[int, int]:
    """Requests done and requests failed."""
    headers = ";".join(f"{name}={value}" for name, value in peer.headers.items())
    agent = "\n".join(f"{name}: {value}" for name, value in agent_headers()) if load.agent_head else ""
    environment = {**os.environ, "BODY": str(body), "TOKEN": peer.token, "HEADERS": headers, "AGENT_HEADERS": agent}
    command = ["wrk", "-t1", f"-c{load.connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(ROOT / "bench" / "body.lua"), peer.url]
    text = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    done, failed = _REQUESTS.search(text), _FAILED.search(text)
    return int(done[1]) if done else 0, int(failed[1]) if failed else 0


def metrics(peer: Peer) -> str:
    """What Headgate says of itself."""
    request = urllib.request.Request("/".join([*peer.url.split("/")[:3], "metrics"]), headers={"Authorization": f"Bearer {peer.admin_token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


def drain(peer: Peer, exchanges: int) -> None:
    """Wait until Headgate has a row for each exchange, so that the flusher's work for all of them is counted. Others only rest."""
    time.sleep(_IDLE_S)
    end_s = time.monotonic() + _DRAIN_S_MAX
    while peer.admin_token and time.monotonic() < end_s:
        if sum(map(int, _ROWS.findall(metrics(peer)))) >= exchanges:
            return
        time.sleep(1.0)
    if peer.admin_token:
        raise TimeoutError(f"not every one of {exchanges} exchanges has a row after {_DRAIN_S_MAX:.0f} s")


def measure(name: str, load: Load, ports: tuple[int, int], seconds: int) -> Result:
    """Start a peer, warm it, load it, and count."""
    provider = start_provider(ports[0], load)
    title = TITLES.get(name, name)
    with tempfile.TemporaryDirectory() as name_of_folder:
        folder = Path(name_of_folder)
        try:
            peer = PEERS[name](ports[1], ports[0], folder)
        except Missing as missing:
            provider.kill()
            provider.wait()
            return Result(title, "", load.name, 0.0, 0, 0, 0.0, str(missing))
        try:
            body = write_body(load, folder)
            warmed, _ = wrk(peer, load, body, WARM_S)
            drain(peer, warmed)
            before_s = cpu_s(peer.process.pid)
            done, failed = wrk(peer, load, body, seconds)
            drain(peer, warmed + done)
            used_s = cpu_s(peer.process.pid) - before_s
            resident = resident_mb(serving_pid(peer.process.pid))
        finally:
            peer.stop()
            provider.kill()
            provider.wait()
    return Result(title, peer.version, load.name, used_s / max(done, 1) / load.per, done, failed, resident)
