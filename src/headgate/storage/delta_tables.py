"""The files of tables, worked on by short-lived processes. Implements `DeltaTables` for processes that must not load delta-rs."""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence

import msgspec

from headgate.admin.catalog_ports import Commit, NewFiles, TableFiles
from headgate.core.errors import BadRequest, NotFound, Unavailable
from headgate.storage import delta_words as words
from headgate.storage.delta_words import Done, Task
from headgate.storage.table_environment import table_environment

_log = logging.getLogger(__name__)
_SHORT_S = 120.0
_LONG_S = 6 * 3600.0
_PROCESSES_MAX = 2
_COMMAND = (sys.executable, "-m", "headgate.storage.delta_task")


class ChildDeltaTables:
    """At most a few processes at once; who waits for one that is cancelled or takes too long ends it."""

    def __init__(self, command: Sequence[str] = _COMMAND, short_s: float = _SHORT_S, long_s: float = _LONG_S) -> None:
        self._command = tuple(command)
        self._short_s = short_s
        self._long_s = long_s
        self._free = asyncio.Semaphore(_PROCESSES_MAX)

    async def create(self, new: NewFiles) -> TableFiles:
        """Make the table."""
        return _files(await self._do(words.Create(new), self._short_s))

    async def replace(self, new: NewFiles) -> TableFiles:
        """Give the table that is there these columns and properties and no rows."""
        return _files(await self._do(words.Replace(new), self._short_s))

    async def inspect(self, location: str) -> TableFiles | None:
        """The table that is there, if one is. A place of this machine where nothing lies is looked at without a process."""
        if "://" not in location and not await asyncio.to_thread(os.path.isdir, os.path.join(location, "_delta_log")):
            return None
        return (await self._do(words.Inspect(location), self._short_s)).files

    async def history(self, location: str, limit: int) -> Sequence[Commit]:
        """Its steps, newest first."""
        return (await self._do(words.History(location, limit), self._short_s)).commits

    async def set_properties(self, location: str, properties: Mapping[str, str]) -> TableFiles:
        """Add properties, or give them other values."""
        return _files(await self._do(words.SetProperties(location, dict(properties)), self._short_s))

    async def add_columns(self, location: str, columns: str) -> TableFiles:
        """Add nullable columns at the end."""
        return _files(await self._do(words.AddColumns(location, columns), self._short_s))

    async def optimize(self, location: str, zorder_by: Sequence[str]) -> Mapping[str, int]:
        """Merge small files; what was done, in numbers."""
        return (await self._do(words.Optimize(location, tuple(zorder_by)), self._long_s)).numbers

    async def vacuum(self, location: str, retain_hours: float) -> Sequence[str]:
        """Delete files that no version of the last hours needs; their names."""
        return (await self._do(words.Vacuum(location, retain_hours, dry_run=False), self._long_s)).paths

    async def vacuum_names(self, location: str, retain_hours: float) -> Sequence[str]:
        """The names of the files that `vacuum` would delete."""
        return (await self._do(words.Vacuum(location, retain_hours, dry_run=True), self._long_s)).paths

    async def delete(self, location: str) -> None:
        """Delete the table's files."""
        await self._do(words.Delete(location), self._long_s)

    async def _do(self, task: Task, timeout_s: float) -> Done:
        async with self._free:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=table_environment(os.environ),
            )
            try:
                out, err = await asyncio.wait_for(process.communicate(msgspec.json.encode(task)), timeout_s)
            except TimeoutError as error:
                raise Unavailable(f"Work on the table's files took longer than {timeout_s:g} s and was ended.", code="STORAGE_TIMEOUT") from error
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        return _read(out, err, process.returncode)


def _read(out: bytes, err: bytes, code: int | None) -> Done:
    if code != 0:
        _log.error("work on a table's files ended with %s: %s", code, err.decode(errors="replace")[-2000:])
        raise Unavailable("Work on the table's files failed; Headgate's log has the reason.", code="STORAGE_FAILED")
    done = msgspec.json.decode(out, type=Done)
    refused = done.refused
    if refused is None:
        return done
    if refused.status == 404:
        raise NotFound(refused.message, code=refused.code)
    if refused.status >= 500:
        raise Unavailable(refused.message, code=refused.code)
    raise BadRequest(refused.message, code=refused.code, status=refused.status)


def _files(done: Done) -> TableFiles:
    if done.files is None:
        raise Unavailable("Work on the table's files gave no table.", code="STORAGE_FAILED")
    return done.files
