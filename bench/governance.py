"""What permission, limits and budgets cost at 10,000 principals, 500 groups and 1,000 rules: `python -m bench.governance [--dry]`.

Side by side with the same exchanges without rules: microseconds of CPU for an exchange, in turns, so that a busy machine slows both down. Then the memory of
what is counted, how long the event loop copies it for a checkpoint, and the time from start to ready with 10,000 tokens and the counts of all principals.
Last the instructions of an exchange with and without rules, which hold on a busy machine too. It rewrites its section of docs/benchmarks.md.
"""

import gc
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import uvloop

from bench.governed_start import Governed, started
from bench.instructions import CONNECTIONS, PEPPER, PROVIDER, Gate, exchange, gate, per_exchange, request
from bench.processes import resident_mb
from bench.provider import JSON_ANSWER
from bench.report import governance_section, publish
from headgate.core.access_token import AccessToken
from headgate.core.budget import Budget, BudgetAction
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.limit import Limit
from headgate.core.principal import Principal
from headgate.core.principal_name import PrincipalName
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.snapshot import Snapshot
from headgate.metering.price_data import PriceBook
from headgate.metering.spending_prices import SpendingPrices
from headgate.policy.authenticate import TokenTable, compose_token, digest
from headgate.policy.budgets import BudgetTable
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.permissions import PermissionTable
from headgate.policy.reservations import Reservations
from headgate.policy.wants import Wants
from headgate.routing.table import EndpointTable
from headgate.storage.rows.rates import read_overlay

PRINCIPALS, GROUPS = 10_000, 500
_ENDPOINT = "claude-opus-4-6"
_TURNS, _ROUNDS = 15, 20


def _limit(endpoint: str, key: str, per: str, holder: str = "") -> Limit:
    bounds = (("requests", 10**6), ("tokens", 10**12))
    return Limit(id=f"{endpoint}\n{key}\n{holder}\n{per}", endpoint=endpoint, key=key, per=per, holder=holder, bounds=bounds)


def limits(applying: int = 4) -> list[Limit]:
    """400 limits, of which two or four apply to a request: all together and each user; then each user by the hour, and one of the user's groups."""
    all_applying = [_limit("*", "endpoint", "minute"), _limit("*", "user_default", "minute")]
    if applying > 2:
        all_applying += [_limit(_ENDPOINT, "group", "hour", f"team-{number}") for number in range(5)] + [_limit(_ENDPOINT, "user_default", "hour")]
    others = [_limit(f"model-{model}", "user", "day", f"user-{number}") for model in range(20) for number in range(20)]
    return [*all_applying, *others][:400]


def budgets(applying: int = 3) -> list[Budget]:
    """300 budgets, of which one or three apply to a request: each user; then all together, and one of the user's groups."""
    blocks = (BudgetAction(100.0, "block"),)
    each = Budget(name="each", nano_usd=10**18, per="day", per_user=True, actions=blocks)
    shared = [Budget(name="all", nano_usd=10**18, per="month", actions=blocks)] if applying > 1 else []
    first = 0 if applying > 1 else GROUPS  # groups without a principal of these
    teams = [
        Budget(name=f"team {number}", nano_usd=10**18, per="month", holder_kind="group", holder=f"team-{number}", actions=blocks)
        for number in range(first, first + 299 - len(shared))
    ]
    return [each, *shared, *teams]


def grants() -> list[EndpointGrant]:
    """300 grants, of which the one of the user's group is for the endpoint."""
    return [EndpointGrant(PrincipalName(f"team-{number}"), "claude-*" if number < 5 else f"model-{number}") for number in range(300)]


def principals() -> list[Principal]:
    """Each in three of the groups, the first one of five."""
    chance = random.Random(1)
    return [
        Principal(
            id=f"usr_{number}",
            name=f"user-{number}",
            groups=frozenset({f"team-{number % 5}", f"team-{chance.randrange(5, 298)}", f"team-{chance.randrange(298, GROUPS)}"}),
            scopes=frozenset({"inference"}),
        )
        for number in range(PRINCIPALS)
    ]


