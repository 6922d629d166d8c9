"""Migrations and tables say the same."""

from sqlalchemy import inspect

from headgate.storage.state_open import WRITES, open_engine
from headgate.storage.state_schema import REVISION, alembic_version, metadata
from headgate.storage.state_upgrade import newest_revision, upgrade


def shape(engine):
    """Tables, columns, keys and indexes as the database sees them."""
    seen = inspect(engine)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(table)],
            seen.get_pk_constraint(table),
            seen.get_foreign_keys(table),
            seen.get_unique_constraints(table),
            seen.get_check_constraints(table),
            seen.get_indexes(table),
        )
        for table in sorted(seen.get_table_names())
        if table != "alembic_version"
    }


def test_the_migrations_lead_to_the_tables(tmp_path):
    """A store that was migrated from nothing has the tables of a new one, and stands at the same revision."""
    new = open_engine(f"sqlite:///{tmp_path}/new.db")
    migrated = open_engine(f"sqlite:///{tmp_path}/migrated.db")
    with migrated.connect().execution_options(**WRITES) as connection, connection.begin():
        metadata.drop_all(connection)
        connection.execute(alembic_version.delete())
        upgrade(connection)
    assert shape(migrated) == shape(new)
    with migrated.connect() as connection:
        assert connection.execute(alembic_version.select()).scalars().all() == [REVISION]
    new.dispose()
    migrated.dispose()


def test_the_newest_migration_is_the_stated_one():
    """The revision that a new store is stamped with is the last migration's."""
    assert newest_revision() == REVISION
