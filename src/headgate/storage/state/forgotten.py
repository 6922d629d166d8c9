"""A user whose name is replaced: in their own row, in those of their tokens, and wherever it says who made or changed something."""

from collections.abc import Mapping

from sqlalchemy import Connection, select, update

from headgate.core.audit_event import ACCOUNTS, Act
from headgate.storage.state.audit_outbox import note
from headgate.storage.state.database import Database
from headgate.storage.state.schema import objects, principals, securables, state_version, tokens

_MADE_BY = (tokens.c.created_by, objects.c.created_by, objects.c.updated_by, securables.c.created_by, securables.c.updated_by)


def replace_name(database: Database, principal_id: str, name: str, pseudonym: str) -> None:
    """Replace a deleted user's name. Of two with one pseudonym, the second has a part of its id in it: names are unique."""
    with database.writing("access") as connection:
        taken = connection.execute(select(principals.c.id).where(principals.c.name == pseudonym)).scalar()
        shown = pseudonym if taken in {None, principal_id} else f"{pseudonym}-{principal_id[-6:]}"
        note(connection, Act(service=ACCOUNTS, action="forgetUser", params={"name": shown, "principal_id": principal_id}))
        values = {"name": shown, "display_name": "", "external_id": ""}
        connection.execute(update(principals).where(principals.c.id == principal_id).values(**values))
        connection.execute(update(tokens).where(tokens.c.principal_id == principal_id).values(name=shown))
        for column in _MADE_BY:
            connection.execute(update(column.table).where(column == name).values({column.name: shown}))
        connection.execute(update(state_version).values(catalog_version=state_version.c.catalog_version + 1))


def objects_naming(connection: Connection, name: str) -> list[str]:
    """The limits, budgets and grants whose text names the user; an administrator removes them."""
    rows = connection.execute(select(objects.c.kind, objects.c.name, objects.c.document)).all()
    return [f"{row.kind} {row.name}" for row in rows if _holds(row.document, {name, f"user:{name}"})]


def _holds(value: object, names: set[str]) -> bool:
    if isinstance(value, Mapping):
        return any(_holds(each, names) for each in value.values())
    if isinstance(value, list):
        return any(_holds(each, names) for each in value)
    return value in names
