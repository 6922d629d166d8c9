"""The tables of the control state. Times are wall-clock milliseconds since the epoch, 0 for never; secrets are keyed hashes.

A change here goes with a migration of the same effect, and moves REVISION.
"""

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table

REVISION = "0004"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

principals = Table(
    "principals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
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

# One row. `version` moves with every change, `catalog_version` with those of the catalog. `pepper_check` tells whether the key file beside the store is the one its tokens were hashed with.
state_version = Table(
    "state_version",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("pepper_check", LargeBinary(32)),
    Column("catalog_version", BigInteger, nullable=False, server_default="1"),
)

# Alembic's own table, written here so that a new store needs no migration and an up-to-date one no Alembic.
alembic_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
