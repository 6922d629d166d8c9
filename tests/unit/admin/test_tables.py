"""Tables: made, replaced, adopted, changed, cared for, dropped."""

import pytest

from headgate.admin.catalog_ports import NewFiles
from headgate.admin.tables import retention_hours
from headgate.catalog import types
from headgate.catalog.holders import user
from headgate.catalog.types import Structure
from headgate.core.errors import BadRequest, Forbidden, NotFound
from tests.fakes import principals
from tests.unit.admin.tabling import ADA, ADMIN, Desk, name

T = "main.default.t"


@pytest.fixture
def desk():
    """A fresh catalog."""
    return Desk()


def columns(text: str) -> str:
    return types.to_delta_json(Structure(types.parse_columns(text)))


async def test_create(desk):
    """A table is named once its files are there, below the warehouse by its name; its columns are those of the log."""
    await desk.run(
        "CREATE TABLE main.default.T (a BIGINT NOT NULL COMMENT 'first', b STRING) USING DELTA PARTITIONED BY (b) COMMENT 'c' TBLPROPERTIES ('otel.schemaVersion'='v1')"
    )
    entry = desk.find(T)
    assert (entry.location, entry.table.table_type, entry.table.partitioned_by) == ("/data/warehouse/main/default/t", "MANAGED", ("b",))
    assert [(field.name, field.nullable, field.comment) for field in entry.table.schema.fields] == [("a", False, "first"), ("b", True, "")]
    assert (entry.owner, entry.comment, entry.properties) == (user("root"), "c", {"otel.schemaVersion": "v1"})
    assert desk.files.calls == [("create", entry.location)]


async def test_create_again(desk):
    """A taken name is refused, or left as it is where that was asked for."""
    await desk.run(f"CREATE TABLE {T} (a INT)")
    before = desk.find(T)
    with pytest.raises(BadRequest) as taken:
        await desk.run(f"CREATE TABLE {T} (b INT)")
    assert (taken.value.status, taken.value.code) == (409, "TABLE_OR_VIEW_ALREADY_EXISTS")
    await desk.run(f"CREATE TABLE IF NOT EXISTS {T} (b INT)")
    assert desk.find(T) == before
    assert len(desk.files.calls) == 1


async def test_who_may_create(desk):
    """CREATE TABLE on the schema; the maker owns the table; `system` is nobody's."""
    with pytest.raises(Forbidden, match=r"CREATE TABLE on Schema 'main\.default'"):
        await desk.run(f"CREATE TABLE IF NOT EXISTS {T} (a INT)", ADA)
    await desk.run("GRANT CREATE TABLE ON SCHEMA main.default TO ada")
    await desk.run(f"CREATE TABLE {T} (a INT)", ADA)
    assert desk.find(T).owner == user("ada")
    await desk.run(f"DROP TABLE {T}", ADA)
    with pytest.raises(Forbidden, match="kept by Headgate"):
        await desk.run("CREATE TABLE system.ai_gateway.mine (a INT)")
    assert desk.files.calls[-1] == ("delete", "/data/warehouse/main/default/t")


async def test_replace(desk):
    """OR REPLACE keeps the entry, its grants and its place, and changes everything else. It takes MANAGE."""
    await desk.run(f"CREATE TABLE {T} (a INT) COMMENT 'old'")
    await desk.run("GRANT SELECT ON TABLE main.default.t TO ada")
    await desk.run("GRANT CREATE TABLE ON SCHEMA main.default TO ada")
    before = desk.find(T)
    with pytest.raises(Forbidden, match="MANAGE"):
        await desk.run(f"CREATE OR REPLACE TABLE {T} (b INT)", ADA)
    await desk.run(f"CREATE OR REPLACE TABLE {T} (b DATE) TBLPROPERTIES ('k'='v')")
    after = desk.find(T)
    assert (after.id, after.location, after.owner) == (before.id, before.location, user("root"))
    assert ([field.name for field in after.table.schema.fields], after.comment, after.properties) == (["b"], "", {"k": "v"})
    assert desk.state.load().grants[name(T)] == {user("ada"): frozenset({"SELECT"})}
    with pytest.raises(BadRequest, match="LOCATION"):
        await desk.run(f"CREATE OR REPLACE TABLE {T} (b DATE) LOCATION '/elsewhere'")
    await desk.run("CREATE OR REPLACE TABLE main.default.fresh (b DATE)")
    assert desk.find("main.default.fresh")


