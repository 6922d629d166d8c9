"""Catalog entries in the shapes of the Unity Catalog interface. Formats only."""

import functools
from collections.abc import Iterable
from typing import Any

import msgspec

from headgate.admin.grants import Granted
from headgate.admin.locations import url_of
from headgate.catalog import privileges, types
from headgate.catalog.entries import Entry
from headgate.catalog.holders import name_of
from headgate.catalog.names import METASTORE
from headgate.catalog.types import Decimal, Field

Info = dict[str, Any]


def catalog_info(entry: Entry, metastore_id: str) -> Info:
    """A catalog."""
    return _shared(entry, metastore_id) | {
        "id": entry.id,
        "full_name": entry.name.leaf,
        "catalog_type": _catalog_type(entry),
        "isolation_mode": "OPEN",
        "securable_type": "CATALOG",
        "storage_root": url_of(entry.location),
    }


def schema_info(entry: Entry, metastore_id: str) -> Info:
    """A schema."""
    return _shared(entry, metastore_id) | {
        "schema_id": entry.id,
        "catalog_name": entry.name.parent.leaf,
        "full_name": str(entry.name),
        "catalog_type": _catalog_type(entry),
        "storage_root": url_of(entry.location),
        "securable_type": "SCHEMA",
    }


def table_info(entry: Entry, metastore_id: str, *, columns: bool = True) -> Info:
    """A table or view. Listings may leave the columns out."""
    catalog, schema, _ = entry.name.parts
    info = _shared(entry, metastore_id) | {
        "table_id": entry.id,
        "catalog_name": catalog,
        "schema_name": schema,
        "full_name": str(entry.name),
        "securable_type": "TABLE",
    }
    table = entry.table
    if table is None:
        return info
    info["table_type"] = table.table_type
    if entry.is_view:
        info["view_definition"] = table.view_text
    else:
        info |= {"data_source_format": "DELTA", "storage_location": url_of(entry.location)}
    if columns:
        info["columns"] = list(_columns(table.columns, table.partitioned_by))
    return info


def summary(entry: Entry) -> Info:
    """A table's line in a summary."""
    return {"full_name": str(entry.name), "table_type": entry.table.table_type if entry.table is not None else ""}


def metastore_info(entry: Entry) -> Info:
    """The metastore."""
    return {
        "metastore_id": entry.id,
        "global_metastore_id": f"headgate:local:{entry.id}",
        "name": "headgate",
        "cloud": "headgate",
        "region": "local",
        "owner": name_of(entry.owner),
        "privilege_model_version": "1.0",
        "delta_sharing_scope": "INTERNAL",
        "created_at": entry.created_at_ms,
        "created_by": entry.created_by,
        "updated_at": entry.updated_at_ms,
        "updated_by": entry.updated_by,
    }


def assignments(found: Iterable[Granted]) -> list[Info]:
    """Privileges by principal."""
    held: dict[str, list[str]] = {}
    for each in found:
        held.setdefault(each.holder, []).append(privileges.api_spelling(each.privilege))
    return [{"principal": principal, "privileges": sorted(words)} for principal, words in held.items()]


def effective(found: Iterable[Granted], own: object) -> list[Info]:
    """Privileges by principal, each with what it is inherited from."""
    held: dict[str, list[Info]] = {}
    for each in found:
        privilege: Info = {"privilege": privileges.api_spelling(each.privilege)}
        if each.on != own:
            privilege |= {"inherited_from_type": each.on.kind, "inherited_from_name": str(each.on) if each.on != METASTORE else "headgate"}
        held.setdefault(each.holder, []).append(privilege)
    return [{"principal": principal, "privileges": found} for principal, found in held.items()]


def _shared(entry: Entry, metastore_id: str) -> Info:
    return {
        "name": entry.name.leaf,
        "owner": name_of(entry.owner),
        "comment": entry.comment,
        "properties": entry.properties,
        "metastore_id": metastore_id,
        "created_at": entry.created_at_ms,
        "created_by": entry.created_by,
        "updated_at": entry.updated_at_ms,
        "updated_by": entry.updated_by,
    }


def _catalog_type(entry: Entry) -> str:
    return "SYSTEM_CATALOG" if entry.is_system else "MANAGED_CATALOG"


@functools.lru_cache(maxsize=64)  # many tables share their columns, and some have a hundred
def _columns(schema: str, partitioned_by: tuple[str, ...]) -> tuple[Info, ...]:
    places = {name: place for place, name in enumerate(partitioned_by)}
    return tuple(_column(place, field, places.get(field.name)) for place, field in enumerate(types.from_delta_json(schema).fields))


def _column(position: int, field: Field, partition: int | None) -> Info:
    info: Info = {
        "name": field.name,
        "type_text": types.text(field.type),
        "type_json": msgspec.json.encode(types.field_to_delta(field)).decode(),
        "type_name": types.type_name(field.type),
        "position": position,
        "nullable": field.nullable,
    }
    if isinstance(field.type, Decimal):
        info |= {"type_precision": field.type.precision, "type_scale": field.type.scale}
    if field.comment:
        info["comment"] = field.comment
    if partition is not None:
        info["partition_index"] = partition
    return info
