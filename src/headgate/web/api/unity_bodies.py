"""What clients of the Unity Catalog interface send: bodies as values, and a table's columns as the catalog's types. What is not named here is left alone."""

from collections.abc import Sequence
from typing import Any

import msgspec

from headgate.catalog import table_properties, types
from headgate.catalog.names import Name, of_parts
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import Field, Structure
from headgate.core.errors import BadRequest


class CatalogBody(msgspec.Struct, frozen=True, kw_only=True):
    """A catalog or schema to be made."""

    name: str
    catalog_name: str = ""
    comment: str | None = None
    properties: dict[str, str] | None = None
    storage_root: str | None = None


class ChangeBody(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry is to become."""

    comment: str | None = None
    owner: str | None = None
    new_name: str | None = None
    properties: dict[str, str] | None = None


class ColumnBody(msgspec.Struct, frozen=True, kw_only=True):
    """A column: its type as Delta's JSON, or as text."""

    name: str
    type_text: str | None = None
    type_json: str | None = None
    type_name: str | None = None
    position: int | None = None
    nullable: bool = True
    comment: str | None = None
    partition_index: int | None = None


class TableBody(msgspec.Struct, frozen=True, kw_only=True):
    """A table to create, or an existing one to register."""

    name: str
    catalog_name: str
    schema_name: str
    table_type: str = "EXTERNAL"
    data_source_format: str = "DELTA"
    columns: list[ColumnBody] | None = None
    storage_location: str | None = None
    properties: dict[str, str] | None = None
    comment: str | None = None

    @property
    def full_name(self) -> Name:
        """The name, checked."""
        return of_parts((self.catalog_name, self.schema_name, self.name), 3)


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What one principal gets and loses."""

    principal: str
    add: list[str] | None = None
    remove: list[str] | None = None


class PermissionsBody(msgspec.Struct, frozen=True, kw_only=True):
    """Changes of privileges."""

    changes: list[Changed] | None = None


class CredentialBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader or writer wants to do with a table."""

    table_id: str
    operation: str = "READ"


def creation(body: TableBody) -> CreateTable:
    """The statement that would make the table."""
    columns = sorted(body.columns or (), key=lambda column: column.position or 0)
    if not columns:
        raise BadRequest("A table needs at least one column.", code="INVALID_PARAMETER_VALUE")
    partitions = sorted((column for column in columns if column.partition_index is not None), key=lambda column: column.partition_index or 0)
    return CreateTable(
        name=body.full_name,
        schema=Structure(_fields(columns)),
        properties=table_properties.check(body.properties or {}),
        partitioned_by=tuple(column.name for column in partitions),
        comment=body.comment or "",
        location=body.storage_location or "",
    )


def _fields(columns: Sequence[ColumnBody]) -> tuple[Field, ...]:
    fields = tuple(_field(column) for column in columns)
    if len({field.name.lower() for field in fields}) != len(fields):
        raise BadRequest("A column is named twice.", code="INVALID_PARAMETER_VALUE")
    return fields


def _field(column: ColumnBody) -> Field:
    """The type by its JSON if that can be read, because only JSON shows which inner fields may be missing; else by its text."""
    if column.type_json:
        value = _json(column.type_json)
        if isinstance(value, dict) and "name" in value:
            return msgspec.structs.replace(types.field_from_delta(value), name=column.name, nullable=column.nullable, comment=column.comment or "")
        if value is not None:
            return Field(column.name, types.from_delta(value), column.nullable, column.comment or "")
    text = column.type_text or column.type_name or ""
    return Field(column.name, types.parse_text(text), column.nullable, column.comment or "")


def _json(text: str) -> Any:  # ruff: ignore[any-type] - any JSON value; `None` for what is none, for some clients send a bare word
    try:
        return msgspec.json.decode(text)
    except RecursionError as error:
        raise BadRequest("The type_json of a column is nested too deeply.", code="INVALID_PARAMETER_VALUE") from error
    except (msgspec.DecodeError, UnicodeError):
        return None