async def test_files_that_nobody_names(desk):
    """What a creation left that died half-way is met by none: the next table of the name lies beside it."""
    place = "/data/warehouse/main/default/t"
    await desk.files.create(ADMIN, NewFiles(location=place, columns=columns("x: int"), name=name(T)))
    await desk.run(f"CREATE TABLE {T} (a INT)")
    entry = desk.find(T)
    assert entry.location == f"{place}-{entry.id.replace('-', '')[-8:]}"
    assert [field.name for field in entry.table.schema.fields] == ["a"]


async def test_a_name_that_is_used_again(desk):
    """A table of a dropped one's name lies elsewhere: rows that were on their way to the old one do not find it."""
    await desk.run(f"CREATE TABLE {T} (a INT)")
    first = desk.find(T)
    await desk.run(f"DROP TABLE {T}")
    await desk.run(f"CREATE TABLE {T} (a INT)")
    again = desk.find(T)
    assert again.id != first.id
    assert again.location == f"{first.location}-{again.id.replace('-', '')[-8:]}"


async def test_two_at_once(desk, monkeypatch):
    """Whoever comes second is told so, and leaves no files behind."""
    create, snapshot = desk.files.create, desk.state.load()

    async def slow(principal, new):
        made = await create(principal, new)
        if len(desk.files.calls) == 1:
            other = desk.catalog.entry(ADMIN, name(T), comment="", properties={}, location="/other")
            desk.state.add(other)
        return made

    monkeypatch.setattr(desk.files, "create", slow)
    assert snapshot.find(name(T)) is None
    with pytest.raises(BadRequest) as taken:
        await desk.run(f"CREATE TABLE {T} (a INT)")
    assert taken.value.status == 409
    assert desk.files.calls == [("create", "/data/warehouse/main/default/t"), ("delete", "/data/warehouse/main/default/t")]


async def test_a_place_of_its_own(desk):
    """LOCATION is an administrator's to name; a table that lies there is taken if it fits, and is never deleted."""
    await desk.run("GRANT CREATE TABLE ON SCHEMA main.default TO ada")
    with pytest.raises(Forbidden, match="MANAGE on the metastore"):
        await desk.run(f"CREATE TABLE {T} (a INT) LOCATION '/lake/t'", ADA)
    await desk.run(f"CREATE TABLE {T} (a INT) LOCATION 'file:///lake/t/'")
    assert (desk.find(T).location, desk.find(T).table.table_type) == ("/lake/t", "EXTERNAL")
    with pytest.raises(BadRequest, match=r"overlaps with the place of main\.default\.t"):
        await desk.run("CREATE TABLE main.default.u (a INT) LOCATION '/lake'")
    await desk.run(f"DROP TABLE {T}")
    assert ("delete", "/lake/t") not in desk.files.calls
    with pytest.raises(BadRequest, match="other columns"):
        await desk.run(f"CREATE TABLE {T} (a STRING) LOCATION '/lake/t'")
    await desk.run(f"CREATE TABLE {T} (a INT COMMENT 'x') LOCATION '/lake/t'")


async def test_adopt(desk):
    """A table that lies somewhere is named with the columns of its own log."""
    await desk.files.create(
        ADMIN,
        NewFiles(location="s3://lake/t", columns=columns("x: map<string,int>"), name=name("x.y.z"), properties={"k": "v"}, comment="theirs"),
    )
    entry = await desk.tables.adopt(ADMIN, name(T), "s3://lake/t/", "", {"mine": "1"})
    assert (entry.location, entry.comment, entry.properties, entry.table.table_type) == ("s3://lake/t", "theirs", {"k": "v", "mine": "1"}, "EXTERNAL")
    assert types.text(entry.table.schema.fields[0].type) == "map<string,int>"
    with pytest.raises(BadRequest, match="no Delta table"):
        await desk.tables.adopt(ADMIN, name("main.default.u"), "s3://lake/none", "", {})


async def test_change(desk):
    """Properties and columns go to the log first; the catalog says what the log says."""
    await desk.run(f"CREATE TABLE {T} (a INT)")
    await desk.run(f"ALTER TABLE {T} SET TBLPROPERTIES ('otel.schemaVersion'='v1')")
    await desk.run(f"ALTER TABLE {T} ADD COLUMN b STRUCT<x: LONG>")
    entry = desk.find(T)
    assert entry.properties == {"otel.schemaVersion": "v1"}
    assert [types.text(field.type) for field in entry.table.schema.fields] == ["int", "struct<x:bigint>"]
    with pytest.raises(BadRequest, match="has a column A already"):
        await desk.run(f"ALTER TABLE {T} ADD COLUMN A INT")
    with pytest.raises(Forbidden):
        await desk.run(f"ALTER TABLE {T} ADD COLUMN c INT", ADA)
    with pytest.raises(Forbidden, match="kept by Headgate"):
        await desk.run("ALTER TABLE system.ai_gateway.usage ADD COLUMN c INT")
    with pytest.raises(Forbidden, match="kept by Headgate"):
        await desk.run("ALTER TABLE system.ai_gateway.my_usage SET TBLPROPERTIES ('a'='b')")
    with pytest.raises(Forbidden, match=r"in the configuration: \[usage\] retention_days"):
        await desk.run("ALTER TABLE system.ai_gateway.usage SET TBLPROPERTIES ('headgate.retentionDays'='90')")


