"""The processes that work on tables' files: what becomes of those that fail, hang, or are no longer wanted."""

import asyncio
import os
import sys

import pytest

from headgate.core.errors import Unavailable
from headgate.storage.delta_tables import ChildDeltaTables


def running(program: str, **limits: float) -> ChildDeltaTables:
    return ChildDeltaTables((sys.executable, "-c", program), **limits)


async def test_a_process_that_dies(caplog):
    """A crash is told as one, without its text, which goes to the log."""
    tables = running("import sys; sys.stderr.write('panicked at secret place'); sys.exit(101)")
    with pytest.raises(Unavailable) as failed:
        await tables.delete("/x")
    assert failed.value.code == "STORAGE_FAILED"
    assert "secret" not in failed.value.message
    assert "panicked at secret place" in caplog.text


async def test_a_process_that_hangs():
    """One that takes too long is ended."""
    tables = running("import time; time.sleep(60)", short_s=0.2)
    with pytest.raises(Unavailable) as failed:
        await tables.history("/x", 1)
    assert failed.value.code == "STORAGE_TIMEOUT"


async def test_cancelling_ends_the_process(tmp_path):
    """Nobody waits for it any more: it does not go on."""
    file = tmp_path / "pid"
    tables = running(f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    waiting = asyncio.ensure_future(tables.optimize("/x", ()))
    while not (file.exists() and file.read_text()):
        await asyncio.sleep(0.02)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)
