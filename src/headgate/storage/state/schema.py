"""The tables of the control state, the catalog's among them, and holders in their columns. Times are wall-clock milliseconds since the epoch, 0 for never; secrets are keyed hashes.

A change here goes with a migration of the same effect, and moves REVISION.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    true,
)

from headgate.catalog.holders import Holder

REVISION = "0008"
MODEL_SERVICE = "model_service"  # the kind of a securable

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# Users, service principals and groups: one namespace, so that a name means one of them. A deleted principal keeps its row, since records and tokens refer
# to it, and its name is never another one's.
principals = Table(
    "principals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("display_name", String(256), nullable=False, server_default=""),
    Column("external_id", String(256), nullable=False, server_default=""),  # of the directory that provisions it
    Column("roles", JSON, nullable=False, server_default='["member"]'),
    Column("updated_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("deleted_at_ms", BigInteger, nullable=False, server_default="0"),
)

# The members of groups; a member may be a group.
memberships = Table(
    "memberships",
    metadata,
    Column("group_id", String(64), ForeignKey("principals.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", String(64), ForeignKey("principals.id", ondelete="CASCADE"), primary_key=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("principal_id", String(64), ForeignKey("principals.id"), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("last4", String(4), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("endpoints", JSON, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("revoked_at_ms", BigInteger, nullable=False),
    Column("networks", JSON, nullable=False, server_default="[]"),  # from which it may be used; empty: from everywhere
    Column("created_by", String(128), nullable=False, server_default=""),
    Column("last_used_at_ms", BigInteger, nullable=False, server_default="0"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("principal_id", String(64), ForeignKey("principals.id"), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("used_at_ms", BigInteger, nullable=False),
)

# Browser sessions that a sign-out ended, until they would have ended by themselves.
ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("ends_at_ms", BigInteger, nullable=False),
)

# Endpoints, limits, budgets, grants and previews that were declared here and not in the file. `document` has the shape that an entry of the file has;
# `revision` moves with each change of it.
objects = Table(
    "objects",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(512), nullable=False),
    Column("document", JSON, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Column("updated_by", String(128), nullable=False),
    UniqueConstraint("kind", "name"),
)

# Audit events, written in the transaction of what they report, until they are in the journal. Numbers are never used again.
audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    sqlite_autoincrement=True,
)

# One row. `version` moves with every change; the others with those of the catalog, of access (principals, memberships, tokens, sessions) and of objects.
# `pepper_check` tells whether the key file beside the store is the one its tokens were hashed with.
state_version = Table(
    "state_version",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("pepper_check", LargeBinary(32)),
    Column("catalog_version", BigInteger, nullable=False, server_default="1"),
    Column("access_version", BigInteger, nullable=False, server_default="1"),
    Column("objects_version", BigInteger, nullable=False, server_default="1"),
)

# The catalog: securables as one tree, what only tables have, and grants. A name is stored once, with the securable itself, so that a rename changes one row.
# The metastore is the one row without a parent; below it are catalogs, schemas, and tables and model services.
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
    Column("kind", String(16), nullable=False, server_default=""),  # MODEL_SERVICE; empty where the place in the tree says what it is
    UniqueConstraint("parent_id", "kind", "name", name="uq_securables_parent_id_kind_name"),
)

table_facts = Table(
    "table_facts",
    metadata,
    Column("securable_id", String(36), ForeignKey("securables.id", ondelete="CASCADE"), primary_key=True),
    Column("table_type", String(16), nullable=False),
    Column("columns", Text, nullable=False),
    Column("partitioned_by", JSON, nullable=False),
    Column("view_text", Text, nullable=False),
    Column("view_defaults", JSON, nullable=False, server_default="[]"),
    Column("view_outputs", JSON, nullable=False, server_default="[]"),
)

grants = Table(
    "grants",
    metadata,
    Column("securable_id", String(36), ForeignKey("securables.id", ondelete="CASCADE"), primary_key=True),
    Column("principal", String(128), primary_key=True),
    Column("kind", String(16), primary_key=True),  # user or group
    Column("privilege", String(32), primary_key=True),
)

# Alembic's own table, written here so that a new store needs no migration and an up-to-date one no Alembic.
alembic_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


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
