"""The kinds of owners and of those who hold privileges, and a version of the catalog alone.

A row that says `admins` or `account users` means the group, as it always did; what Headgate made for itself is its own; all others are users. A user
who has one of these names keeps the token, and has from here on what a user of any other name has.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_GROUPS = ("account users", "admins")


def upgrade() -> None:
    """Add the columns. The table of grants is made anew, since the kind belongs to its key; nothing refers to it."""
    op.add_column("state_version", sa.Column("catalog_version", sa.BigInteger, nullable=False, server_default="1"))
    op.add_column("securables", sa.Column("owner_kind", sa.String(16), nullable=False, server_default="user"))
    securables = sa.table("securables", sa.column("owner", sa.String), sa.column("owner_kind", sa.String))
    op.execute(securables.update().where(securables.c.owner.in_(_GROUPS)).values(owner_kind="group"))
    op.execute(securables.update().where(securables.c.owner == "headgate").values(owner_kind="headgate"))
    columns = [sa.column(name, sa.String) for name in ("securable_id", "principal", "privilege")]
    rows = op.get_bind().execute(sa.select(*columns).select_from(sa.table("grants", *columns))).mappings().all()
    op.drop_table("grants")
    grants = op.create_table(
        "grants",
        sa.Column("securable_id", sa.String(36), nullable=False),
        sa.Column("principal", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("privilege", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("securable_id", "principal", "kind", "privilege", name="pk_grants"),
        sa.ForeignKeyConstraint(["securable_id"], ["securables.id"], name="fk_grants_securable_id", ondelete="CASCADE"),
    )
    if rows:
        op.bulk_insert(grants, [dict(row) | {"kind": "group" if row["principal"] in _GROUPS else "user"} for row in rows])
