"""`headgate backup DIR` and `headgate restore DIR`: copies of a data directory whose parts fit together, made while a gateway runs or not."""

import os
import sys
from typing import Annotated, Any

import typer

from headgate.cli.options import DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import iso, json_text, size
from headgate.cli.store import existing_store, store_for_up
from headgate.config.paths import DataDirectory
from headgate.core.acting import acting
from headgate.core.audit_event import SETTINGS, Act
from headgate.core.clock import SystemClock
from headgate.core.escaping import escaped
from headgate.policy.audit import audit_event
from headgate.storage.backup.manifest import Manifest, require_backup
from headgate.storage.backup.restoring import Restored, restore
from headgate.storage.backup.taking import Taken, take
from headgate.storage.backup.verifying import problems
from headgate.storage.state.audit_outbox import AuditOutbox
from headgate.storage.state.database import Database
from headgate.storage.state.opening import database_url

app = typer_app("Back up the data directory, while a gateway runs or not.")
restore_app = typer_app("Restore a backup into a new data directory.")

PlaceArgument = Annotated[str, typer.Argument(metavar="DIR", help="The backup's directory. It holds one backup.", show_envvar=False)]


@app.command("backup")
@reports_errors
def back_up(
    place: PlaceArgument,
    verify: Annotated[
        bool, typer.Option("--verify", help="Make none: verify that the one that is there is whole. Exits with 1 if it is not.")
    ] = False,
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Back up the data directory into DIR, while a gateway runs or not. A second backup copies only files that are not there yet."""
    place = os.path.abspath(place)
    if verify:
        _verify(place, as_json=as_json)
        return
    directory = existing_store(data)
    taken = take(directory, place, SystemClock())
    _note(directory, "createBackup", place, taken.manifest)
    if as_json:
        print(json_text(_described(taken.manifest) | {"files_reused": taken.reused}))
    else:
        _report_taken(directory, place, taken)


@restore_app.command("restore")
@reports_errors
def bring_back(place: PlaceArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
    """Restore a backup into a new data directory, or an empty one. Checks every file."""
    place = os.path.abspath(place)
    directory = store_for_up(data, demo=False)
    restored = restore(place, directory, SystemClock())
    _note(directory, "restoreBackup", place, restored.manifest)
    if as_json:
        left = [table.name for table in restored.left_alone]
        print(json_text(_described(restored.manifest) | {"data": str(directory.root), "rows_written": restored.rows, "left_alone": left}))
    else:
        _report_restored(directory, restored)


def _verify(place: str, *, as_json: bool) -> None:
    folder, manifest = require_backup(place)
    found = problems(folder, manifest)
    if as_json:
        print(json_text(_described(manifest) | {"whole": not found, "problems": found}))
    else:
        for problem in found:
            print(escaped(problem))
        verdict = "is not whole" if found else "is whole"
        _say(f"The backup of {manifest.source} of {iso(manifest.begun_at_ns // 1_000_000)} {verdict}: {_content(manifest)}.")
    if found:
        raise typer.Exit(1)


def _report_taken(directory: DataDirectory, place: str, taken: Taken) -> None:
    reused = f", of which {taken.reused} were there already" if taken.reused else ""
    _say(f"Backed up {directory.root} to {place}: {_content(taken.manifest)}{reused}, in {taken.seconds:.1f} s.")
    for table in taken.manifest.tables:
        if not table.folder:
            version = f" at version {table.version}" if table.version is not None else ""
            _say(f"Not copied: {table.name}{version}, {table.location}: {table.left_out}.")


def _report_restored(directory: DataDirectory, restored: Restored) -> None:
    rows = f" {restored.rows} rows of its journal were written to their tables." if restored.rows else ""
    _say(f"Restored the backup of {iso(restored.manifest.begun_at_ns // 1_000_000)} to {directory.root}: {_content(restored.manifest)}.{rows}")
    for table in restored.left_alone:
        _say(f"Left alone: {table.name}, because {table.location} holds files.")
    for table in restored.manifest.tables:
        if not table.folder:
            _say(f"Not in the backup: {table.name}, {table.location}: {table.left_out}.")
    if restored.waiting:
        _say(f"Some rows wait in the journal, which the gateway writes to the tables once it runs: {restored.waiting}.")
    _say(f"Start it: headgate up --data {directory.root}")


def _note(directory: DataDirectory, action: str, place: str, manifest: Manifest) -> None:
    clock = SystemClock()
    params = {"directory": place, "data": str(directory.root), "begun_at": iso(manifest.begun_at_ns // 1_000_000) or ""}
    database = Database(database_url(directory))
    try:
        AuditOutbox(database).add(audit_event(Act(service=SETTINGS, action=action, params=params), acting(), clock.wall_ns()))
    finally:
        database.close()


def _content(manifest: Manifest) -> str:
    tables = sum(bool(table.folder) for table in manifest.tables)
    return f"{tables} tables, {len(manifest.files)} files, {size(manifest.bytes)}"


def _described(manifest: Manifest) -> dict[str, Any]:
    tables = [
        {
            "table": table.name, "location": table.location, "version": table.version, "rows": table.rows, "bytes": table.bytes, "files": table.files,
            "copied": bool(table.folder), "reason": table.left_out or None,
        }
        for table in manifest.tables
    ]  # fmt: skip
    begun = iso(manifest.begun_at_ns // 1_000_000)
    return {
        "source": manifest.source,
        "begun_at": begun,
        "headgate": manifest.headgate,
        "files": len(manifest.files),
        "bytes": manifest.bytes,
        "tables": tables,
    }


def _say(line: str) -> None:
    sys.stderr.write(f"{escaped(line)}\n")
