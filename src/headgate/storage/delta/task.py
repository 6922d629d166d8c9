"""`python -m headgate.storage.delta.task PARENT_PID`: one piece of work on one table's files, from standard input to standard output, and then the process ends.

delta-rs keeps memory, panics on some tables and has aborted on others; here that costs one statement and no gateway. It also must not be in a process
that forks, nor in the serving one.
"""

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from deltalake.exceptions import CommitFailedError, DeltaError, DeltaProtocolError, TableNotFoundError

from headgate.core.errors import BadRequest, GatewayError
from headgate.storage.delta import object_store, table_work
from headgate.storage.parent_end import die_with
from headgate.storage.table_tasks.messages import (
    AddColumnsTask,
    Create,
    Delete,
    History,
    Inspect,
    OptimizeTask,
    Refused,
    Replace,
    SetPropertiesTask,
    Task,
    TaskResult,
    VacuumTask,
)

_ACTS: Mapping[type, Callable[[Any], TaskResult]] = {
    Create: lambda task: TaskResult(files=table_work.create(task.new)),
    Replace: lambda task: TaskResult(files=table_work.replace(task.new)),
    Inspect: lambda task: TaskResult(files=table_work.inspect(task.location)),
    History: lambda task: TaskResult(commits=table_work.history(task.location, task.limit)),
    SetPropertiesTask: lambda task: TaskResult(files=table_work.set_properties(task.location, task.properties)),
    AddColumnsTask: lambda task: TaskResult(files=table_work.add_columns(task.location, task.columns)),
    OptimizeTask: lambda task: TaskResult(numbers=table_work.optimize(task.location, task.zorder_by)),
    VacuumTask: lambda task: TaskResult(paths=table_work.vacuum(task.location, task.retain_hours, dry_run=task.dry_run)),
    Delete: lambda task: _deleted(task.location),
}


def _deleted(location: str) -> TaskResult:
    table_work.delete(location)
    return TaskResult()


def work(task: Task) -> TaskResult:
    """Do it, or say why not."""
    try:
        return _ACTS[type(task)](task)
    except OSError as error:
        if object_store.is_remote(_location(task)):
            return TaskResult(refused=_refusal(object_store.explained(error, "the table")))
        return TaskResult(refused=_refusal(error))
    except (BadRequest, DeltaError) as error:
        return TaskResult(refused=_refusal(error))


def _location(task: Task) -> str:
    return task.new.location if isinstance(task, (Create, Replace)) else task.location


def _refusal(error: Exception) -> Refused:
    match error:
        case GatewayError():
            return Refused(message=error.message, code=error.code, status=error.status)
        case TableNotFoundError():
            return _refused("DELTA_TABLE_NOT_FOUND", "The table's files are missing.", 404)
        case DeltaProtocolError():
            return _refused("DELTA_UNSUPPORTED_FEATURES", _line(error))
        case CommitFailedError() if "append-only" in str(error):
            return _refused("DELTA_CANNOT_MODIFY_APPEND_ONLY", "The table is append-only.")
        case CommitFailedError():
            return _refused("DELTA_CONCURRENT_WRITE", f"Somebody else changed the table at the same time: {_line(error)}", 409)
        case DeltaError() if "already exists" in str(error):
            return _refused("DELTA_PATH_EXISTS", "There is a Delta table at that place already.", 409)
        case DeltaError():
            return _refused("DELTA_CANNOT_OPEN", _line(error))
        case _:
            return Refused(message=f"The table's place cannot be reached: {_line(error)}", code="STORAGE_UNAVAILABLE", status=503)


def _refused(code: str, message: str, status: int = 400) -> Refused:
    return Refused(message=f"[{code}] {message}", code=code, status=status)


def _line(error: BaseException) -> str:
    """The first line of a message, without paths of this machine."""
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return re.sub(r"(?:file://)?/[^\s'\"]*", "…", first)[:300]


def main() -> None:
    """Read a task, do it, write what came of it. The work ends when the parent dies: another process may undo it."""
    die_with(int(sys.argv[1]))
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    sys.stdout.buffer.write(msgspec.json.encode(work(task)))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
