"""`headgate group create|list|show|add|remove|delete`. Groups of the configuration file are shown with those of the store, and changed only in the file."""

import sys
from typing import Annotated

import typer

from headgate.admin.principals import NewPrincipal, PrincipalAdmin, PrincipalChange
from headgate.cli.administrator import ADMINISTRATOR
from headgate.cli.options import DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text, print_table, printable
from headgate.cli.principals import (
    DisplayOption,
    NameArgument,
    RoleOption,
    WhichArgument,
    add_delete,
    declared,
    described,
    principal_admin,
    print_one,
    report,
)
from headgate.core.principal_name import GROUP

app = typer_app("Create groups, and say who is in them.")

MembersArgument = Annotated[
    list[str], typer.Argument(metavar="MEMBER...", help="Names or ids of users, service principals and groups.", show_envvar=False)
]


@app.command()
@reports_errors
def create(
    name: NameArgument,
    member: Annotated[list[str] | None, typer.Option("--member", metavar="NAME", help="A member; may be repeated.")] = None,
    display_name: DisplayOption = "",
    role: RoleOption = None,
    data: DataOption = "",
    as_json: JsonOption = False,
) -> None:
    """Create a group. Its roles are those of everyone in it."""
    with principal_admin(data) as admin:
        new = NewPrincipal(name=name, kind=GROUP, display_name=display_name, roles=tuple(role or ()), members=tuple(member or ()))
        made = admin.create(ADMINISTRATOR, new)
    report(made, f"Created group {name} ({made.row.id}) with {_members(len(made.members))}.", as_json=as_json)


@app.command("list")
@reports_errors
def list_groups(data: DataOption = "", as_json: JsonOption = False) -> None:
    """List all groups: those of the store, and those that the configuration file declares."""
    with principal_admin(data) as admin:
        found = _all(admin)
    if as_json:
        print(json_text(found))
        return
    if not found:
        sys.stderr.write("No groups. `headgate group create NAME` makes one.\n")
        return
    print_table(("NAME", "ROLES", "MEMBERS", "WHERE"), [_cells(each) for each in found])


@app.command()
@reports_errors
def show(which: WhichArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
    """Show a group with its members, its roles, and the groups that it is in."""
    with principal_admin(data) as admin:
        written = next((group for group in admin.declared() if group.name == which), None)
        one = declared(written) if written is not None else described(admin.show(which, GROUP))
    print_one(one, as_json=as_json)


@app.command()
@reports_errors
def add(which: WhichArgument, members: MembersArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
    """Add members to a group. A running gateway notices within two seconds."""
    with principal_admin(data) as admin:
        changed = admin.change(ADMINISTRATOR, which, PrincipalChange(add_members=members), GROUP)
    report(changed, f"{changed.row.name} has {_members(len(changed.members))}.", as_json=as_json)


@app.command()
@reports_errors
def remove(which: WhichArgument, members: MembersArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
    """Remove members from a group. A running gateway notices within two seconds."""
    with principal_admin(data) as admin:
        changed = admin.change(ADMINISTRATOR, which, PrincipalChange(remove_members=members), GROUP)
    report(changed, f"{changed.row.name} has {_members(len(changed.members))}.", as_json=as_json)


add_delete(app, GROUP)


def _all(admin: PrincipalAdmin) -> list[dict[str, object]]:
    written = [declared(group) for group in admin.declared()]
    names = {group["name"] for group in written}
    return [*(described(each) for each in admin.list(GROUP) if each.row.name not in names), *written]


def _cells(group: dict[str, object]) -> tuple[str, ...]:
    roles, members = group.get("roles", ()), group["members"]
    joined = ["" if not isinstance(names, list) else ", ".join(map(str, names)) for names in (roles, members)]
    return printable(str(group["name"]), 40), joined[0], printable(joined[1], 60), str(group.get("declared_at", "")) or "the store"


def _members(count: int) -> str:
    return "1 member" if count == 1 else f"{count} members"
