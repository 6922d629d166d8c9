"""Deleted principals, and what the role `viewer` may read: the group `viewers` gets `SELECT` on `system.ai_gateway`.

A user who is named `viewers` keeps the token, and what is granted to users of that name.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the grant where the schema is there already."""
    op.add_column("principals", sa.Column("deleted_at_ms", sa.BigInteger, nullable=False, server_default="0"))
    securables = sa.table("securables", *(sa.column(name, sa.String) for name in ("id", "parent_id", "name")))
    system = sa.alias(securables)
    place = (
        sa
        .select(securables.c.id)
        .join(system, securables.c.parent_id == system.c.id)
        .where(securables.c.name == "ai_gateway", system.c.name == "system")
    )
    found = op.get_bind().execute(place).scalars().first()
    if found is not None:
        grants = sa.table("grants", *(sa.column(name, sa.String) for name in ("securable_id", "principal", "kind", "privilege")))
        op.bulk_insert(grants, [{"securable_id": found, "principal": "viewers", "kind": "group", "privilege": "SELECT"}])
