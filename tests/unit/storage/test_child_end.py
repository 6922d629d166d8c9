"""A child process that is killed, and one that has ended by itself."""

import asyncio
import os
import subprocess
import sys

import pytest

from headgate.storage.child_end import end_child


async def _start(program: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)


async def test_one_that_runs_is_killed():
    """The signal's number says how it ended."""
    assert await end_child(await _start("import time; time.sleep(600)")) == -9


async def test_one_that_ends_by_itself_keeps_its_exit_code(monkeypatch):
    """Only the event loop's watcher collects the code: nothing else asks for it, or the watcher would report 255."""
    process = await _start("import os; os._exit(3)")
    polled: list[int] = []
    monkeypatch.setattr(subprocess.Popen, "poll", lambda popen: polled.append(popen.pid))
    await process.stdout.read()  # its pipe has ended: it is ending
    assert await end_child(process) == 3
    assert polled == []


async def test_one_that_has_ended_long_ago():
    """Its code is given again, and no signal is sent."""
    process = await _start("pass")
    await process.wait()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    assert await end_child(process) == 0
