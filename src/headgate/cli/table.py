"""`headgate table list|describe|optimize|vacuum`: tables and their files, on the data directory itself, whether the gateway runs or not."""

import asyncio
import json
import sys
from itertools import starmap
from typing import Annotated, Any

import typer

from headgate.admin import listings
from headgate.admin.catalog_ports import TableFiles
from headgate.admin.locations import url_of
from headgate.admin.tables import TableAdmin
from headgate.catalog import names, types
from headgate.catalog.entries import Entry
from headgate.catalog.holders import name_of
from headgate.catalog.names import Name
from headgate.cli.administrator import ADMINISTRATOR
from headgate.cli.options import ConfigOption, DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import iso, json_text, print_table, printable, size
from headgate.cli.sql_access import statement_runner
from headgate.core.errors import GatewayError
from headgate.core.escaping import escaped

app = typer_app("List, describe and maintain tables.")

TableArgument = Annotated[
    str, typer.Argument(metavar="TABLE", help="The table: catalog.schema.table; by default in main.default.", show_envvar=False)
]
Seen = tuple[Entry, TableFiles | None, str]


@app.command("list")
@reports_errors
def list_tables(data: DataOption = "", config: ConfigOption = "", as_json: JsonOption = False) -> None:
    """List every table and view, with its files and their size."""
    found = asyncio.run(_list(data, config))
    if as_json:
        print(json_text(list(starmap(_described, found))))
        return
    head = ("TABLE", "TYPE", "VERSION", "FILES", "SIZE", "CHANGED", "OWNER")
    print_table(head, list(starmap(_line, found)), right=frozenset({2, 3, 4}))
    for entry, _, trouble in found:
        if trouble:
            sys.stderr.write(f"{escaped(f'{entry.name}: {trouble}')}\n")


@app.command()
@reports_errors
def describe(table_name: TableArgument, data: DataOption = "", config: ConfigOption = "", as_json: JsonOption = False) -> None:
    """Describe one table: columns, properties, files, and the statement that makes it."""
    entry, files, trouble = asyncio.run(_describe(_name(table_name), data, config))
    if as_json:
        statement = {"statement": listings.ddl(entry)} if entry.table is not None else {}
        print(json_text(_described(entry, files, trouble) | {"columns": _columns(entry), "properties": entry.properties, **statement}))
        return
    for column in _columns(entry):
        comment = f"   -- {printable(column['comment'], 80)}" if column["comment"] else ""
        print(f"{escaped(str(column['name']))} {escaped(str(column['type']))}{'' if column['nullable'] else ' NOT NULL'}{comment}")
    print()
    for key, value in _described(entry, files, trouble).items():
        if value not in {None, ""}:
            print(f"{key:<14}{printable(str(value), 200)}")
    for key, value in sorted(entry.properties.items()):
        print(f"{'property':<14}{printable(f'{key} = {value}', 200)}")


@app.command()
@reports_errors
def optimize(
    table_name: TableArgument,
    zorder: Annotated[
        list[str] | None, typer.Option("--zorder", metavar="COLUMN", help="Store rows with similar values of this column together; may be repeated.")
    ] = None,
    data: DataOption = "",
    config: ConfigOption = "",
    as_json: JsonOption = False,
) -> None:
    """Merge a table's small files. Readers and writers are not interrupted; a later vacuum deletes the old files."""

    async def act(tables: TableAdmin) -> dict[str, int]:
        return dict(await tables.optimize(ADMINISTRATOR, _name(table_name), zorder or ()))

    done = asyncio.run(_with_tables(act, data, config))
    if as_json:
        print(json.dumps(done))
    else:
        removed, added = done.get("numFilesRemoved", 0), done.get("numFilesAdded", 0)
        sys.stderr.write(f"{removed} files merged into {added}.\n" if removed else "Nothing to merge.\n")


@app.command()
@reports_errors
def vacuum(
    table_name: TableArgument,
    retain_hours: Annotated[
        float | None,
        typer.Option(
            "--retain-hours", metavar="HOURS", min=1, help="Keep files that the table used within so many hours. By default the table's own setting."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print which files would be deleted.")] = False,
    data: DataOption = "",
    config: ConfigOption = "",
    as_json: JsonOption = False,
) -> None:
    """Delete files that no recent version of the table needs."""

    async def act(tables: TableAdmin) -> list[str]:
        run = tables.vacuum_names if dry_run else tables.vacuum
        return list(await run(ADMINISTRATOR, _name(table_name), retain_hours))

    paths = asyncio.run(_with_tables(act, data, config))
    if as_json:
        print(json.dumps(paths))
        return
    for path in paths:
        print(path)
    sys.stderr.write(f"{len(paths)} files {'would be ' if dry_run else ''}deleted.\n")


async def _with_tables(act: Any, data: str, config: str) -> Any:  # ruff: ignore[any-type] - the result of the action
    async with statement_runner(data, config) as runner:
        return await act(runner.cases.tables)


async def _list(data: str, config: str) -> list[Seen]:
    async with statement_runner(data, config) as runner:
        snapshot = await runner.cases.catalog.snapshot()
        entries = sorted(snapshot.tables(), key=lambda entry: entry.name)
        return list(await asyncio.gather(*(_seen(runner.cases.tables, entry) for entry in entries)))


async def _describe(name: Name, data: str, config: str) -> Seen:
    async with statement_runner(data, config) as runner:
        entry = (await runner.cases.catalog.snapshot()).require_visible(ADMINISTRATOR, name)
        return await _seen(runner.cases.tables, entry)


async def _seen(tables: TableAdmin, entry: Entry) -> Seen:
    """A table with its files, or the reason why they cannot be read."""
    try:
        return (*await tables.look(ADMINISTRATOR, entry.name), "")
    except GatewayError as error:
        return entry, None, error.message


def _name(text: str) -> Name:
    return names.parse(text, 3, names.DEFAULTS)


def _line(entry: Entry, files: TableFiles | None, _trouble: str) -> tuple[str, ...]:
    kind = entry.table.table_type if entry.table is not None else ""
    counted = (
        ("–", "–", "–", "–") if files is None else (str(files.version), str(files.files), size(files.size_bytes), iso(files.modified_at_ms) or "–")
    )
    return (printable(str(entry.name), 80), kind, *counted, printable(name_of(entry.owner), 32))


def _described(entry: Entry, files: TableFiles | None, trouble: str) -> dict[str, Any]:
    seen = files or TableFiles(version=-1, columns="")
    return {
        "name": str(entry.name),
        "type": entry.table.table_type if entry.table is not None else None,
        "comment": entry.comment,
        "owner": name_of(entry.owner),
        "location": url_of(entry.location) or None,
        "created_at": iso(entry.created_at_ms),
        "version": seen.version if files else None,
        "files": seen.files if files else 0,
        "size_bytes": seen.size_bytes if files else 0,
        "changed_at": iso(seen.modified_at_ms),
        "partitioned_by": ", ".join(entry.table.partitioned_by) if entry.table is not None else "",
        "trouble": trouble or None,
    }


def _columns(entry: Entry) -> list[dict[str, Any]]:
    fields = entry.table.schema.fields if entry.table is not None else ()
    return [{"name": field.name, "type": types.text(field.type), "nullable": field.nullable, "comment": field.comment} for field in fields]
