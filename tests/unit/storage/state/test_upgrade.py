"""Migrations and tables say the same."""

from sqlalchemy import inspect, select

from headgate.catalog import privileges
from headgate.catalog.entries import Entry
from headgate.catalog.holders import group, own, user
from headgate.catalog.names import METASTORE, Name
from headgate.storage.state.catalog import CatalogStore
from headgate.storage.state.opening import WRITES, open_engine
from headgate.storage.state.schema import REVISION, alembic_version, metadata, tokens
from headgate.storage.state.schema import principals as stored_principals
from headgate.storage.state.store import StateStore
from headgate.storage.state.upgrade import newest_revision, upgrade
from tests.fakes import principals


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


OLD = (
    "INSERT INTO principals VALUES ('usr_1', 'ada', 'USER', 1), ('usr_2', 'admins', 'USER', 1), ('usr_3', 'headgate', 'USER', 1)",
    "INSERT INTO tokens VALUES ('tok_1', 'admins', 'usr_2', x'01', 'abcd', '[\"inference\"]', '[\"*\"]', 1, 0, 0)",
    "INSERT INTO securables VALUES ('m', NULL, '', 'admins', '', '', '{}', 1, 'headgate', 1, 'headgate')",
    "INSERT INTO securables VALUES ('c', 'm', 'main', 'ada', '', '', '{}', 1, 'ada', 1, 'ada'), ('s', 'c', 'default', 'Admins', '', '', '{}', 1, 'ada', 1, 'ada')",
    "INSERT INTO securables VALUES ('t', 's', 't', 'headgate', '', '', '{}', 1, 'headgate', 1, 'headgate'), ('e', 's', 'e', 'account users', '', '', '{}', 1, 'ada', 1, 'ada')",
    "INSERT INTO table_facts VALUES ('t', 'MANAGED', '{}', '[]', '')",
    "INSERT INTO grants VALUES ('c', 'account users', 'USE CATALOG'), ('c', 'ada', 'SELECT'), ('t', 'headgate', 'SELECT'), ('t', 'admins', 'MODIFY')",
)


def test_the_kinds_of_old_owners_and_grants(tmp_path):
    """A group's name meant the group; what Headgate made is its own; everything else is a user's. Nothing else is lost, and no user becomes a group."""
    url = f"sqlite:///{tmp_path}/s.db"
    engine = open_engine(url)
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        metadata.drop_all(connection)
        connection.execute(alembic_version.delete())
        upgrade(connection, "0002")
        for statement in OLD:
            connection.exec_driver_sql(statement)
    engine.dispose()
    migrated = StateStore(url)
    seen = CatalogStore(migrated.database, "/w", 1).load()
    places = {
        place: Name(tuple(place.split("."))) if place else METASTORE for place in ("", "main", "main.default", "main.default.t", "main.default.e")
    }
    assert {place: seen.find(name).owner for place, name in places.items()} == {
        "": group("admins"), "main": user("ada"), "main.default": user("Admins"), "main.default.t": own("headgate"), "main.default.e": group("account users"),
    }  # fmt: skip
    assert seen.grants[places["main"]] == {group("account users"): frozenset({"USE CATALOG"}), user("ada"): frozenset({"SELECT"})}
    assert seen.grants[places["main.default.t"]] == {user("headgate"): frozenset({"SELECT"}), group("admins"): frozenset({"MODIFY"})}
    assert seen.find(places["main.default.t"]).table is not None
    assert [row.principal.name for row in migrated.list_tokens()] == ["admins"]
    principal = principals.user("admins")
    for privilege in (privileges.MANAGE, privileges.SELECT):
        assert not seen.allows(principal, privilege, METASTORE)
        assert not seen.allows(principal, privilege, places["main.default.t"])
    migrated.close()


