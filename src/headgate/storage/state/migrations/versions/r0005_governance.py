"""What governance stores: more of principals and tokens, memberships, objects, and the audit events that wait for their table.

A principal with a live token of the scope `admin` becomes an account administrator, all others are members. A token that was made for inference could
send telemetry and use SQL too, so it has these scopes from here on.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_PRINCIPALS = (
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("display_name", sa.String(256), nullable=False, server_default=""),
    sa.Column("external_id", sa.String(256), nullable=False, server_default=""),
    sa.Column("roles", sa.JSON, nullable=False, server_default='["member"]'),
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False, server_default="0"),
)
_TOKENS = (
    sa.Column("networks", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("created_by", sa.String(128), nullable=False, server_default=""),
    sa.Column("last_used_at_ms", sa.BigInteger, nullable=False, server_default="0"),
)
_VERSIONS = ("access_version", "objects_version")
_ADDED = ("telemetry", "sql")


def upgrade() -> None:
    """Add the columns and tables, and bring the rows to them."""
    for column in _PRINCIPALS:
        op.add_column("principals", column)
    for column in _TOKENS:
        op.add_column("tokens", column)
    for name in _VERSIONS:
        op.add_column("state_version", sa.Column(name, sa.BigInteger, nullable=False, server_default="1"))
    _create_tables()
    _bring_rows()


def _create_tables() -> None:
    op.create_table(
        "memberships",
        sa.Column("group_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "member_id", name="pk_memberships"),
        sa.ForeignKeyConstraint(["group_id"], ["principals.id"], name="fk_memberships_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["principals.id"], name="fk_memberships_member_id", ondelete="CASCADE"),
    )
    op.create_table(
        "objects",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(512), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_by", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_objects"),
        sa.UniqueConstraint("kind", "name", name="uq_objects_kind"),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sqlite_autoincrement=True,
    )


def _bring_rows() -> None:
    connection = op.get_bind()
    tokens = sa.table(
        "tokens",
        sa.column("id", sa.String),
        sa.column("principal_id", sa.String),
        sa.column("scopes", sa.JSON),
        sa.column("revoked_at_ms", sa.BigInteger),
    )
    principals = sa.table("principals", sa.column("id", sa.String), sa.column("roles", sa.JSON))
    administrators = set()
    for row in connection.execute(sa.select(tokens)).all():
        if "admin" in row.scopes and not row.revoked_at_ms:
            administrators.add(row.principal_id)
        if "inference" in row.scopes:
            scopes = [*row.scopes, *(scope for scope in _ADDED if scope not in row.scopes)]
            connection.execute(tokens.update().where(tokens.c.id == row.id).values(scopes=scopes))
    for principal_id in sorted(administrators):
        connection.execute(principals.update().where(principals.c.id == principal_id).values(roles=["account_admin"]))
