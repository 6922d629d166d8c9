"""`information_schema` as different principals see it."""

import datetime as dt

import pytest

from headgate.core.errors import BadRequest, Forbidden, NotFound
from tests.unit.admin.tabling import ADA, HAKAN, Desk

S = "system.information_schema"


@pytest.fixture
async def desk():
    """A catalog that ada reads one table of, and hakan nothing."""
    made = Desk()
    for text in (
        "CREATE CATALOG house COMMENT 'ours'",
        "CREATE SCHEMA house.hr",
        "CREATE TABLE house.hr.pay (who STRING NOT NULL COMMENT 'name', usd DECIMAL(10,2), day DATE, tags ARRAY<BIGINT>, n BIGINT) PARTITIONED BY (day)",
        "CREATE TABLE house.hr.secret (a INT)",
        "CREATE VIEW house.hr.open AS SELECT who FROM house.hr.pay",
        "GRANT USE CATALOG ON CATALOG house TO ada",
        "GRANT USE SCHEMA ON SCHEMA house.hr TO ada",
        "GRANT SELECT ON TABLE house.hr.pay TO ada",
        "GRANT SELECT ON VIEW house.hr.open TO ada",
        "GRANT MODIFY ON TABLE house.hr.pay TO contractors",
    ):
        await made.run(text)
    return made


async def test_objects_that_one_has_a_privilege_on(desk):
    """Each principal sees what listings show to it; a catalog's own relation has that catalog alone."""
    names = f"SELECT table_name FROM {S}.tables WHERE table_catalog = 'house' ORDER BY 1"
    assert [row["table_name"] for row in await desk.answer(names)] == ["open", "pay", "secret"]
    assert [row["table_name"] for row in await desk.answer(names, ADA)] == ["open", "pay"]
    assert await desk.answer(names, HAKAN) == []
    assert await desk.answer("SELECT DISTINCT table_catalog AS c FROM house.information_schema.tables", ADA) == [{"c": "house"}]
    catalogs = f"SELECT catalog_name, catalog_owner, comment FROM {S}.catalogs ORDER BY 1"
    assert [row["catalog_name"] for row in await desk.answer(catalogs, HAKAN)] == ["main", "system"]
    assert (await desk.answer(catalogs, ADA))[0] == {"catalog_name": "house", "catalog_owner": "root", "comment": "ours"}
    schemas = "SELECT schema_name, created FROM house.information_schema.schemata"
    assert await desk.answer(schemas, ADA) == [{"schema_name": "hr", "created": dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)}]
    with pytest.raises(Forbidden, match="hakan does not have USE CATALOG"):
        await desk.answer(schemas, HAKAN)


async def test_tables_views_and_columns(desk):
    """Types, kinds and partitions; the text of a view is its owner's."""
    table, view = await desk.answer(
        "SELECT table_type, is_insertable_into, data_source_format, storage_path FROM house.information_schema.tables WHERE table_name IN ('pay', 'open') "
        "ORDER BY table_name DESC"
    )
    assert list(table.values()) == ["MANAGED", "YES", "DELTA", "file:///data/warehouse/house/hr/pay"]
    assert list(view.values()) == ["VIEW", "NO", "UNKNOWN_DATA_SOURCE_FORMAT", None]
    columns = await desk.answer(
        "SELECT column_name, ordinal_position, is_nullable, full_data_type, data_type, numeric_precision, numeric_scale, datetime_precision, partition_index, "
        "comment FROM house.information_schema.columns WHERE table_name = 'pay' ORDER BY ordinal_position"
    )
    assert [list(row.values()) for row in columns] == [
        ["who", 1, "NO", "string", "STRING", None, None, None, None, "name"],
        ["usd", 2, "YES", "decimal(10,2)", "DECIMAL", 10, 2, None, None, None],
        ["day", 3, "YES", "date", "DATE", None, None, 0, 1, None],
        ["tags", 4, "YES", "array<bigint>", "ARRAY", None, None, None, None, None],
        ["n", 5, "YES", "bigint", "LONG", 64, 0, None, None, None],
    ]
    text = "SELECT view_definition FROM house.information_schema.views"
    assert [await desk.answer(text, who) for who in (ADA,)] == [[{"view_definition": None}]]
    assert await desk.answer(text) == [{"view_definition": "SELECT who FROM house.hr.pay"}]


async def test_privileges(desk):
    """All grants for who manages the object, one's own for others; each says where it was granted."""
    grants = "SELECT grantee, privilege_type, inherited_from FROM house.information_schema.table_privileges WHERE table_name = 'pay' ORDER BY 1, 2"
    assert [list(row.values()) for row in await desk.answer(grants)] == [["ada", "SELECT", "NONE"], ["contractors", "MODIFY", "NONE"]]
    assert [list(row.values()) for row in await desk.answer(grants, ADA)] == [["ada", "SELECT", "NONE"]]
    await desk.run("GRANT SELECT, USE SCHEMA ON CATALOG house TO contractors")
    found = [list(row.values()) for row in await desk.answer(grants)]
    assert ["contractors", "SELECT", "CATALOG"] in found
    assert "USE_SCHEMA" not in {privilege for _, privilege, _ in found}
    of_schema = "SELECT grantee, privilege_type, inherited_from FROM house.information_schema.schema_privileges ORDER BY 1, 2"
    assert ["contractors", "USE_SCHEMA", "CATALOG"] in [list(row.values()) for row in await desk.answer(of_schema)]
    of_catalog = f"SELECT grantee, catalog_name, privilege_type FROM {S}.catalog_privileges WHERE grantee = 'ada'"
    assert [list(row.values()) for row in await desk.answer(of_catalog, ADA)] == [["ada", "house", "USE_CATALOG"]]


async def test_it_is_a_relation_like_others(desk):
    """It is joined, and read in views, where it shows what their readers may see. Its name is taken, and it takes no rows and has no versions."""
    joined = (
        f"SELECT t.table_name, count(*) AS n FROM {S}.tables t JOIN {S}.columns c ON t.table_name = c.table_name AND t.table_schema = c.table_schema "
        "WHERE t.table_schema = 'hr' GROUP BY t.table_name ORDER BY 1"
    )
    assert [list(row.values()) for row in await desk.answer(joined, ADA)] == [["open", 1], ["pay", 5]]
    await desk.run(f"CREATE VIEW main.default.mine AS SELECT table_name FROM {S}.tables WHERE table_schema = 'hr'")
    await desk.run("GRANT SELECT ON VIEW main.default.mine TO ada")
    assert len(await desk.answer("SELECT * FROM mine")) == 3
    assert len(await desk.answer("SELECT * FROM mine", ADA)) == 2
    with pytest.raises(BadRequest, match="exists already"):
        await desk.run("CREATE SCHEMA house.information_schema")
    with pytest.raises(NotFound, match="information_schema has catalogs, schemata"):
        await desk.answer("SELECT * FROM house.information_schema.routines")
    with pytest.raises(NotFound):
        await desk.run("INSERT INTO house.information_schema.tables SELECT 1")
