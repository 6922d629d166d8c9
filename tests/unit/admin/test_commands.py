"""The catalog's statements, carried out."""

import pytest

from headgate.admin.catalog import Change
from headgate.catalog.entries import Entry
from headgate.catalog.holders import group
from headgate.catalog.names import Name
from headgate.core.errors import BadRequest, Forbidden, NotFound
from tests.unit.admin.tabling import ADA, Desk

T = "main.default.t"


@pytest.fixture
async def desk():
    """A catalog with a table that ada may read, and one that she may not."""
    made = Desk()
    await made.run(f"CREATE TABLE {T} (a BIGINT COMMENT 'first', p DATE) PARTITIONED BY (p) COMMENT 'c' TBLPROPERTIES ('k'='v')")
    await made.run("CREATE TABLE main.default.closed (a INT)")
    await made.run(f"GRANT SELECT ON TABLE {T} TO ada")
    return made


async def test_show(desk):
    """Listings hold what the asker may know of, and fit their pattern."""
    await desk.run("CREATE CATALOG hidden")
    assert await desk.rows("SHOW CATALOGS") == [("hidden",), ("main",), ("system",)]
    assert await desk.rows("SHOW CATALOGS", ADA) == [("main",), ("system",)]
    assert await desk.rows("SHOW SCHEMAS IN system") == [("ai_gateway",)]
    assert await desk.rows("SHOW DATABASES") == [("default",)]
    assert await desk.rows("SHOW TABLES") == [("default", "closed", False), ("default", "t", False)]
    assert await desk.rows("SHOW TABLES IN main.default", ADA) == [("default", "t", False)]
    assert await desk.rows("SHOW TABLES LIKE 'C*|x'") == [("default", "closed", False)]
    own = ("cache_runs", "client_requests", "client_tools", "coverage", "exchanges", "line_hours", "sessions", "usage", "usage_hours")
    assert await desk.rows("SHOW VIEWS IN system.ai_gateway", ADA) == [("ai_gateway", f"my_{leaf}", False) for leaf in own]
    assert await desk.rows(f"SHOW COLUMNS IN {T}") == [("a",), ("p",)]
    with pytest.raises(Forbidden, match="USE CATALOG"):
        await desk.run("SHOW SCHEMAS IN hidden", ADA)
    with pytest.raises(NotFound):
        await desk.run("SHOW TABLES IN main.none")
    with pytest.raises(Forbidden):
        await desk.run("SHOW CREATE TABLE main.default.closed", ADA)


async def test_describe(desk):
    """Columns and partitions; everything else where it was asked for."""
    plain = await desk.rows(f"DESCRIBE {T}", ADA)
    assert plain[:2] == [("a", "bigint", "first"), ("p", "date", None)]
    assert plain[2:] == [("# Partition Information", "", ""), ("# col_name", "data_type", "comment"), ("p", "date", None)]
    extended = {row[0]: row[1] for row in await desk.rows(f"DESCRIBE TABLE EXTENDED {T}")}
    assert (extended["Type"], extended["Owner"], extended["Provider"], extended["Table Properties"]) == ("MANAGED", "root", "delta", "[k=v]")
    assert extended["Location"] == "file:///data/warehouse/main/default/t"
    view = {row[0]: row[1] for row in await desk.rows("DESCRIBE EXTENDED system.ai_gateway.my_usage", ADA)}
    assert "current_user()" in view["View Text"]
    assert dict(await desk.rows("DESCRIBE SCHEMA main.default"))["Owner"] == "admins"
    assert dict(await desk.rows("DESCRIBE CATALOG main"))["Catalog Name"] == "main"
    with pytest.raises(Forbidden):
        await desk.run("DESCRIBE main.default.closed", ADA)


