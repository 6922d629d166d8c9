"""The catalog: securables, what only tables have, and grants.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
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
        sa.PrimaryKeyConstraint("id", name="pk_securables"),
        sa.ForeignKeyConstraint(["parent_id"], ["securables.id"], name="fk_securables_parent_id"),
        sa.UniqueConstraint("parent_id", "name", name="uq_securables_parent_id_name"),
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
        sa.Column("privilege", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("securable_id", "principal", "privilege", name="pk_grants"),
        sa.ForeignKeyConstraint(["securable_id"], ["securables.id"], name="fk_grants_securable_id", ondelete="CASCADE"),
    )
