"""From the command to the first answer on /readyz with a large store, many rules in the file and the counts of everyone: for `bench.governance`."""

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.peers import Serves, headgate, keep_bytecode
from headgate.core.budget import NANO_PER_USD, Budget
from headgate.core.clock import SystemClock
from headgate.core.endpoint_grant import EndpointGrant
from headgate.core.limit import Limit
from headgate.core.principal import Principal
from headgate.policy.limits import CountedFor, LimitTable
from headgate.policy.reservations import Reservations
from headgate.policy.wants import Wants
from headgate.storage.journal import checkpoint

_ENDPOINT = "claude-opus-4-6"
_PORT, _PROVIDER_PORT = 19501, 19502
_STARTS = 5
_SPACING_S = 10


class Governed(NamedTuple):
    """What a start has to load."""

    limits: Sequence[Limit]
    budgets: Sequence[Budget]
    grants: Sequence[EndpointGrant]
    principals: Sequence[Principal]


def started(governed: Governed) -> dict[str, float]:
    """The fastest of several starts, on the empty store and then on the large one; nothing on a machine that is busy with something else."""
    if os.getloadavg()[0] > (os.cpu_count() or 1):
        return {}
    keep_bytecode(Path(sys.executable))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        empty_s = min(_starts(root, ""))
        _fill(root / "data", governed)
        return {"empty_start_s": empty_s, "start_s": min(_starts(root, _rules_text(governed)))}


def _starts(root: Path, rules: str) -> Iterator[float]:
    for _ in range(_STARTS):
        peer = headgate(_PORT, _PROVIDER_PORT, root, Serves(more=rules))
        yield peer.ready_s
        peer.stop()


def _rules_text(governed: Governed) -> str:
    """The rules as the configuration file has them, after a provider with the models that they name."""
    models = sorted({rule.endpoint for rule in (*governed.limits, *governed.grants)} - {_ENDPOINT, "*", "claude-*"})
    lines = [f'[[providers]]\nname = "others"\ndialect = "anthropic"\nbase_url = "http://127.0.0.1:{_PROVIDER_PORT}"\napi_key = "env:BENCH_KEY"']
    lines.append(f"models = {models}")
    for limit in governed.limits:
        lines.append(f'[[limits]]\nendpoint = "{limit.endpoint}"\nkey = "{limit.key}"\nper = "{limit.per}"')
        lines += [f"{measure} = {maximum}" for measure, maximum in limit.bounds]
        lines += [f'principal = "{limit.holder}"'] if limit.holder else []
    for budget in governed.budgets:
        lines.append(f'[[budgets]]\nname = "{budget.name}"\nper = "{budget.per}"\nusd = {budget.nano_usd // NANO_PER_USD}')
        lines += ['scope = "per_user"'] if budget.per_user else []
        lines += [f'group = "{budget.holder}"'] if budget.holder else []
    lines += [f'[[grants]]\nprincipal = "{grant.principal}"\nendpoint = "{grant.endpoint}"' for grant in governed.grants]
    return "\n".join(lines) + "\n"


def _fill(data: Path, governed: Governed) -> None:
    """Give the store these principals in their groups, each with a token like the one that exists, and the checkpoint the counts of their last two minutes."""
    groups = sorted({group for principal in governed.principals for group in principal.groups})
    named = [(principal.id, principal.name, "USER") for principal in governed.principals] + [(group, group, "GROUP") for group in groups]
    with sqlite3.connect(data / "state.db") as state:
        for own in ({"id": principal_id, "name": name, "kind": kind, "roles": '["member"]'} for principal_id, name, kind in named):
            _copy(state, "principals", "bench@example.com", own)
        for number, principal in enumerate(governed.principals):
            _copy(state, "tokens", "bench", {"id": f"tok_{number}", "principal_id": principal.id, "digest": os.urandom(32)})
        state.executemany(
            "INSERT INTO memberships VALUES (?, ?)",
            [(group, principal.id) for principal in governed.principals for group in sorted(principal.groups)],
        )
        state.execute("UPDATE state_version SET version = version + 1, access_version = access_version + 1")
    table, reservations, clock = LimitTable(governed.limits), Reservations(), SystemClock()
    now_s = clock.wall_ns() / 1e9
    for ago_s in range(120, 0, -_SPACING_S):
        for number, principal in enumerate(governed.principals):
            counts = table.counts(_ENDPOINT, CountedFor(principal, "", "", {}))
            reservations.reserve(Wants(f"req_{number}", counts, 100, 100), now_s - ago_s)
    writers = found.writers if (found := checkpoint.read_checkpoint(str(data))) is not None else {}
    encoded = checkpoint.encode(checkpoint.checkpoint_of(reservations.dump(now_s), writers, clock))
    checkpoint.write_checkpoint(str(data), encoded)


def _copy(state: sqlite3.Connection, table: str, name: str, own: dict[str, object]) -> None:
    """A row like the first one of this name, with `own` values in it."""
    columns = [column for _, column, *_ in state.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(f":{column}" if column in own else column for column in columns)
    state.execute(f"INSERT INTO {table} SELECT {values} FROM {table} WHERE name = :copied ORDER BY rowid LIMIT 1", {**own, "copied": name})