GOVERNED = (
    "INSERT INTO principals VALUES ('usr_1', 'ada', 'USER', 1), ('usr_2', 'ben', 'USER', 1), ('usr_3', 'eve', 'USER', 1)",
    "INSERT INTO tokens VALUES ('tok_1', 'ada', 'usr_1', x'01', 'abcd', '[\"inference\", \"admin\"]', '[\"*\"]', 1, 0, 0)",
    "INSERT INTO tokens VALUES ('tok_2', 'ben', 'usr_2', x'02', 'abcd', '[\"inference\"]', '[\"*\"]', 1, 0, 0)",
    "INSERT INTO tokens VALUES ('tok_3', 'eve', 'usr_3', x'03', 'abcd', '[\"admin\"]', '[\"*\"]', 1, 0, 7)",
)


def test_the_roles_and_scopes_of_old_tokens(tmp_path):
    """A live administrator's token makes an account administrator, a revoked one does not; what could send telemetry and use SQL still can."""
    engine = open_engine(f"sqlite:///{tmp_path}/s.db")
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        metadata.drop_all(connection)
        connection.execute(alembic_version.delete())
        upgrade(connection, "0004")
        for statement in GOVERNED:
            connection.exec_driver_sql(statement)
    engine.dispose()
    migrated = StateStore(f"sqlite:///{tmp_path}/s.db")
    with migrated.database.reading() as connection:
        people = connection.execute(select(stored_principals.c.name, stored_principals.c.roles, stored_principals.c.active)).all()
        scopes = connection.execute(select(tokens.c.id, tokens.c.scopes, tokens.c.networks)).all()
    assert [tuple(row) for row in people] == [("ada", ["account_admin"], True), ("ben", ["member"], True), ("eve", ["member"], True)]
    assert [tuple(row) for row in scopes] == [
        ("tok_1", ["inference", "admin", "telemetry", "sql"], []), ("tok_2", ["inference", "telemetry", "sql"], []), ("tok_3", ["admin"], []),
    ]  # fmt: skip
    migrated.close()


CATALOG = (
    "INSERT INTO securables VALUES ('m', NULL, '', 'admins', '', '', '{}', 1, 'headgate', 1, 'headgate', 'group')",
    "INSERT INTO securables VALUES ('t', 's', 't', 'ada', 'c', 'w/t', '{\"k\": \"v\"}', 4, 'ada', 5, 'eve', 'user'), ('s', 'c', 'q1', 'ada', '', '', '{}', 1, 'ada', 1, 'ada', 'user')",
    "INSERT INTO securables VALUES ('c', 'm', 'shop', 'admins', '', '', '{}', 1, 'ada', 1, 'ada', 'group')",
    "INSERT INTO table_facts VALUES ('t', 'MANAGED', '{}', '[\"a\"]', '')",
    "INSERT INTO grants VALUES ('s', 'team', 'group', 'USE SCHEMA'), ('t', 'ada', 'user', 'SELECT')",
)


def test_the_catalog_is_kept_whole(tmp_path):
    """Every entry, table and grant, where the tables of the catalog are made anew for the kinds of entries; then a model service is added beside a table."""
    url = f"sqlite:///{tmp_path}/s.db"
    engine = open_engine(url)
    with engine.connect().execution_options(**WRITES) as connection, connection.begin():
        metadata.drop_all(connection)
        connection.execute(alembic_version.delete())
        upgrade(connection, "0006")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for statement in CATALOG:
            connection.exec_driver_sql(statement)
    engine.dispose()
    migrated = StateStore(url)
    store = CatalogStore(migrated.database, "/w", 1)
    seen, table = store.load(), Name(("shop", "q1", "t"))
    kept = seen.find(table)
    assert (kept.id, kept.owner, kept.comment, kept.location, kept.properties, kept.created_at_ms, kept.updated_at_ms, kept.updated_by) == (
        "t", user("ada"), "c", "/w/w/t", {"k": "v"}, 4, 5, "eve",
    )  # fmt: skip
    assert (kept.table.table_type, kept.table.partitioned_by, seen.find(table.parent).owner) == ("MANAGED", ("a",), user("ada"))
    assert seen.grants[table.parent] == {group("team"): frozenset({"USE SCHEMA"})}
    assert seen.grants[table] == {user("ada"): frozenset({"SELECT"})}
    service = Name(table.parts, service=True)
    store.change_services((), [Entry(id="srv", name=service, owner=user("ada"))])
    assert [store.load().find(name).id for name in (table, service)] == ["t", "srv"]
    migrated.close()
