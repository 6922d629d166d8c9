"""The catalog through real clients: Databricks' SDK, the open-source Unity Catalog's client, and readers that know nothing but a table's path."""

from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from tests.e2e.lab import running
from tests.e2e.workspace import UNITY, Asker, administrator, user

# urllib3 and pydantic speak of their own future; what matters here is what goes over the wire.
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning", "default::ResourceWarning", "default::pytest.PytestUnraisableExceptionWarning")


TABLE = """CREATE TABLE shop.q1.t (a BIGINT NOT NULL COMMENT 'first', s STRUCT<x: STRING, m: MAP<STRING, DOUBLE>>, d DECIMAL(10,2), p DATE)
PARTITIONED BY (p) COMMENT 'words' TBLPROPERTIES ('k'='v')"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway with the demo provider."""
    with running(tmp_path_factory.mktemp("catalog"), None, arguments=("--demo",)) as started:
        yield started


@pytest.fixture(scope="module")
def root(gateway):
    """An administrator."""
    return administrator(gateway)


@pytest.fixture(scope="module")
def ada(gateway):
    """Somebody without a grant."""
    return user(gateway, "ada@example.com")


@pytest.fixture
def sdk(root, ada):
    """Databricks' SDK as both of them."""
    client = pytest.importorskip("databricks.sdk").WorkspaceClient
    made = {asker.name: client(host=asker.url, token=asker.token, auth_type="pat") for asker in (root, ada)}
    return SimpleNamespace(root=made[root.name], ada=made[ada.name])


@pytest.fixture
def shop(root):
    """A catalog with a schema and a partitioned table, gone afterwards."""
    for statement in (
        "CREATE CATALOG shop COMMENT 'ours'",
        "CREATE SCHEMA shop.q1",
        TABLE,
    ):
        root.rows(statement)
    yield
    root.ask("DELETE", f"{UNITY}/catalogs/shop?force=true")


def test_sdk_identity(sdk, root):
    """The SDK knows who it is, and whether that is an administrator."""
    me = sdk.root.current_user.me()
    assert (me.user_name, [group.display for group in me.groups]) == (root.name, ["admins", "account users"])
    assert [group.display for group in sdk.ada.current_user.me().groups] == ["account users"]
    summary = sdk.ada.metastores.summary()
    assert summary.metastore_id == sdk.ada.metastores.current().metastore_id


def test_sdk_catalogs_and_schemas(sdk):
    """Made, listed, changed, renamed, dropped; refusals become the exceptions that scripts catch."""
    from databricks.sdk.errors import NotFound, PermissionDenied, ResourceConflict

    made = sdk.root.catalogs.create(name="Sales", comment="money", properties={"k": "v"})
    assert (made.name, made.comment, made.owner, made.properties) == ("sales", "money", "root", {"k": "v"})
    with pytest.raises(ResourceConflict):
        sdk.root.catalogs.create(name="sales")
    with pytest.raises(PermissionDenied, match="CREATE CATALOG"):
        sdk.ada.catalogs.create(name="mine")
    assert {catalog.name for catalog in sdk.root.catalogs.list()} == {"main", "sales", "system"}
    assert {catalog.name for catalog in sdk.ada.catalogs.list()} == {"main", "system"}
    with pytest.raises(PermissionDenied):
        sdk.ada.catalogs.get("sales")
    schema = sdk.root.schemas.create(name="q1", catalog_name="sales")
    assert sdk.root.schemas.get("sales.q1").schema_id == schema.schema_id
    assert sdk.root.schemas.update("sales.q1", comment="first").comment == "first"
    assert sdk.root.catalogs.update("sales", new_name="turnover", owner="ada@example.com").name == "turnover"
    assert [schema.full_name for schema in sdk.ada.schemas.list("turnover")] == ["turnover.q1"]
    with pytest.raises(ResourceConflict, match="not empty"):
        sdk.ada.catalogs.delete("turnover")
    sdk.ada.schemas.delete("turnover.q1")
    sdk.ada.catalogs.delete("turnover")
    with pytest.raises(NotFound):
        sdk.root.catalogs.get("turnover")


