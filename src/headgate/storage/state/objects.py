"""Stores governed objects in the control state's database. The callers create ids, times and documents; this module stores them unchanged."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from headgate.core.errors import BadRequest, NotFound
from headgate.core.stored_object import ObjectChange, StoredObject
from headgate.storage.state.audit_acts import object_act
from headgate.storage.state.audit_outbox import note
from headgate.storage.state.database import Database, part_version_of
from headgate.storage.state.schema import objects

_ORDER = (objects.c.created_at_ms, objects.c.id)


class ObjectStore:
    """Implements `ObjectState`. Safe to use from several threads and processes at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, known: tuple[int, Sequence[StoredObject]] | None = None) -> tuple[int, Sequence[StoredObject]]:
        """The version of the objects and all of them, read at one moment; `known` itself if none has changed since."""
        with self._database.reading() as connection:
            version = part_version_of(connection, "objects")
            if known is not None and known[0] == version:
                return known
            return version, _read(connection, objects)

    def list_objects(self, kind: str = "") -> Sequence[StoredObject]:
        """The objects of a kind, or of all kinds, in the order of their creation."""
        with self._database.reading() as connection:
            found = _read(connection, objects)
        return [each for each in found if kind in {"", each.kind}]

    def apply(self, changes: Sequence[ObjectChange]) -> None:
        """Store changes in one transaction. Raises BadRequest (409) for a name that is taken or a revision that is not current, NotFound for what is gone."""
        if not changes:
            return
        with self._database.writing("objects") as connection:
            for change in changes:
                _apply(connection, change)
                note(connection, object_act(change))


def _apply(connection: Connection, change: ObjectChange) -> None:
    before, after = change.before, change.after
    if before is None:
        if after is not None:
            _add(connection, after)
        return
    at = (objects.c.id == before.id) & (objects.c.revision == before.revision)
    step = delete(objects).where(at) if after is None else update(objects).where(at).values(**msgspec.structs.asdict(after))
    try:
        if connection.execute(step).rowcount != 1:
            raise _not_there(connection, before)
    except IntegrityError as error:
        raise _taken(after or before) from error


def _add(connection: Connection, new: StoredObject) -> None:
    try:
        connection.execute(insert(objects).values(**msgspec.structs.asdict(new)))
    except IntegrityError as error:
        raise _taken(new) from error


def _taken(one: StoredObject) -> BadRequest:
    return BadRequest(f"{one.kind.capitalize()} {one.name!r} exists already.", status=409, code="ALREADY_EXISTS")


def _read(connection: Connection, table: Table) -> list[StoredObject]:
    return [_object(row) for row in connection.execute(select(table).order_by(*_ORDER)).all()]


def _object(row: Row[Any]) -> StoredObject:
    return StoredObject(**row._mapping)  # ruff: ignore[private-member-access] the public name of SQLAlchemy's mapping begins like that


def _not_there(connection: Connection, one: StoredObject) -> BadRequest | NotFound:
    if connection.execute(select(objects.c.id).where(objects.c.id == one.id)).first() is None:
        return NotFound(f"{one.kind.capitalize()} {one.name!r} does not exist any more.", code="RESOURCE_DOES_NOT_EXIST")
    text = f"{one.kind.capitalize()} {one.name!r} was changed meanwhile. Read it again, then repeat the change."
    return BadRequest(text, status=409, code="ABORTED")
