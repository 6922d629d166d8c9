"""The processes that work on tables' files: what becomes of those that fail, hang, or are no longer wanted."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from headgate.core.errors import Unavailable
from headgate.storage.table_tasks.child_tables import ChildDeltaTables
from tests.fakes.principals import user

ADA, BOB = user("ada"), user("bob")
# Says that it has begun, and ends when the test says so.
WAITING = """
import json, os, sys, time
location = json.load(sys.stdin)["location"]
open(location + ".began", "w").close()
while not os.path.exists(location + ".end"):
    time.sleep(0.01)
print("{}")
"""


def running(program: str, **limits: float) -> ChildDeltaTables:
    return ChildDeltaTables((sys.executable, "-c", program), **limits)


async def test_a_process_that_dies(caplog):
    """A crash is told as one, without its text, which goes to the log."""
    tables = running("import sys; sys.stderr.write('panicked at secret place'); sys.exit(101)")
    with pytest.raises(Unavailable) as failed:
        await tables.delete(ADA, "/x")
    assert failed.value.code == "STORAGE_FAILED"
    assert "secret" not in failed.value.message
    assert "panicked at secret place" in caplog.text


async def test_a_process_that_hangs():
    """One that takes too long is ended."""
    tables = running("import time; time.sleep(60)", short_s=0.2)
    with pytest.raises(Unavailable) as failed:
        await tables.history(ADA, "/x", 1)
    assert failed.value.code == "STORAGE_TIMEOUT"


async def test_cancelling_ends_the_process(tmp_path):
    """Nobody waits for it any more: it does not go on."""
    file = tmp_path / "pid"
    tables = running(f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    waiting = asyncio.ensure_future(tables.optimize(ADA, "/x", ()))
    while not (file.exists() and file.read_text()):
        await asyncio.sleep(0.02)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)


async def began(*locations: Path) -> None:
    """Wait until the processes of all these have begun."""
    async with asyncio.timeout(20):
        while not all(location.with_suffix(".began").exists() for location in locations):
            await asyncio.sleep(0.01)


async def ended(works: list[asyncio.Future[object]], *locations: Path) -> None:
    """Let all these processes end, and wait for them."""
    for location in locations:
        location.with_suffix(".end").touch()
    await asyncio.wait_for(asyncio.gather(*works), 20)


async def test_one_user_never_holds_every_place(tmp_path):
    """However many tables one user has optimized at once, those of another begin."""
    tables, first, second, other = running(WAITING), tmp_path / "first", tmp_path / "second", tmp_path / "other"
    works = [asyncio.ensure_future(tables.optimize(ADA, str(each), ())) for each in (first, second)]
    await began(first)
    works.append(asyncio.ensure_future(tables.optimize(BOB, str(other), ())))
    await began(other)
    assert not second.with_suffix(".began").exists()
    await ended(works, first, second, other)


async def test_nothing_waits_for_work_that_takes_hours(tmp_path):
    """While every place for it is taken, tables are looked at and dropped, by those who hold the places too."""
    tables, first, other, seen, dropped = running(WAITING), *(tmp_path / name for name in ("first", "other", "seen", "dropped"))
    works = [asyncio.ensure_future(tables.optimize(ADA, str(first), ())), asyncio.ensure_future(tables.vacuum(BOB, str(other), 1.0))]
    await began(first, other)
    works += [asyncio.ensure_future(tables.history(ADA, str(seen), 1)), asyncio.ensure_future(tables.delete(BOB, str(dropped)))]
    await began(seen, dropped)
    await ended(works, first, other, seen, dropped)