def test_sdk_tables(sdk, shop):
    """A table with all its columns, in listings, in summaries, and gone."""
    from databricks.sdk.errors import NotFound, PermissionDenied
    from databricks.sdk.service.catalog import ColumnTypeName, TableOperation, TableType

    table = sdk.root.tables.get("shop.q1.t")
    assert (table.table_type, table.comment, table.properties, table.owner) == (TableType.MANAGED, "words", {"k": "v"}, "root")
    assert [(column.name, column.type_text, column.nullable, column.comment, column.partition_index) for column in table.columns] == [
        ("a", "bigint", False, "first", None),
        ("s", "struct<x:string,m:map<string,double>>", True, None, None),
        ("d", "decimal(10,2)", True, None, None),
        ("p", "date", True, None, 0),
    ]
    assert [column.type_name for column in table.columns] == [ColumnTypeName.LONG, ColumnTypeName.STRUCT, ColumnTypeName.DECIMAL, ColumnTypeName.DATE]
    assert [each.full_name for each in sdk.root.tables.list("shop", "q1")] == ["shop.q1.t"]
    assert next(iter(sdk.root.tables.list("shop", "q1", omit_columns=True))).columns == []
    assert [each.full_name for each in sdk.root.tables.list_summaries("system", schema_name_pattern="ai%", table_name_pattern="my_us%")] == [
        "system.ai_gateway.my_usage",
        "system.ai_gateway.my_usage_hours",
    ]
    assert sdk.root.tables.exists("shop.q1.t").table_exists
    assert not sdk.root.tables.exists("shop.q1.none").table_exists
    credentials = sdk.root.temporary_table_credentials.generate_temporary_table_credentials(
        table_id=table.table_id, operation=TableOperation.READ_WRITE
    )
    assert credentials.url == table.storage_location
    for refused in (
        lambda: sdk.ada.tables.get("shop.q1.t"),
        lambda: sdk.ada.tables.delete("shop.q1.t"),
        lambda: sdk.ada.temporary_table_credentials.generate_temporary_table_credentials(table_id=table.table_id, operation=TableOperation.READ),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    sdk.root.tables.update("shop.q1.t", owner="ada@example.com")
    assert sdk.root.tables.get("shop.q1.t").owner == "ada@example.com"
    sdk.root.tables.delete("shop.q1.t")
    with pytest.raises(NotFound):
        sdk.root.tables.get("shop.q1.t")
    assert not DeltaTable.is_deltatable(table.storage_location)


def test_sdk_pages(sdk, shop, root):
    """Listings come in pages, each table once."""
    for number in range(5):
        root.rows(f"CREATE TABLE shop.q1.n{number} (a INT)")
    assert [table.name for table in sdk.root.tables.list("shop", "q1", max_results=2)] == ["n0", "n1", "n2", "n3", "n4", "t"]
    assert [table.full_name for table in sdk.root.tables.list_summaries("shop", max_results=4)][-1] == "shop.q1.t"
    assert [catalog.name for catalog in sdk.root.catalogs.list(max_results=1)] == ["main", "shop", "system"]


def test_sdk_grants(sdk, shop, ada):
    """Privileges are given and taken in the SDK's spelling, and shown with where they come from."""
    from databricks.sdk.errors import BadRequest, NotFound
    from databricks.sdk.service.catalog import PermissionsChange, Privilege

    sdk.root.grants.update(
        "catalog", "shop", changes=[PermissionsChange(principal=ada.name, add=[Privilege.USE_CATALOG, Privilege.USE_SCHEMA, Privilege.SELECT])]
    )
    changed = sdk.root.grants.update(
        "table", "shop.q1.t", changes=[PermissionsChange(principal="account users", add=[Privilege.MODIFY, Privilege.SELECT])]
    )
    assert [(each.principal, each.privileges) for each in changed.privilege_assignments] == [("account users", [Privilege.MODIFY, Privilege.SELECT])]
    assert ada.rows("SELECT * FROM shop.q1.t") == []
    (assigned,) = sdk.root.grants.get_effective("table", "shop.q1.t", principal=ada.name).privilege_assignments
    assert {(each.privilege, each.inherited_from_name) for each in assigned.privileges} == {
        (Privilege.USE_CATALOG, "shop"), (Privilege.USE_SCHEMA, "shop"), (Privilege.SELECT, "shop"),
    }  # fmt: skip
    sdk.root.grants.update("table", "shop.q1.t", changes=[PermissionsChange(principal="account users", remove=[Privilege.MODIFY, Privilege.SELECT])])
    assert sdk.root.grants.get("table", "shop.q1.t").privilege_assignments in (None, [])
    with pytest.raises(NotFound, match="Nobody is named"):
        sdk.root.grants.update("table", "shop.q1.t", changes=[PermissionsChange(principal="nobody", add=[Privilege.SELECT])])
    with pytest.raises(BadRequest):
        sdk.root.grants.update("table", "shop.q1.t", changes=[PermissionsChange(principal=ada.name, add=[Privilege.CREATE_SCHEMA])])


def test_sdk_statements(sdk):
    """Statements, their parameters, chunks, and a failure that is an answer."""
    from databricks.sdk.service.sql import Disposition, Format, StatementParameterListItem, StatementState

    run = sdk.ada.statement_execution.execute_statement
    answer = run(statement="SELECT :n + 1 AS n, :t AS t", warehouse_id="any", parameters=[
        StatementParameterListItem(name="n", value="41", type="INT"), StatementParameterListItem(name="t", value="it's")
    ])  # fmt: skip
    assert answer.result.data_array == [["42", "it's"]]
    failed = run(statement="SELECT * FROM main.default.none", warehouse_id="any")
    assert (failed.status.state, failed.status.error.message.split("]")[0]) == (StatementState.FAILED, "[TABLE_OR_VIEW_NOT_FOUND")
    large = run(statement="SELECT id FROM range(30000) t(id)", warehouse_id="any")
    assert sdk.ada.statement_execution.get_statement_result_chunk_n(large.statement_id, 1).row_count == 10_000
    arrow = run(statement="SELECT 1 AS a", warehouse_id="any", format=Format.ARROW_STREAM, disposition=Disposition.EXTERNAL_LINKS)
    assert arrow.result.external_links[0].external_link.startswith("http://127.0.0.1:")


async def test_open_source_client(root, tmp_path):
    """The open-source Unity Catalog's own client makes, finds, grants and drops; a Delta table that lies somewhere is named with the columns of its log."""
    unity = pytest.importorskip("unitycatalog.client")
    write_deltalake(str(tmp_path / "theirs"), pa.table({"x": [1, 2], "y": ["a", "b"]}))
    async with unity.ApiClient(unity.Configuration(host=f"{root.url}{UNITY}")) as api:
        api.set_default_header("Authorization", f"Bearer {root.token}")
        catalogs, schemas, tables, grants = unity.CatalogsApi(api), unity.SchemasApi(api), unity.TablesApi(api), unity.GrantsApi(api)
        await catalogs.create_catalog(unity.CreateCatalog(name="oss", comment="theirs"))
        await schemas.create_schema(unity.CreateSchema(name="s", catalog_name="oss"))
        asked = {"catalog_name": "oss", "schema_name": "s", "table_type": "EXTERNAL", "data_source_format": "DELTA"}
        named = await tables.create_table(unity.CreateTable(name="named", columns=[], storage_location=f"file://{tmp_path}/theirs", **asked))
        assert [(column.name, column.type_text) for column in named.columns] == [("x", "bigint"), ("y", "string")]
        column = unity.ColumnInfo(name="v", type_text="map<string,long>", type_json='{"name":"v","type":{"type":"map","keyType":"string","valueType":"long","valueContainsNull":true},"nullable":true,"metadata":{}}', type_name="MAP", position=0)  # fmt: skip
        await tables.create_table(unity.CreateTable(name="made", columns=[column], storage_location=f"file://{tmp_path}/made", **asked))
        assert [table.name for table in (await tables.list_tables("oss", "s")).tables] == ["made", "named"]
        await grants.update(
            "table", "oss.s.named", unity.UpdatePermissions(changes=[unity.PermissionsChange(principal="account users", add=["SELECT"], remove=[])])
        )
        assert [each.principal for each in (await grants.get("table", "oss.s.named")).privilege_assignments] == ["account users"]
        assert root.rows("SELECT sum(x) FROM oss.s.named") == [["3"]]
        with pytest.raises(unity.exceptions.ApiException, match="LOCATION_OVERLAP"):
            await tables.create_table(unity.CreateTable(name="again", columns=[], storage_location=f"file://{tmp_path}/theirs", **asked))
        await catalogs.delete_catalog("oss", force=True)
    assert DeltaTable.is_deltatable(str(tmp_path / "theirs"))  # what we did not place we do not delete


def test_readers_by_path(sdk, shop, root):
    """What is written by path is read by SQL, and by DuckDB, Polars and delta-rs at the path that the catalog tells."""
    place = sdk.root.tables.get("shop.q1.t").storage_location
    schema = pa.schema([
        pa.field("a", pa.int64(), nullable=False), pa.field("s", pa.struct([("x", pa.string()), ("m", pa.map_(pa.string(), pa.float64()))])),
        pa.field("d", pa.decimal128(10, 2)), pa.field("p", pa.date32()),
    ])  # fmt: skip
    rows = pa.table({"a": [1, 2], "s": [{"x": "é", "m": [("k", 0.5)]}, None], "d": [None, None], "p": [None, None]}, schema=schema)
    write_deltalake(place, rows, mode="append")
    assert root.rows("SELECT a, s.x, s.m['k'] FROM shop.q1.t ORDER BY a") == [["1", "é", "0.5"], ["2", None, None]]
    assert root.rows("SELECT count(*) FROM shop.q1.t VERSION AS OF 0") == [["0"]]
    table = DeltaTable(place)
    assert table.version() == 1
    files = ", ".join(f"'{uri.removeprefix('file://')}'" for uri in table.file_uris())
    assert duckdb.sql(f"SELECT sum(a) FROM read_parquet([{files}])").fetchall() == [(3,)]
    polars = pytest.importorskip("polars")
    assert polars.scan_delta(place).select(polars.col("a").sum()).collect().item() == 3


def test_every_route_asks_who_calls(root, ada):
    """Without a token nothing is told but what kind of host this is."""
    stranger = Asker(root.url, "", "")
    for method, path in (
        ("GET", f"{UNITY}/catalogs"), ("POST", f"{UNITY}/schemas"), ("GET", f"{UNITY}/tables?catalog_name=main&schema_name=default"),
        ("PATCH", f"{UNITY}/permissions/table/main.default.t"), ("GET", f"{UNITY}/metastore_summary"), ("GET", "/api/2.0/preview/scim/v2/Me"),
    ):  # fmt: skip
        status, answer = stranger.ask(method, path, {} if method != "GET" else None)
        assert (status, answer["error_code"]) == (401, "UNAUTHENTICATED")
    assert stranger.ask("GET", "/.well-known/databricks-config") == (200, {})
    assert ada.ask("GET", f"{UNITY}/delta/v1/config")[0] == 404