async def test_describe_history_and_detail(desk):
    """The log's own account."""
    await desk.run(f"ALTER TABLE {T} ADD COLUMN b INT")
    assert [(row[0], row[4]) for row in await desk.rows(f"DESCRIBE HISTORY {T}")] == [(1, "ADD COLUMN"), (0, "CREATE TABLE")]
    answer = await desk.run(f"DESCRIBE DETAIL {T}")
    detail = dict(zip([column.name for column in answer.columns], answer.rows[0], strict=True))
    assert (detail["format"], detail["name"], detail["partitionColumns"], detail["numFiles"], detail["properties"]) == (
        "delta",
        T,
        '["p"]',
        0,
        '{"k":"v"}',
    )
    assert (await desk.rows("DESCRIBE DETAIL system.ai_gateway.usage"))[0][9] == 0


async def test_show_create_table_makes_the_same_again(desk):
    """The statement that is shown makes the table that it was shown of."""
    await desk.run(
        "CREATE TABLE main.default.w (`a-b` STRUCT<x: BIGINT NOT NULL COMMENT 'it\\'s', y: MAP<STRING, ARRAY<INT>>> COMMENT 'q', d DECIMAL(10,2) NOT NULL) TBLPROPERTIES ('it'='o\\'k')"
    )
    (shown,) = (await desk.rows("SHOW CREATE TABLE main.default.w"))[0]
    before = desk.find("main.default.w")
    await desk.run("DROP TABLE main.default.w")
    await desk.run(shown)
    after = desk.find("main.default.w")
    assert (after.table, after.properties, after.comment) == (before.table, before.properties, before.comment)
    (shown,) = (await desk.rows(f"SHOW CREATE TABLE {T}"))[0]
    assert "PARTITIONED BY (p)\nCOMMENT 'c'\nTBLPROPERTIES (\n  'k' = 'v')" in shown


async def test_grants(desk):
    """Privileges are given, shown with where they come from, and taken."""
    await desk.run("GRANT USE CATALOG, SELECT ON CATALOG main TO `account users`")
    assert ("account users", "SELECT", "CATALOG", "main") in await desk.rows(f"SHOW GRANTS ON TABLE {T}")
    assert await desk.rows(f"SHOW GRANTS ada ON TABLE {T}") == [("ada", "SELECT", "TABLE", T)]
    await desk.run(f"REVOKE SELECT ON TABLE {T} FROM ada")
    assert await desk.rows(f"SHOW GRANTS ada ON TABLE {T}") == []


