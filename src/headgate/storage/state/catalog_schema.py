"""The tables of the catalog in the control state: securables as one tree, what only tables have, and grants.

Names are kept once, with the securable itself, so that a rename changes one row. Times are as in `state_schema`; a change here goes with a migration.
"""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, String, Table, Text, UniqueConstraint

from headgate.catalog.holders import Holder
from headgate.storage.state.schema import metadata

# The metastore is the one row without a parent; below it catalogs, schemas, tables.
securables = Table(
    "securables",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("parent_id", String(36), ForeignKey("securables.id")),
    Column("name", String(255), nullable=False),
    Column("owner", String(128), nullable=False),
    Column("comment", Text, nullable=False),
    Column("location", Text, nullable=False),  # without a scheme and a leading slash: below the warehouse of the data directory
    Column("properties", JSON, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Column("updated_by", String(128), nullable=False),
    Column("owner_kind", String(16), nullable=False, server_default="user"),  # user, group or headgate
    UniqueConstraint("parent_id", "name", name="uq_securables_parent_id_name"),
)

table_facts = Table(
    "table_facts",
    metadata,
    Column("securable_id", String(36), ForeignKey("securables.id", ondelete="CASCADE"), primary_key=True),
    Column("table_type", String(16), nullable=False),
    Column("columns", Text, nullable=False),
    Column("partitioned_by", JSON, nullable=False),
    Column("view_text", Text, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("securable_id", String(36), ForeignKey("securables.id", ondelete="CASCADE"), primary_key=True),
    Column("principal", String(128), primary_key=True),
    Column("kind", String(16), primary_key=True),  # user or group
    Column("privilege", String(32), primary_key=True),
)


def owner_columns(owner: Holder) -> dict[str, str]:
    """The columns of a securable's owner: the plain name in one, the kind in the other."""
    kind, _, name = owner.partition(":")
    return {"owner": name, "owner_kind": kind}


def holder_columns(holder: Holder) -> dict[str, str]:
    """The columns of the holder of a grant."""
    kind, _, name = holder.partition(":")
    return {"principal": name, "kind": kind}


def holder_of_columns(kind: str, name: str) -> Holder:
    """The holder that two columns name."""
    return Holder(f"{kind}:{name}")
