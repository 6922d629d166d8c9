"""How a child process of asyncio's is ended. The code that it leaves is the true one, also when it ends by itself in the same moment."""

import asyncio
import contextlib
import os
import signal


async def end_child(process: asyncio.subprocess.Process) -> int:
    """Kill it if it still runs, and wait for its end. Returns its exit code, or the number of the signal that ended it, negated."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            # Not `process.kill`: it first collects the exit code of a process that has ended. The event loop's watcher then finds no code any more, reports 255
            # in its place and logs a warning.
            os.kill(process.pid, signal.SIGKILL)
    return await process.wait()
