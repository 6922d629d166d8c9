"""Stores governed objects in the control state's database. The callers create ids, times and documents; this module stores them unchanged."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from headgate.core.errors import BadRequest, NotFound
from headgate.core.stored_object import StoredObject
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

    def find_object(self, kind: str, which: str) -> StoredObject | None:
        """The object of this kind with this id or this name."""
        with self._database.reading() as connection:
            of_kind = select(objects).where(objects.c.kind == kind)
            row = connection.execute(of_kind.where(objects.c.id == which)).one_or_none()
            row = row or connection.execute(of_kind.where(objects.c.name == which)).one_or_none()
        return None if row is None else _object(row)

    def add_object(self, new: StoredObject) -> None:
        """Store a new object. Raises BadRequest (409) if its kind has one of that name."""
        with self._database.writing("objects") as connection:
            try:
                connection.execute(insert(objects).values(**msgspec.structs.asdict(new)))
            except IntegrityError as error:
                text = f"{new.kind.capitalize()} {new.name!r} exists already."
                raise BadRequest(text, status=409, code="ALREADY_EXISTS") from error

    def replace_object(self, changed: StoredObject) -> None:
        """Store a changed object. Raises BadRequest (409) if another change was first, NotFound if it is gone."""
        with self._database.writing("objects") as connection:
            before = (objects.c.id == changed.id) & (objects.c.revision == changed.revision - 1)
            if connection.execute(update(objects).where(before).values(**msgspec.structs.asdict(changed))).rowcount != 1:
                raise _not_there(connection, changed)

    def remove_object(self, gone: StoredObject) -> None:
        """Remove the object at this revision. Raises as `replace_object`."""
        with self._database.writing("objects") as connection:
            if connection.execute(delete(objects).where((objects.c.id == gone.id) & (objects.c.revision == gone.revision))).rowcount != 1:
                raise _not_there(connection, gone)


def _read(connection: Connection, table: Table) -> list[StoredObject]:
    return [_object(row) for row in connection.execute(select(table).order_by(*_ORDER)).all()]


def _object(row: Row[Any]) -> StoredObject:
    return StoredObject(**row._mapping)  # ruff: ignore[private-member-access] the public name of SQLAlchemy's mapping begins like that


def _not_there(connection: Connection, one: StoredObject) -> BadRequest | NotFound:
    if connection.execute(select(objects.c.id).where(objects.c.id == one.id)).first() is None:
        return NotFound(f"{one.kind.capitalize()} {one.name!r} does not exist any more.", code="RESOURCE_DOES_NOT_EXIST")
    text = f"{one.kind.capitalize()} {one.name!r} was changed meanwhile. Read it again, then repeat the change."
    return BadRequest(text, status=409, code="ABORTED")
