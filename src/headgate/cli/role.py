"""`headgate role give|take|list`: what users, service principals and groups may be to Headgate."""

from typing import Annotated

import typer

from headgate.admin.principals import WORDS, PrincipalChange
from headgate.cli.administrator import ADMINISTRATOR
from headgate.cli.options import DataOption, JsonOption, reports_errors, typer_app
from headgate.cli.output import json_text, print_table, printable
from headgate.cli.principals import WhichArgument, principal_admin, report
from headgate.core.roles import MEMBER

app = typer_app("Give and take roles: account_admin, admin and viewer.")

RoleArgument = Annotated[str, typer.Argument(metavar="ROLE", help="account_admin, admin or viewer.", show_envvar=False)]


@app.command()
@reports_errors
def give(role: RoleArgument, which: WhichArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
    """Give a role to a user, a service principal or a group. A running gateway notices within two seconds."""
    with principal_admin(data) as admin:
        changed = admin.change(ADMINISTRATOR, which, PrincipalChange(add_roles=[role]))
    report(changed, f"{WORDS[changed.row.kind].capitalize()} {changed.row.name} has the roles {', '.join(changed.row.roles)}.", as_json=as_json)


@app.command()
@reports_errors
def take(role: RoleArgument, which: WhichArgument, data: DataOption = "", as_json: JsonOption = False) -> None:
    """Take a role away. One that comes from a group stays until the group loses it, or the member leaves the group."""
    with principal_admin(data) as admin:
        changed = admin.change(ADMINISTRATOR, which, PrincipalChange(remove_roles=[role]))
    report(changed, f"{WORDS[changed.row.kind].capitalize()} {changed.row.name} has the roles {', '.join(changed.row.roles)}.", as_json=as_json)


@app.command("list")
@reports_errors
def list_roles(data: DataOption = "", as_json: JsonOption = False) -> None:
    """List who has another role than member, of their own."""
    with principal_admin(data) as admin:
        rows = [one.row for one in admin.list() if one.row.roles != (MEMBER,)]
    if as_json:
        print(json_text([{"id": row.id, "name": row.name, "kind": row.kind, "roles": list(row.roles)} for row in rows]))
        return
    print_table(("ROLES", "NAME", "KIND", "ID"), [(", ".join(row.roles), printable(row.name, 40), WORDS[row.kind], row.id) for row in rows])
