"""Migrations of the control state, run by Alembic when an old store is opened."""
