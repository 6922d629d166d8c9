"""The kill loop: `kill -9` a hundred times under streams and exports, then hold every row against the provider's ledger and the clients' acknowledgements.

`KILL_ROUNDS` sets the rounds.
"""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.crash import Crowd, check_marks, marked_answer
from tests.e2e.exporters import Exporters
from tests.e2e.lab import descendants
from tests.e2e.test_crash import wait_until_ready

ROUNDS = int(os.environ.get("KILL_ROUNDS", "100"))
VICTIMS = ("serving", "flusher", "both", "tree", "any")


def pids_of(gateway, victim):
    """The processes to kill."""
    below = descendants(gateway.process.pid)
    if victim == "any":
        return [random.choice(below)]
    words = {
        "serving": (b"headgate.cli.serving",),
        "flusher": (b"headgate.storage.flusher",),
        "both": (b"headgate.cli.serving", b"headgate.storage.flusher"),
    }[victim]
    return [pid for pid in below if any(word in command_line(pid) for word in words)]


def command_line(pid):
    """How a process was started; nothing of one that has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill_soon(gateway, victim, chance):
    """After a moment, and all at once."""
    time.sleep(chance.uniform(0.03, 0.6))
    if victim == "tree":
        gateway.kill_all()
        return
    for pid in pids_of(gateway, victim):
        os.kill(pid, signal.SIGKILL)


def loop(provider, gateway, victims, streams):
    """Kill each victim in turn; streams begin anew in each round, exports go on all the time. Returns how the exchanges ended, and how many exports were sent again."""
    provider.answer = marked_answer
    crowd, exporters = Crowd(gateway), Exporters(gateway)
    exporters.create_tables()
    exporters.start()
    chance = random.Random(4711)
    try:
        for number, victim in enumerate(victims):
            crowd.run([f"mark-{number}-{stream}" for stream in range(streams)], lambda victim=victim: kill_soon(gateway, victim, chance))
            if victim == "tree":
                gateway.start()
            wait_until_ready(gateway)
            if number % 20 == 19:
                print(f"round {number + 1}: {dict(check_marks(gateway, provider, crowd))}, {len(exporters.acknowledged)} exports", flush=True)
    finally:
        exporters.stop()
    exported = exporters.check()
    ends = check_marks(gateway, provider, crowd)
    print(
        f"{len(victims)} rounds, {len(provider.ledger.generations)} exchanges, {exported} exports of which {exporters.repeated} were sent again: "
        f"0 lost, 0 doubled; {dict(ends)}; answers other than 200: {dict(exporters.refused)}"
    )
    return ends, exporters.repeated


def test_a_few_kills(provider, gateway):
    """The short form: serving process, flusher, both."""
    ends, _ = loop(provider, gateway, VICTIMS[:3], 8)

    assert ends["interrupted"] > 0


@pytest.mark.kill
def test_kill_loop(provider, gateway):
    """Whatever process is killed, at whatever moment: 0 exchanges and 0 acknowledged exports lost, none doubled."""
    ends, repeated = loop(provider, gateway, [VICTIMS[number % len(VICTIMS)] for number in range(ROUNDS)], 24)

    assert ends["interrupted"] > ROUNDS
    assert ends["completed"] > 0
    assert repeated > 0
