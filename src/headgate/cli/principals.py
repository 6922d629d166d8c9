"""What the commands of users, service principals, groups and roles share. They work on the store itself, whether the gateway runs or not; a running gateway
notices within two seconds.
"""

import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from headgate.admin.principals import WORDS, Described, NewPrincipal, PrincipalAdmin, PrincipalChange
from headgate.cli.administrator import ADMINISTRATOR
from headgate.cli.options import DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import iso, json_text, print_table, printable
from headgate.cli.store import existing_store
from headgate.core.clock import SystemClock
from headgate.core.group import DeclaredGroup
from headgate.core.principal import SERVICE_PRINCIPAL, USER
from headgate.core.principal_name import GROUP
from headgate.storage.state.principals import PrincipalStore
from headgate.storage.state.stated_groups import StatedGroups
from headgate.storage.state.store import open_state

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="An e-mail address or a name, of which there is only one.", show_envvar=False)]
WhichArgument = Annotated[str, typer.Argument(metavar="NAME|ID", help="The name or the id.", show_envvar=False)]
DisplayOption = Annotated[str, typer.Option("--display-name", metavar="TEXT", help="A name for people to read.")]
RoleOption = Annotated[
    list[str] | None,
    typer.Option("--role", metavar="ROLE", help="A role: account_admin, admin or viewer; may be repeated. By default member."),
]

_CREATES = {
    USER: "Create a user. `headgate token create` does it too, for the user of a new token.",
    SERVICE_PRINCIPAL: "Create a service principal: a program with tokens of its own, `headgate token create NAME --service-principal ITS-NAME`.",
}


def principal_app(kind: str) -> typer.Typer:
    """The commands of users, or of service principals."""
    word = WORDS[kind]
    app = typer_app(f"Create, list, deactivate and delete {word}s.")

    @app.command(help=_CREATES[kind])
    @reports_errors
    def create(
        name: NameArgument, display_name: DisplayOption = "", role: RoleOption = None, data: DataOption = "", as_json: JsonOption = False
    ) -> None:
        with principal_admin(data) as admin:
            new = NewPrincipal(name=name, kind=kind, display_name=display_name, roles=tuple(role or ()))
            made = admin.create(ADMINISTRATOR, new)
        report(made, f"Created {word} {made.row.name} ({made.row.id}): {', '.join(made.row.roles)}.", as_json=as_json)

    @app.command("list", help=f"List all {word}s.")
    @reports_errors
    def list_all(data: DataOption = "", as_json: JsonOption = False) -> None:
        with principal_admin(data) as admin:
            print_all(admin.list(kind), f"No {word}s. `headgate {word.replace(' ', '-')} create NAME` makes one.", as_json=as_json)

    @app.command(help=f"Show a {word}, with its roles and groups.")
    @reports_errors
    def show(which: WhichArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
        with principal_admin(data) as admin:
            print_one(described(admin.show(which, kind)), as_json=as_json)

    @app.command(help=f"Deactivate a {word}: a running gateway refuses its tokens within two seconds, until it is activated again.")
    @reports_errors
    def deactivate(which: WhichArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
        _set_active(kind, which, data, active=False, as_json=as_json)

    @app.command(help=f"Activate a {word} again, with all tokens that it had.")
    @reports_errors
    def activate(which: WhichArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
        _set_active(kind, which, data, active=True, as_json=as_json)

    add_delete(app, kind)
    return app


def add_delete(app: typer.Typer, kind: str) -> None:
    """Add the command that deletes a principal of this kind."""
    what = "its members and its privileges" if kind == GROUP else "its tokens, its memberships and its privileges"

    @app.command(help=f"Delete a {WORDS[kind]} with {what}. Records keep its name, so no principal of another kind can have it later.")
    @reports_errors
    def delete(which: WhichArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
        with principal_admin(data) as admin:
            row = admin.delete(ADMINISTRATOR, which, kind)
        if as_json:
            print(json_text({"id": row.id, "name": row.name, "deleted": True}))
        else:
            sys.stderr.write(f"Deleted {WORDS[kind]} {row.name} ({row.id}).\n")


@contextmanager
def principal_admin(data: str) -> Generator[PrincipalAdmin]:
    """The use-cases over the store of a command."""
    directory = existing_store(data)
    store, _ = open_state(directory)
    try:
        yield PrincipalAdmin(PrincipalStore(store.database), SystemClock(), StatedGroups(str(directory.root)).groups)
    finally:
        store.close()


def report(done: Described, line: str, *, as_json: bool) -> None:
    """Print what became of a principal."""
    if as_json:
        print(json_text(described(done)))
    else:
        sys.stderr.write(f"{line}\n")


def described(one: Described) -> dict[str, object]:
    """A principal as JSON."""
    row = one.row
    found: dict[str, object] = {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "active": row.active,
        "display_name": row.display_name,
        "external_id": row.external_id,
        "roles": list(row.roles),
        "groups": [group.name for group in one.groups],
    }
    if row.kind == GROUP:
        found["members"] = [member.name for member in one.members]
    return found | {"created_at": iso(row.created_at_ms), "updated_at": iso(row.updated_at_ms)}


def declared(group: DeclaredGroup) -> dict[str, object]:
    """A group of the configuration file as JSON."""
    return {"name": group.name, "kind": GROUP, "members": list(group.members), "declared_at": group.place}


def print_all(found: Iterable[Described], nothing: str, *, as_json: bool) -> None:
    """Print a list of users or service principals."""
    rows = list(found)
    if as_json:
        print(json_text([described(one) for one in rows]))
        return
    if not rows:
        sys.stderr.write(f"{nothing}\n")
        return
    print_table(("ID", "NAME", "DISPLAY NAME", "ROLES", "GROUPS", "STATE"), [_cells(one) for one in rows])


def print_one(one: Mapping[str, object], *, as_json: bool) -> None:
    """Print one principal, a line for each thing that it has."""
    if as_json:
        print(json_text(one))
        return
    for name, value in one.items():
        if value not in (None, "", []):
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
            print(f"{name.replace('_', ' '):<14}{printable(text, 400)}")


def _set_active(kind: str, which: str, data: str, *, active: bool, as_json: bool) -> None:
    with principal_admin(data) as admin:
        changed = admin.change(ADMINISTRATOR, which, PrincipalChange(active=active), kind)
    done = "Activated" if active else "Deactivated"
    report(changed, f"{done} {WORDS[kind]} {changed.row.name} ({changed.row.id}).", as_json=as_json)


def _cells(one: Described) -> tuple[str, ...]:
    row = one.row
    groups = printable(", ".join(group.name for group in one.groups), 40)
    return row.id, printable(row.name, 40), printable(row.display_name, 32), ", ".join(row.roles), groups, "active" if row.active else "inactive"