def snapshots() -> tuple[Snapshot, Snapshot, Snapshot, list[bytes]]:
    """Without rules, with few and with many that apply, over the same 10,000 tokens; and a request with each token."""
    secrets = [compose_token(number.to_bytes(32, "big")) for number in range(PRINCIPALS)]
    found = {
        digest(PEPPER, secret): AccessToken(id=f"tok_{principal.id}", name="bench", principal=principal)
        for secret, principal in zip(secrets, principals(), strict=True)
    }
    plain = Snapshot(1, TokenTable(found), EndpointTable((PROVIDER,)))
    few, many = governed(plain, limits(2), budgets(1)), governed(plain, limits(), budgets())
    return plain, few, many, [request("small", secret) for secret in secrets]


def governed(plain: Snapshot, limited: list[Limit], budgeted: list[Budget]) -> Snapshot:
    """The snapshot with 300 grants and these limits and budgets."""
    return msgspec.structs.replace(
        plain,
        permissions=PermissionTable(tuple(grants()), frozenset(f"team-{number}" for number in range(GROUPS))),
        limits=LimitTable(limited),
        budgets=Budgets(BudgetTable(budgeted), SpendingPrices(PriceBook.load(overlay=read_overlay()).rates)),
    )


async def cpu_us(opened: Gate, asked: list[bytes]) -> float:
    """Microseconds of the event loop's thread for an exchange."""
    began_s = time.thread_time()
    await exchange(opened, asked, [JSON_ANSWER], _ROUNDS)
    return (time.thread_time() - began_s) / _ROUNDS / CONNECTIONS * 1e6


async def compare() -> dict[str, float]:
    """In turns, each with requests of other principals; then again and again with those of the same."""
    *compared, requests = snapshots()
    gates = [gate(tempfile.mkdtemp(), snapshot) for snapshot in compared]
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # as in the serving process
    took = [[await cpu_us(opened, requests[turn * 640 : (turn + 1) * 640]) for opened in gates] for turn in range(_TURNS)]
    without_us, few_us, many_us = (statistics.median(each) for each in zip(*took, strict=True))
    took = [[await cpu_us(opened, requests[:640]) for opened in gates] for _ in range(_TURNS)]
    further_few_us, further_many_us = (statistics.median(each[place] - each[0] for each in took) for place in (1, 2))
    return {
        "without_us": without_us,
        "first_few_us": few_us - without_us,
        "further_few_us": further_few_us,
        "first_many_us": many_us - without_us,
        "further_many_us": further_many_us,
    }


def counted() -> dict[str, float]:
    """The memory of all counts of 10,000 principals, and how long they are copied."""
    table, reservations, people = LimitTable(limits()), Reservations(), principals()
    before_mb = resident_mb_of_self()
    for second in range(0, 120, 10):
        for number, principal in enumerate(people):
            counts = table.counts(_ENDPOINT, CountedFor(principal, "", "", {}))
            reservations.reserve(Wants(f"req_{number}", counts, 100, 100), float(second))
    took: list[float] = []
    for _ in range(5):
        began_s = time.perf_counter()
        size = len(msgspec.msgpack.encode(reservations.dump(120.0)))
        took.append(time.perf_counter() - began_s)
    grown_mb = resident_mb_of_self() - before_mb
    return {"counts": len(reservations.counters), "counts_mb": grown_mb, "checkpoint_mb": size / 1e6, "checkpoint_ms": min(took) * 1e3}


def resident_mb_of_self() -> float:
    """Resident megabytes of this process."""
    return resident_mb(int(Path("/proc/self").resolve().name))


def counted_instructions() -> dict[str, float]:
    """Of a small exchange, and of the same where a grant, two limits and a budget apply to it; nothing where valgrind is missing."""
    if shutil.which("valgrind") is None:
        return {}
    return {"instructions": per_exchange("small"), "governed_instructions": per_exchange("governed")}


def main() -> None:
    """Measure all, print it, and write it down."""
    load = os.getloadavg()[0]
    figures = (
        uvloop.run(compare())
        | counted()
        | started(Governed(limits(), budgets(), grants(), principals()))
        | counted_instructions()
        | {"load": load, "cores": os.cpu_count() or 1}
    )
    section = governance_section(figures)
    publish(section, dry="--dry" in sys.argv)


if __name__ == "__main__":
    main()
