"""The tables of the control state."""

from headgate.storage.state.schema import alembic_version, grants, metadata, securables, table_facts


def test_tables():
    """The state holds these tables and the catalog's, and no others; Alembic's own is beside them."""
    catalog = {table.name for table in (grants, securables, table_facts)}
    assert sorted(set(metadata.tables) - catalog) == [
        "audit_events", "ended_sessions", "memberships", "objects", "principals", "sign_in_links", "state_version", "tokens",
    ]  # fmt: skip
    assert alembic_version.name not in metadata.tables


def test_constraints_are_named():
    """Every constraint has a name, so that a later migration can change it."""
    for table in metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, table.name
