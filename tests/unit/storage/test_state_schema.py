"""The tables of the control state."""

from headgate.storage.state_schema import alembic_version, metadata


def test_tables():
    """The state holds these tables and no others; Alembic's own is beside them."""
    assert sorted(metadata.tables) == ["principals", "sign_in_links", "state_version", "tokens"]
    assert alembic_version.name not in metadata.tables


def test_constraints_are_named():
    """Every constraint has a name, so that a later migration can change it."""
    for table in metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, table.name
