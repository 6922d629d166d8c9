"""Tables of the Unity Catalog interface."""

import json

import pytest

from headgate.admin.catalog_ports import NewFiles
from headgate.catalog import types
from headgate.catalog.holders import user
from headgate.catalog.types import Structure
from tests.unit.admin.tabling import name
from tests.unit.web.api.asking import House

ROOT = "/api/2.1/unity-catalog"
T = f"{ROOT}/tables/main.default.t"
NEW = {"name": "t", "catalog_name": "main", "schema_name": "default", "data_source_format": "DELTA"}
COLUMNS = [
    {"name": "p", "type_text": "date", "type_json": '"date"', "type_name": "DATE", "position": 1, "nullable": True, "partition_index": 0},
    {"name": "a", "type_text": "struct<x:bigint>", "position": 0, "nullable": False, "comment": "c", "type_name": "STRUCT",
     "type_json": '{"name":"a","type":{"type":"struct","fields":[{"name":"x","type":"long","nullable":false,"metadata":{}}]},"nullable":true,"metadata":{}}'},
]  # fmt: skip


@pytest.fixture
def house():
    """A fresh API."""
    return House()


async def test_make_a_table_of_ours(house):
    """Columns by their JSON, in the order of their positions; partitions by their index."""
    status, made = await house.ask("root", "POST", f"{ROOT}/tables", NEW | {"table_type": "MANAGED", "columns": COLUMNS, "properties": {"k": "v"}})
    assert (status, made["full_name"], made["table_type"], made["storage_location"]) == (
        200,
        "main.default.t",
        "MANAGED",
        "file:///data/warehouse/main/default/t",
    )
    assert [(column["name"], column["position"], column["nullable"], column.get("partition_index")) for column in made["columns"]] == [
        ("a", 0, False, None), ("p", 1, True, 0),
    ]  # fmt: skip
    assert json.loads(made["columns"][0]["type_json"])["type"]["fields"][0]["nullable"] is False
    assert (await house.ask("root", "GET", T))[1] == made


async def test_name_a_table_where_it_lies(house):
    """What lies there is named with its own columns; where nothing lies, a table is made of the columns that were sent."""
    columns = types.to_delta_json(Structure(types.parse_columns("theirs: string")))
    await house.desk.files.create(user("ada"), NewFiles(location="/lake/t", columns=columns, name=name("x.y.z")))
    body = NEW | {"table_type": "EXTERNAL", "storage_location": "file:///lake/t", "columns": COLUMNS}
    _, made = await house.ask("root", "POST", f"{ROOT}/tables", body)
    assert [column["name"] for column in made["columns"]] == ["theirs"]
    _, made = await house.ask("root", "POST", f"{ROOT}/tables", body | {"name": "u", "storage_location": "s3://lake/u"})
    assert (made["storage_location"], [column["name"] for column in made["columns"]]) == ("s3://lake/u", ["a", "p"])
    status, answer = await house.ask(
        "root", "POST", f"{ROOT}/tables", NEW | {"name": "v", "table_type": "EXTERNAL", "storage_location": "/lake/v", "columns": []}
    )
    assert (status, answer["error_code"]) == (400, "DELTA_TABLE_NOT_FOUND")
    await house.desk.run("GRANT CREATE TABLE ON SCHEMA main.default TO ada")
    assert (await house.ask("ada", "POST", f"{ROOT}/tables", body | {"name": "w", "storage_location": "/lake/w"}))[0] == 403


@pytest.mark.parametrize(
    "changed",
    [{"data_source_format": "PARQUET"}, {"table_type": "VIEW"}, {"table_type": "EXTERNAL"}, {"storage_location": "/lake/x"}, {"columns": []}, {"columns": None},
     {"name": "a.b"}, {"columns": [{"name": "a", "type_text": "quux"}]}, {"columns": [{"name": "a", "type_json": '{"type":"quux"}'}]},
     {"columns": [{"name": "a", "type_json": "[" * 100_000 + "]" * 100_000}]}, {"columns": [{"name": "a", "type_json": '{"name":"a"}'}]},
     {"columns": [{"name": "a", "type_json": '{"name":"a","type":' + '{"type":"array","elementType":' * 400 + '"long"' + "}" * 401}]},
     {"columns": [{"name": "a", "type_json": '{"type":"struct","fields":[7]}'}]}, {"columns": [{"name": "a", "type_text": "array<" * 10_000}]},
     {"columns": [COLUMNS[0], COLUMNS[0]]}, {"properties": {"delta.enableDeletionVectors": "true"}}, {"columns": "x"}],
)  # fmt: skip
async def test_senseless_tables(house, changed):
    """Whatever makes no sense is refused, and nothing is made."""
    status, _ = await house.ask("root", "POST", f"{ROOT}/tables", NEW | {"table_type": "MANAGED", "columns": COLUMNS} | changed)
    assert status == 400
    assert not [call for call in house.desk.files.calls if call[0] == "create"]


