"""Views that users make: what completes short names in a view's text, and the names that its query gives its columns.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, which are empty for Headgate's own views."""
    for name in ("view_defaults", "view_outputs"):
        op.add_column("table_facts", sa.Column(name, sa.JSON, nullable=False, server_default="[]"))