async def test_missing_files(desk):
    """A table whose files are gone cannot be changed, and says so; it can be dropped."""
    await desk.run(f"CREATE TABLE {T} (a INT)")
    await desk.files.delete(ADMIN, desk.find(T).location)
    with pytest.raises(BadRequest, match=r"files of main\.default\.t are missing"):
        await desk.run(f"ALTER TABLE {T} ADD COLUMN b INT")
    await desk.run(f"OPTIMIZE {T}")
    await desk.run(f"VACUUM {T}")
    await desk.run(f"DROP TABLE {T}")
    assert desk.find(T) is None


async def test_care(desk):
    """OPTIMIZE and VACUUM take MODIFY, keep what running queries may read, and know the columns."""
    await desk.run(f"CREATE TABLE {T} (a INT) TBLPROPERTIES ('delta.deletedFileRetentionDuration'='interval 2 days')")
    await desk.run(f"OPTIMIZE {T} ZORDER BY (a)")
    await desk.run(f"VACUUM {T}")
    await desk.run(f"VACUUM {T} RETAIN 5 HOURS DRY RUN")
    assert [call for call in desk.files.calls if call[0] not in {"create", "inspect"}] == [("optimize", "a"), ("vacuum", "48"), ("vacuum_names", "5")]
    with pytest.raises(BadRequest, match="no column b"):
        await desk.run(f"OPTIMIZE {T} ZORDER BY (b)")
    with pytest.raises(BadRequest, match="at least 1 hour"):
        await desk.run(f"VACUUM {T} RETAIN 0 HOURS")
    with pytest.raises(Forbidden):
        await desk.run(f"OPTIMIZE {T}", ADA)
    await desk.run("OPTIMIZE system.ai_gateway.usage")
    with pytest.raises(BadRequest, match="not a table"):
        await desk.run("OPTIMIZE system.ai_gateway.my_usage")


async def test_drop_a_tree(desk):
    """With a schema go its tables and the files that Headgate placed."""
    await desk.run("CREATE SCHEMA main.obs")
    await desk.run("CREATE TABLE main.obs.t (a INT)")
    await desk.run("CREATE TABLE main.obs.u (a INT) LOCATION '/lake/u'")
    await desk.run("DROP SCHEMA main.obs CASCADE")
    assert desk.find("main.obs") is None
    assert [call for call in desk.files.calls if call[0] == "delete"] == [("delete", "/data/warehouse/main/obs/t")]


async def test_history(desk):
    """The steps of a table are for those who may read it."""
    await desk.run(f"CREATE TABLE {T} (a INT)")
    assert [step.version for step in await desk.tables.history(ADMIN, name(T))] == [0]
    with pytest.raises(Forbidden, match="SELECT"):
        await desk.tables.history(ADA, name(T))
    assert list(await desk.tables.history(ADMIN, name("system.ai_gateway.usage"))) == []
    with pytest.raises(NotFound):
        await desk.tables.history(ADMIN, name("main.default.none"))


async def test_look(desk):
    """A table and its files, for whoever may know of it; a view and a table that nobody has filled have none."""
    await desk.run(f"CREATE TABLE {T} (a INT)")
    assert (await desk.tables.look(ADMIN, name(T)))[1].version == 0
    entry, files = await desk.tables.look(principals.user("x"), name("system.ai_gateway.my_usage"))
    assert (entry.is_view, files) == (True, None)
    with pytest.raises(Forbidden):
        await desk.tables.look(ADA, name(T))


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("interval 12 hours", 12),
        ("interval 7 days", 168),
        ("3 weeks", 504),
        ("interval 30 minutes", 1),
        ("nonsense", 168),
        ("", 168),
        ("interval x days", 168),
    ],
)
def test_retention(text, hours):
    """A table's own word on how long old files stay, never less than an hour; a week where it has none."""
    assert retention_hours({"delta.deletedFileRetentionDuration": text}) == hours
    assert retention_hours({}) == 168