async def test_listings(house):
    """Tables of a schema, with or without columns, page by page; summaries by patterns."""
    for leaf in ("cc_logs", "cc_metrics", "other"):
        await house.desk.run(f"CREATE TABLE main.default.{leaf} (a INT)")
    place = f"{ROOT}/tables?catalog_name=main&schema_name=default"
    _, first = await house.ask("root", "GET", f"{place}&max_results=2")
    assert ([table["name"] for table in first["tables"]], first["next_page_token"]) == (["cc_logs", "cc_metrics"], "main.default.cc_metrics")
    _, rest = await house.ask("root", "GET", f"{place}&max_results=2&page_token={first['next_page_token']}&omit_columns=true")
    assert ([table["name"] for table in rest["tables"]], rest["next_page_token"], "columns" in rest["tables"][0]) == (["other"], None, False)
    assert (await house.ask("root", "GET", f"{place}&max_results=x"))[0] == 400
    _, found = await house.ask("root", "GET", f"{ROOT}/table-summaries?catalog_name=main&table_name_pattern=cc%25s")
    assert found["tables"] == [{"full_name": f"main.default.{leaf}", "table_type": "MANAGED"} for leaf in ("cc_logs", "cc_metrics")]
    assert (await house.ask("ada", "GET", place))[1]["tables"] == []
    _, system = await house.ask("ada", "GET", f"{ROOT}/tables?catalog_name=system&schema_name=ai_gateway")
    own = ("cache_runs", "client_requests", "client_tools", "coverage", "exchanges", "line_hours", "sessions", "usage", "usage_hours")
    shown = [(table["name"], table["table_type"], "storage_location" in table) for table in system["tables"]]
    assert shown == [(f"my_{leaf}", "VIEW", False) for leaf in own]


async def test_wide_tables_come_in_short_pages(house):
    """A page ends before its columns make an answer of hundreds of megabytes; following the tokens leads to every table once."""
    columns = ", ".join(f"a_column_with_a_long_name_{number} INT" for number in range(3000))
    for leaf in ("a", "b", "c", "d", "e", "f"):
        await house.desk.run(f"CREATE TABLE main.default.{leaf} ({columns if leaf != 'f' else 'x INT'})")
    seen, token = [], ""
    while token is not None:
        _, page = await house.ask("root", "GET", f"{ROOT}/tables?catalog_name=main&schema_name=default&max_results=1000&page_token={token}")
        assert 1 <= len(page["tables"]) < 6
        assert all(table["columns"] for table in page["tables"])
        seen += [table["name"] for table in page["tables"]]
        token = page["next_page_token"]
    assert seen == ["a", "b", "c", "d", "e", "f"]
    _, page = await house.ask("root", "GET", f"{ROOT}/tables?catalog_name=main&schema_name=default&omit_columns=true")
    assert len(page["tables"]) == 6


@pytest.mark.parametrize("which", ["schema_name_pattern", "table_name_pattern"])
async def test_no_pattern_holds_the_gateway_up(house, which):
    """A pattern that a backtracking matcher would need hours for is answered; one that is longer than any name, or escapes nothing, is refused."""
    place = f"{ROOT}/table-summaries?catalog_name=main"
    await house.desk.run(f"CREATE TABLE main.default.{'a' * 60}_x (a INT)")
    assert await house.ask("ada", "GET", f"{place}&{which}={'%25' * 200}~") == (200, {"tables": [], "next_page_token": None})
    assert await house.ask("root", "GET", f"{place}&{which}={'%25a' * 60}~") == (200, {"tables": [], "next_page_token": None})
    for refused in ("%25" * 256, "a%5C"):
        assert (await house.ask("ada", "GET", f"{place}&{which}={refused}"))[0] == 400
    _, found = await house.ask("root", "GET", f"{place}&table_name_pattern=%25a%5C_x")
    assert [each["full_name"] for each in found["tables"]] == [f"main.default.{'a' * 60}_x"]


async def test_existence_owner_and_end(house):
    """What is there is told to those who may know."""
    await house.desk.run("CREATE TABLE main.default.t (a INT)")
    assert (await house.ask("root", "GET", f"{T}/exists"))[1] == {"table_exists": True}
    assert (await house.ask("root", "GET", f"{ROOT}/tables/main.default.none/exists"))[1] == {"table_exists": False}
    assert (await house.ask("ada", "GET", f"{T}/exists"))[0] == 403
    assert (await house.ask("root", "PATCH", T, {"owner": "ada"}))[1]["owner"] == "ada"
    assert await house.ask("ada", "DELETE", T) == (200, {})
    assert (await house.ask("root", "DELETE", T))[0] == 404


async def test_where_a_table_lies(house):
    """A place of this machine is told to whoever may read or write; for object storage nobody gets our credentials."""
    await house.desk.run("CREATE TABLE main.default.t (a INT)")
    await house.desk.run("CREATE TABLE main.default.far (a INT) LOCATION 's3://lake/far'")
    await house.desk.run("GRANT SELECT ON SCHEMA main.default TO ada")
    ids = {leaf: house.desk.find(f"main.default.{leaf}").id for leaf in ("t", "far")}
    for place in (f"{ROOT}/temporary-table-credentials", "/api/2.0/unity-catalog/temporary-table-credentials"):
        status, answer = await house.ask("ada", "POST", place, {"table_id": ids["t"], "operation": "READ"})
        assert (status, answer["url"]) == (200, "file:///data/warehouse/main/default/t")
        assert answer["expiration_time"] == (house.desk.clock.now_s + 3600) * 1000
    for body, expected in (
        ({"table_id": ids["t"], "operation": "READ_WRITE"}, 403), ({"table_id": ids["far"]}, 501), ({"table_id": "none"}, 404),
        ({"table_id": ids["t"], "operation": "ALL"}, 400), ({"table_id": "id-system.ai_gateway.my_usage"}, 400), ({}, 400),
    ):  # fmt: skip
        assert (await house.ask("ada", "POST", f"{ROOT}/temporary-table-credentials", body))[0] == expected, body
