"""A gateway whose store has the demo's month: what tests of pages look at."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Generator
from pathlib import Path

from headgate.storage.query.usage import read_usage
from headgate.storage.rows.rates import lazy_rates
from tests.e2e.lab import ALONE, Gateway, headgate, running

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
def filled_demo(folder: Path, extra: str = "", *, live: bool = True) -> Generator[Gateway]:
    """`headgate up --demo` over a copy of a store with the month; ended afterwards. `live`: more is added while it runs."""
    shutil.copytree(_filled_store(folder), folder / "data", ignore=shutil.ignore_patterns("*.sock"))
    with running(folder, None, extra, ("--demo",), {"HEADGATE_DEMO_FILL": str(live).lower()}) as gateway:
        requests_of(gateway, MONTH)
        yield gateway


def _filled_store(folder: Path) -> Path:
    """A data directory that the demo has filled. The first that asks for it in a run of the tests fills it; the other processes of the run wait."""
    run = folder.parent.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder.parent
    gateway = Gateway(run / "filled-demo", ALONE, arguments=("--demo",), token="-", variables={"HEADGATE_DEMO_FILL": "true"})
    with open(run / "filled-demo.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not Path(gateway.data).exists():
            gateway.start()
            try:
                requests_of(gateway, MONTH)
                while "team web" not in headgate("budget", "declared", "--data", gateway.data):  # declared last
                    time.sleep(0.2)
            except BaseException:
                gateway.kill_all()
                shutil.rmtree(gateway.data)
                raise
            gateway.stop()
    return Path(gateway.data)
