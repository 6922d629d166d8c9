"""The kill loop with limits and budgets: after each `kill -9` every count is what the usage table says, in the files and in the process that goes on.

`KILL_ROUNDS` sets the rounds.
"""

import json
import random
import time
import urllib.request
from decimal import Decimal

import pytest

from headgate.app.budgets import budgets_of
from headgate.app.checkpoints import restored
from headgate.app.late_prices import LatePrices
from headgate.config.load import load
from headgate.core.budget import NANO_PER_USD
from headgate.core.clock import SystemClock
from headgate.core.model_names import only_itself
from headgate.core.principal import Principal
from headgate.policy.limits import CountedFor, LimitTable
from tests.e2e.asking import ANTHROPIC, CASES, Asking
from tests.e2e.crash import Crowd, marked_answer
from tests.e2e.lab import CLAUDE, KEY, USER, running
from tests.e2e.test_crash import wait_until_ready
from tests.e2e.test_kill_loop import ROUNDS, VICTIMS, kill_soon

CONFIG = f"""
[[groups]]
name = "staff"
members = ["{USER}"]

[[limits]]
endpoint = "*"
key = "endpoint"
per = "day"
requests = 1000000

[[limits]]
endpoint = "*"
key = "token"
per = "day"
tokens = 1000000000000

[[limits]]
endpoint = "databricks-claude-*"
key = "group"
principal = "staff"
per = "day"
input_tokens = 1000000000000

[[limits]]
endpoint = "databricks-gpt-*"
key = "user_default"
per = "day"
output_tokens = 1000000000000

[[budgets]]
name = "all"
per = "month"
usd = 1000000.0

[[budgets]]
name = "each, for Claude"
scope = "per_user"
endpoint = "databricks-claude-*"
per = "month"
usd = 1000000.0
"""


class Books:
    """What the usage table says, and what is counted."""

    def __init__(self, gateway):
        self.gateway = gateway
        file = gateway.folder / "headgate.toml"
        environ = {"HOME": str(gateway.folder), "LAB_KEY": KEY, "HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}
        configuration = load(str(file), environ, probe=lambda _address: None)
        self._limits = LimitTable(configuration.limits)
        self._budgets = budgets_of(configuration, only_itself, LatePrices(configuration.prices))

    def check(self, total):
        """All counts equal the rows, once those of all requests are there. Returns how the exchanges ended."""
        rows = self._rows(total)
        assert len({row["request_id"] for row in rows}) == len(rows)
        assert self._counted(rows) == self._expected(rows)
        return [row["ended"] for row in rows]

    def check_living(self, total):
        """The process that serves counts on from there."""
        with Asking(self.gateway.url, self.gateway.token, ANTHROPIC.path(stream=False), ANTHROPIC.body("mark-alive", stream=False)) as asking:
            assert asking.status == 200
            asking.rest()
            assert int(asking.answer.getheader("x-headgate-limit-remaining")) == 1_000_000 - total - 1
        rows = self._rows(total + 1)
        request = urllib.request.Request(f"{self.gateway.url}/api/2.0/headgate/me", headers={"Authorization": f"Bearer {self.gateway.token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            meters = {meter["name"]: meter for meter in json.load(answer)["budgets"]}
        for name, spent in self._expected(rows)[1].items():
            assert (round(Decimal(str(meters[name]["spent_usd"])), 6), meters[name]["reserved_usd"]) == (round(Decimal(spent) / NANO_PER_USD, 6), 0)
        return total + 1

    def _rows(self, total):
        """The rows of all that reached the provider or was under way."""
        deadline = time.monotonic() + 90
        while True:
            rows = [row for row in self.gateway.rows() if row["ended"] != "refused"]
            if len(rows) >= total or time.monotonic() > deadline:
                return rows
            time.sleep(0.3)

    def _counted(self, rows):
        """Requests, input and output of each count of each limit, and what each budget has spent."""
        dumped = restored(self.gateway.data, SystemClock(), lambda: self._budgets).store.dump()
        sums = {key: tuple(sum(parts[field::4]) for field in (1, 2, 3)) for key, parts in dumped.limits.items()}
        return sums, {record.name: record.spent for record in dumped.budgets}

    def _expected(self, rows):
        sums, spent = {}, {}
        for row in rows:
            principal = Principal(id=row["principal_id"], name=row["requester"], groups=frozenset({"staff"}))
            counts = self._limits.counts(row["endpoint_name"], CountedFor(principal, self.gateway.token_id, "", {}))
            cached = [row[f"cache_{kind}_tokens"] or 0 for kind in ("read", "write_5m", "write_1h")]
            used = (1, (row["fresh_input_tokens"] or 0) + sum(cached), row["output_tokens"] or 0)
            for count in (*counts.needed, *(count for parts in counts.either for part in parts for count in part)):
                sums[count.key] = tuple(map(sum, zip(sums.get(count.key, (0, 0, 0)), used, strict=True)))
            for name in ("all", "each, for Claude")[: 2 if row["endpoint_name"] == CLAUDE else 1]:
                spent[name] = spent.get(name, 0) + round(Decimal(row["charge"] or 0) * NANO_PER_USD)
        return sums, spent


def loop(tmp_path, provider, victims, streams):
    """Kill each victim in turn under streams; after each, hold the counts against the rows. Returns how the exchanges ended."""
    provider.answer = marked_answer
    ends = []
    with running(tmp_path / "gateway", provider, CONFIG) as gateway:
        books, crowd, chance = Books(gateway), Crowd(gateway), random.Random(4711)
        for number, victim in enumerate(victims):
            marks = [f"mark-{number}-{stream}" for stream in range(streams)]
            crowd.run(marks, lambda victim=victim: kill_soon(gateway, victim, chance))
            if victim == "tree":
                gateway.start()
            wait_until_ready(gateway)
            ends = books.check(len(provider.ledger.generations))
            books.check_living(len(ends))
            if number % 10 == 9:
                print(f"round {number + 1}: {len(ends)} exchanges, {ends.count('interrupted')} interrupted", flush=True)
        print(f"{len(victims)} rounds, {len(ends) + 1} exchanges: every count is what the usage table says; interrupted: {ends.count('interrupted')}")
        assert ends.count("completed") > 0
    return ends


def test_a_few_kills_change_no_count(tmp_path, provider):
    """The short form: the serving process, and everything."""
    assert "interrupted" in loop(tmp_path, provider, ("serving", "tree"), 9)


@pytest.mark.kill
def test_a_hundred_kills_change_no_count(tmp_path, provider):
    """Whatever process is killed, at whatever moment."""
    ends = loop(tmp_path, provider, [VICTIMS[number % len(VICTIMS)] for number in range(ROUNDS)], 3 * len(CASES))

    assert ends.count("interrupted") > ROUNDS
