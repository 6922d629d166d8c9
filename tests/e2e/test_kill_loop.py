"""The kill loop: `kill -9` a hundred times under streams, then hold every row against the provider's ledger.

`KILL_ROUNDS` sets the rounds.
"""

import os
import random
import signal
import time

import pytest

from tests.e2e.crash import Crowd, check_marks, marked_answer
from tests.e2e.lab import descendants
from tests.e2e.test_crash import wait_until_ready

ROUNDS = int(os.environ.get("KILL_ROUNDS", "100"))
STREAMS = 24


@pytest.mark.kill
def test_kill_loop(provider, gateway):
    """Whatever process is killed, at whatever moment: 0 exchanges lost, 0 doubled."""
    provider.answer = marked_answer
    crowd = Crowd(gateway)
    chance = random.Random(4711)

    def kill_soon(how):
        time.sleep(chance.uniform(0.03, 0.6))
        if how == "tree":
            gateway.kill_all()
            return
        victim = gateway.serving_pid() if how == "serving" else chance.choice(descendants(gateway.process.pid))
        os.kill(victim, signal.SIGKILL)

    for number in range(ROUNDS):
        how = ("serving", "tree", "any")[number % 3]
        crowd.run([f"mark-{number}-{stream}" for stream in range(STREAMS)], lambda how=how: kill_soon(how))
        if how == "tree":
            gateway.start()
        wait_until_ready(gateway)
        if number % 20 == 19:
            print(f"round {number + 1}: {dict(check_marks(gateway, provider, crowd))}", flush=True)
    ends = check_marks(gateway, provider, crowd)
    print(f"{ROUNDS} rounds, {len(provider.ledger.generations)} exchanges: 0 lost, 0 doubled; {dict(ends)}")
    assert ends["interrupted"] > ROUNDS
    assert ends["completed"] > 0
