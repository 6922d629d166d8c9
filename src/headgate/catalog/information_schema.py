"""`information_schema`: the relations that each catalog has about what is in it, and `system` about all catalogs. Columns alone; no rows.

Source of names and types: https://docs.databricks.com/sql/language-manual/sql-ref-information-schema.html, a page for each relation.
"""

from collections.abc import Mapping
from typing import Final

from headgate.catalog.entries import SYSTEM
from headgate.catalog.names import Name
from headgate.catalog.types import Structure, parse_columns

SCHEMA: Final = "information_schema"

_TIMES = "created: timestamp, created_by: string, last_altered: timestamp, last_altered_by: string"
_TABLE = "table_catalog: string, table_schema: string, table_name: string"
_GRANT = "privilege_type: string, is_grantable: string, inherited_from: string"

RELATIONS: Mapping[str, Structure] = {
    name: Structure(parse_columns(columns))
    for name, columns in {
        "catalogs": f"catalog_name: string, catalog_owner: string, comment: string, {_TIMES}",
        "schemata": f"catalog_name: string, schema_name: string, schema_owner: string, comment: string, {_TIMES}",
        "tables": f"{_TABLE}, table_type: string, is_insertable_into: string, commit_action: string, table_owner: string, comment: string, {_TIMES}, "
        "data_source_format: string, storage_path: string",
        "columns": f"{_TABLE}, column_name: string, ordinal_position: int, column_default: string, is_nullable: string, full_data_type: string, "
        "data_type: string, character_maximum_length: int, character_octet_length: string, numeric_precision: int, numeric_precision_radix: int, "
        "numeric_scale: int, datetime_precision: int, interval_type: string, interval_precision: int, maximum_cardinality: int, is_identity: string, "
        "identity_generation: string, identity_start: string, identity_increment: string, identity_maximum: string, identity_minimum: string, "
        "identity_cycle: string, is_generated: string, generation_expression: string, is_system_time_period_start: string, "
        "is_system_time_period_end: string, system_time_period_timestamp_generation: string, is_updatable: string, partition_index: int, comment: string",
        "views": f"{_TABLE}, view_definition: string, check_option: string, is_updatable: string, is_insertable_into: string, sql_path: string, "
        "is_materialized: string",
        "table_privileges": f"grantor: string, grantee: string, {_TABLE}, {_GRANT}",
        "schema_privileges": f"grantor: string, grantee: string, catalog_name: string, schema_name: string, {_GRANT}",
        "catalog_privileges": f"grantor: string, grantee: string, catalog_name: string, {_GRANT}",
    }.items()
}


def is_relation(name: Name) -> bool:
    """Whether a table's name is one in `information_schema`, of whatever catalog."""
    return len(name.parts) == 3 and name.parts[1] == SCHEMA


def is_about(relation: Name, catalog: Name) -> bool:
    """Whether a relation has rows about what is in a catalog: its own, or every one in that of `system`."""
    return relation.parts[0] in {SYSTEM, catalog.leaf}
