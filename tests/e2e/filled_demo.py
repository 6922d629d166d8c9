"""A gateway whose store has the demo's month: what tests of pages look at."""

import contextlib
import time
from collections.abc import Generator
from pathlib import Path

from headgate.storage.query.usage import read_usage
from headgate.storage.rows.rates import lazy_rates
from tests.e2e.lab import Gateway, running

MONTH = 15_000  # exchanges; the demo makes a few more


def requests_of(gateway: Gateway, count: int, timeout_s: float = 120.0) -> int:
    """How many exchanges there are, once there are at least so many."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = sum(group["requests"] for group in read_usage(gateway.data, lazy_rates(gateway.data)).grouped("agent"))
        if found >= count:
            return int(found)
        assert time.monotonic() < deadline, f"{found} exchanges, not {count}"
        time.sleep(0.2)


@contextlib.contextmanager
def filled_demo(folder: Path, extra: str = "") -> Generator[Gateway]:
    """`headgate up --demo` with its month; ended afterwards."""
    with running(folder, None, extra, ("--demo",), {"HEADGATE_DEMO_FILL": "true"}) as gateway:
        requests_of(gateway, MONTH)
        yield gateway
