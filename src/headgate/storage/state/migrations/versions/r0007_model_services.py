"""Model services in the catalog: a securable has a kind, since a table and a model service of one schema may have the same name.

The tables of the catalog are made anew, as the kind belongs to a key that SQLite cannot change. What refers to securables is dropped before them: dropping
the table that they refer to would delete their rows.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_COPY = (
    "CREATE TEMPORARY TABLE old_securables AS SELECT * FROM securables",
    "CREATE TEMPORARY TABLE old_table_facts AS SELECT * FROM table_facts",
    "CREATE TEMPORARY TABLE old_grants AS SELECT * FROM grants",
)
_COPY_BACK = (
    (
        "INSERT INTO securables (id, parent_id, name, owner, comment, location, properties, created_at_ms, created_by, updated_at_ms, updated_by, owner_kind) "
        "SELECT id, parent_id, name, owner, comment, location, properties, created_at_ms, created_by, updated_at_ms, updated_by, owner_kind FROM old_securables"
    ),
    (
        "INSERT INTO table_facts (securable_id, table_type, columns, partitioned_by, view_text) "
        "SELECT securable_id, table_type, columns, partitioned_by, view_text FROM old_table_facts"
    ),
    "INSERT INTO grants (securable_id, principal, kind, privilege) SELECT securable_id, principal, kind, privilege FROM old_grants",
    "DROP TABLE old_securables",
    "DROP TABLE old_table_facts",
    "DROP TABLE old_grants",
)


def upgrade() -> None:
    """Copy the rows aside, make the tables anew, and copy the rows back."""
    for statement in _COPY:
        op.execute(statement)
    for table in ("grants", "table_facts", "securables"):
        op.drop_table(table)
    _create()
    for statement in _COPY_BACK:
        op.execute(statement)


def _create() -> None:
    op.create_table(
        "securables",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("parent_id", sa.String(36)),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("properties", sa.JSON, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_by", sa.String(128), nullable=False),
        sa.Column("owner_kind", sa.String(16), nullable=False, server_default="user"),
        sa.Column("kind", sa.String(16), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_securables"),
        sa.ForeignKeyConstraint(["parent_id"], ["securables.id"], name="fk_securables_parent_id"),
        sa.UniqueConstraint("parent_id", "kind", "name", name="uq_securables_parent_id_kind_name"),
    )
    op.create_table(
        "table_facts",
        sa.Column("securable_id", sa.String(36), nullable=False),
        sa.Column("table_type", sa.String(16), nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("partitioned_by", sa.JSON, nullable=False),
        sa.Column("view_text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("securable_id", name="pk_table_facts"),
        sa.ForeignKeyConstraint(["securable_id"], ["securables.id"], name="fk_table_facts_securable_id", ondelete="CASCADE"),
    )
    op.create_table(
        "grants",
        sa.Column("securable_id", sa.String(36), nullable=False),
        sa.Column("principal", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("privilege", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("securable_id", "principal", "kind", "privilege", name="pk_grants"),
        sa.ForeignKeyConstraint(["securable_id"], ["securables.id"], name="fk_grants_securable_id", ondelete="CASCADE"),
    )
