"""The files of tables, worked on by short-lived processes. Implements `DeltaTables` for processes that must not load delta-rs."""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence

import msgspec

from headgate.admin.catalog_ports import Commit, NewFiles, TableFiles
from headgate.core.errors import BadRequest, NotFound, Unavailable
from headgate.core.principal import Principal
from headgate.storage.child_end import end_child
from headgate.storage.table_tasks import messages
from headgate.storage.table_tasks.environment import table_environment
from headgate.storage.table_tasks.messages import Task, TaskResult
from headgate.storage.turns import Turns

_log = logging.getLogger(__name__)
_SHORT_S = 120.0
_LONG_S = 6 * 3600.0
_PLACES_SHORT, _PLACES_LONG = 3, 2
_WAITING_MAX, _WAITING_EACH_MAX = 256, 32  # more than the statements that may be open, so that no `DROP` leaves files behind
_COMMAND = (sys.executable, "-m", "headgate.storage.delta.task")


class ChildDeltaTables:
    """At most a few processes at once, which principals take in turn. A process ends when its caller is cancelled or its time is over.

    `OPTIMIZE` and `VACUUM` may take hours, so they have places of their own: no other work ever waits for them.
    """

    def __init__(self, command: Sequence[str] = _COMMAND, short_s: float = _SHORT_S, long_s: float = _LONG_S) -> None:
        self._command = tuple(command)
        self._short_s = short_s
        self._long_s = long_s
        self._short_turns = Turns(_PLACES_SHORT, _WAITING_MAX, _WAITING_EACH_MAX)
        self._long_turns = Turns(_PLACES_LONG, _WAITING_MAX, _WAITING_EACH_MAX)

    async def create(self, principal: Principal, new: NewFiles) -> TableFiles:
        """Make the table."""
        return _files(await self._short(principal, messages.Create(new)))

    async def replace(self, principal: Principal, new: NewFiles) -> TableFiles:
        """Give the table that is there these columns, rows and properties."""
        return _files(await self._short(principal, messages.Replace(new)))

    async def inspect(self, principal: Principal, location: str) -> TableFiles | None:
        """The table that is there, if one is. A local path without files is checked without a process."""
        if "://" not in location and not await asyncio.to_thread(os.path.isdir, os.path.join(location, "_delta_log")):
            return None
        return (await self._short(principal, messages.Inspect(location))).files

    async def history(self, principal: Principal, location: str, limit: int) -> Sequence[Commit]:
        """Its steps, newest first."""
        return (await self._short(principal, messages.History(location, limit))).commits

    async def set_properties(self, principal: Principal, location: str, properties: Mapping[str, str]) -> TableFiles:
        """Add properties, or give them other values."""
        return _files(await self._short(principal, messages.SetPropertiesTask(location, dict(properties))))

    async def add_columns(self, principal: Principal, location: str, columns: str) -> TableFiles:
        """Add nullable columns at the end."""
        return _files(await self._short(principal, messages.AddColumnsTask(location, columns)))

    async def optimize(self, principal: Principal, location: str, zorder_by: Sequence[str]) -> Mapping[str, int]:
        """Merge small files; what was done, in numbers."""
        return (await self._long(principal, messages.OptimizeTask(location, tuple(zorder_by)))).numbers

    async def vacuum(self, principal: Principal, location: str, retain_hours: float) -> Sequence[str]:
        """Delete files that no version of the last hours needs; their names."""
        return (await self._long(principal, messages.VacuumTask(location, retain_hours, dry_run=False))).paths

    async def vacuum_names(self, principal: Principal, location: str, retain_hours: float) -> Sequence[str]:
        """The names of the files that `vacuum` would delete."""
        return (await self._long(principal, messages.VacuumTask(location, retain_hours, dry_run=True))).paths

    async def delete(self, principal: Principal, location: str) -> None:
        """Delete the table's files."""
        async with self._short_turns.turn(principal.name):  # a `DROP` must not wait for the principal's own `OPTIMIZE`
            await self._do(messages.Delete(location), self._long_s)

    async def _short(self, principal: Principal, task: Task) -> TaskResult:
        async with self._short_turns.turn(principal.name):
            return await self._do(task, self._short_s)

    async def _long(self, principal: Principal, task: Task) -> TaskResult:
        async with self._long_turns.turn(principal.name):
            return await self._do(task, self._long_s)

    async def _do(self, task: Task, timeout_s: float) -> TaskResult:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            str(os.getpid()),
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
            await end_child(process)
        return _read(out, err, process.returncode)


def _read(out: bytes, err: bytes, code: int | None) -> TaskResult:
    if code != 0:
        _log.error("work on a table's files ended with %s: %s", code, err.decode(errors="replace")[-2000:])
        raise Unavailable("Work on the table's files failed; Headgate's log has the reason.", code="STORAGE_FAILED")
    done = msgspec.json.decode(out, type=TaskResult)
    refused = done.refused
    if refused is None:
        return done
    if refused.status == 404:
        raise NotFound(refused.message, code=refused.code)
    if refused.status >= 500:
        raise Unavailable(refused.message, code=refused.code)
    raise BadRequest(refused.message, code=refused.code, status=refused.status)


def _files(done: TaskResult) -> TableFiles:
    if done.files is None:
        raise Unavailable("Work on the table's files gave no table.", code="STORAGE_FAILED")
    return done.files
