"""`headgate user forget NAME`: what tables hold of a user is deleted or gets a pseudonym, and so does the user."""

import asyncio
import secrets
import sys
from typing import Annotated

import typer

from headgate.admin.principal_ports import PrincipalRow
from headgate.catalog import types
from headgate.cli.administrator import ADMINISTRATOR
from headgate.cli.options import ConfigOption, DataOption, JsonOption, reports_errors
from headgate.cli.output import json_text, table
from headgate.cli.principals import principal_admin
from headgate.cli.sql_access import statement_runner
from headgate.cli.store import existing_store
from headgate.core.clock import SystemClock
from headgate.core.errors import BadRequest, NotFound
from headgate.core.escaping import escaped
from headgate.core.principal import USER
from headgate.storage.conversations.kept_conversations import forget_kept
from headgate.storage.forgetting.forget_all import TableRows, count_all, forget_all, with_sessions, write_journal
from headgate.storage.forgetting.person import NamedPerson, pseudonym_of
from headgate.storage.forgetting.person_table import PersonTable, person_table
from headgate.storage.state.database import Database
from headgate.storage.state.forgotten import objects_naming, replace_name
from headgate.storage.state.opening import database_url
from headgate.storage.state.pepper import load_pepper
from headgate.storage.state.principals import PrincipalStore


def add_forget(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    @reports_errors
    def forget(
        name: Annotated[str, typer.Argument(metavar="NAME", help="The user's name, as the usage table has it.", show_envvar=False)],
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count the rows, and change nothing.")] = False,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask. Needed where there is no terminal.")] = False,
        data: DataOption = "",
        config: ConfigOption = "",
        as_json: JsonOption = False,
    ) -> None:
        """Forget a user for good: delete what they said and what their agents reported, and replace their name by a pseudonym in usage and cost."""
        place = existing_store(data)
        root, clock = str(place.root), SystemClock()
        database = Database(database_url(place))
        try:
            row = _user(database, name)
            person = NamedPerson(
                name=name,
                ids=() if row is None else (row.id,),
                pseudonym=pseudonym_of(name, load_pepper(place.pepper_file)),
                salt=secrets.token_hex(8),
            )
            tables = asyncio.run(_tables(data, config))
            if dry_run:
                found = count_all(tables, with_sessions(tables, person))
            else:
                _ask(name, yes=yes)
                if row is not None and not row.deleted_at_ms:
                    with principal_admin(data) as admin:
                        admin.delete(ADMINISTRATOR, row.id, USER)
                write_journal(root, clock)
                found = forget_all(root, tables, with_sessions(tables, person), clock)
                if row is not None:
                    replace_name(database, row.id, name, person.pseudonym)
            responses = forget_kept(root, person.ids, only_count=dry_run)
            if row is None and not any(one.rows for one in found):
                raise NotFound(f"No user and no row has the name {name!r}.")
            with database.reading() as connection:
                named = objects_naming(connection, name)
        finally:
            database.close()
        if responses and not as_json:
            _say(f"{responses} kept responses {'would be' if dry_run else 'were'} deleted.")
        _report(person, found, tables, named, dry_run=dry_run, as_json=as_json)


def _user(database: Database, name: str) -> PrincipalRow | None:
    """The user of a name, deleted or not; `None` where only rows may have it."""
    with PrincipalStore(database).reading() as read:
        row = read.named(name)
    if row is not None and row.kind != USER:
        raise BadRequest(f"{name!r} is no user. Service principals and groups are deleted, not forgotten: their names are no person's.")
    return row


async def _tables(data: str, config: str) -> list[PersonTable]:
    async with statement_runner(data, config) as runner:
        snapshot = await runner.cases.catalog.snapshot()
        entries = [entry for entry in snapshot.tables() if not entry.is_view and entry.table is not None]
    return [person_table(str(entry.name), entry.location, types.from_delta_json(entry.table.columns)) for entry in entries if entry.table is not None]


def _ask(name: str, *, yes: bool) -> None:
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BadRequest("This cannot be undone. Add --yes, or look first with --dry-run.")
    if not typer.confirm(f"Forget {escaped(name)} for good?", err=True):
        raise typer.Exit(1)


def _report(person: NamedPerson, found: list[TableRows], tables: list[PersonTable], named: list[str], *, dry_run: bool, as_json: bool) -> None:
    left = [each for each in tables if each.left_out]
    if as_json:
        rows = [{"table": one.table.name, "rows": one.rows, "files": one.files, "kept": one.table.keeps_rows} for one in found]
        skipped = [{"table": each.name, "reason": each.left_out} for each in left]
        print(json_text({"pseudonym": person.pseudonym, "done": not dry_run, "tables": rows, "left_out": skipped, "objects": named}))
        return
    would = "would be " if dry_run else ""
    lines = [
        (one.table.name, str(one.rows), f"{would}{'given the pseudonym' if one.table.keeps_rows else 'deleted'}{_files(one.files)}")
        for one in found
        if one.rows
    ]
    if lines:
        print("\n".join(table(("TABLE", "ROWS", ""), lines, right=frozenset({1}))))
    for each in left:
        _say(f"Not changed: {each.name}: {each.left_out}.")
    for one in named:
        _say(f"Still names the user: {one}.")
    if dry_run:
        _say(f"The pseudonym would be {person.pseudonym}. Nothing was changed.")
    else:
        _say(f"Forgotten, and {person.pseudonym} from now on. Files of older versions of these tables are deleted after twelve hours.")


def _files(count: int) -> str:
    return f", with {count} files" if count else ""


def _say(line: str) -> None:
    sys.stderr.write(f"{escaped(line)}\n")