async def test_model_services(desk):
    """Granted on, listed to those who may use them, described and given away; their names and their end are those of the endpoints."""
    made = [
        Entry(id=leaf, name=Name(("main", "default", leaf), service=True), owner=group("admins"), created_by="headgate.toml")
        for leaf in ("sonnet", "opus")
    ]
    desk.state.change_services((), made)
    await desk.run("GRANT EXECUTE ON MODEL SERVICE main.default.sonnet TO ada")
    await desk.run("GRANT EXECUTE ON SERVICE opus TO contractors")
    assert await desk.rows("SHOW GRANTS ON MODEL SERVICE main.default.sonnet", ADA) == [
        ("account users", "USE CATALOG", "CATALOG", "main"), ("account users", "USE SCHEMA", "SCHEMA", "main.default"),
        ("ada", "EXECUTE", "MODEL_SERVICE", "main.default.sonnet"),
    ]  # fmt: skip
    assert await desk.rows("SHOW MODEL SERVICES") == [("default", "opus", "admins"), ("default", "sonnet", "admins")]
    assert await desk.rows("SHOW MODEL SERVICES IN main.default LIKE 's*|o*'", ADA) == [("default", "sonnet", "admins")]
    assert ("default", "sonnet", False) not in await desk.rows("SHOW TABLES")
    described = dict(await desk.rows("DESCRIBE MODEL SERVICE sonnet", ADA))
    assert (described["Model Service Name"], described["Schema Name"], described["Owner"]) == ("sonnet", "default", "admins")
    with pytest.raises(Forbidden, match=r"MANAGE on Model service 'main\.default\.sonnet'"):
        await desk.run("GRANT EXECUTE ON MODEL SERVICE sonnet TO hakan", ADA)
    await desk.run("ALTER MODEL SERVICE sonnet OWNER TO ada")
    await desk.run("GRANT EXECUTE, MANAGE ON MODEL SERVICE sonnet TO hakan", ADA)
    for act in ("DROP MODEL SERVICE sonnet", "DROP SERVICE IF EXISTS sonnet"):
        with pytest.raises(BadRequest, match=r"is the endpoint main\.default\.sonnet: it is deleted where that is declared"):
            await desk.run(act, ADA)
    with pytest.raises(BadRequest, match="renamed where that is declared"):
        await desk.catalog.change(ADA, made[0].name, Change(rename_to="haiku"))
    await desk.run("DROP MODEL SERVICE IF EXISTS nothing")
    with pytest.raises(NotFound, match=r"Did you mean main\.default\.sonnet"):
        await desk.run("GRANT EXECUTE ON MODEL SERVICE sonet TO ada")
    for act in (
        "GRANT EXECUTE ON MODEL SERVICE system.ai.gpt-5 TO ada",
        "REVOKE EXECUTE ON SERVICE system.ai.gpt-5 FROM ada",
        "SHOW GRANTS ON SERVICE system.ai.gpt-5",
    ):
        with pytest.raises(BadRequest, match=r"Endpoint gpt-5 is in no schema of the catalog\. Its permissions are changed with headgate grant"):
            await desk.run(act)
    with pytest.raises(BadRequest, match="EXECUTE is granted on a catalog or schema or model service, not on a table"):
        await desk.run("GRANT EXECUTE ON main.default.sonnet TO ada")


async def test_create_and_drop(desk):
    """IF NOT EXISTS, IF EXISTS, CASCADE and RESTRICT mean what they say."""
    await desk.run("CREATE CATALOG IF NOT EXISTS sales COMMENT 'money'")
    await desk.run("CREATE CATALOG IF NOT EXISTS sales")
    assert desk.find("sales").comment == "money"
    with pytest.raises(Forbidden):
        await desk.run("CREATE CATALOG IF NOT EXISTS sales", ADA)
    await desk.run("CREATE SCHEMA sales.q1")
    with pytest.raises(BadRequest, match="not empty"):
        await desk.run("DROP CATALOG sales")
    await desk.run("DROP CATALOG sales CASCADE")
    await desk.run("DROP CATALOG IF EXISTS sales")
    await desk.run("DROP TABLE IF EXISTS main.none.t")
    with pytest.raises(NotFound):
        await desk.run("DROP TABLE main.default.none")
    with pytest.raises(Forbidden):
        await desk.run(f"DROP TABLE {T}", ADA)


async def test_a_place_of_a_schema(desk):
    """A root for tables is an administrator's to name."""
    await desk.run("GRANT CREATE SCHEMA ON CATALOG main TO ada")
    with pytest.raises(Forbidden):
        await desk.run("CREATE SCHEMA main.x LOCATION '/fast'", ADA)
    await desk.run("CREATE SCHEMA main.x MANAGED LOCATION 's3://lake/x'")
    assert desk.find("main.x").location == "s3://lake/x"


async def test_owner_and_use(desk):
    """An owner is changed by who has MANAGE; USE only checks."""
    await desk.run(f"ALTER TABLE {T} OWNER TO ada")
    await desk.run(f"ALTER TABLE {T} SET OWNER TO `admins`", ADA)
    assert desk.find(T).owner == group("admins")
    assert not (await desk.run("USE CATALOG system", ADA)).columns
    with pytest.raises(NotFound):
        await desk.run("USE SCHEMA main.none")


async def test_queries_are_elsewhere(desk):
    """A statement that reads is not a command."""
    with pytest.raises(BadRequest):
        await desk.run("SELECT 1")
