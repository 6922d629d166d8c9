"""What an error or an answer advises is done, and works."""

import re

import pytest

from headgate.admin.catalog_ports import NewFiles
from headgate.catalog import ddl, privileges, types
from headgate.catalog.entries import Entry
from headgate.catalog.holders import group
from headgate.catalog.names import METASTORE, MODEL_SERVICE, Name
from headgate.catalog.privileges import ALL_PRIVILEGES, GRANTABLE_ON
from headgate.catalog.types import Structure
from headgate.core.errors import BadRequest, Forbidden
from tests.fakes.principals import user
from tests.unit.admin.tabling import ADMIN, Desk, name

ODD = "o`dd name@example.com"
PLACES = {
    "METASTORE": METASTORE,
    "CATALOG": name("shop"),
    "SCHEMA": name("shop.q-1"),
    "TABLE": name("shop.q-1.t"),
    MODEL_SERVICE: Name(("shop", "q-1", "s"), service=True),
}
LAKE = "/lake/t"


@pytest.fixture
async def desk():
    """A catalog with something of each kind, and a Delta table that no entry names."""
    made = Desk()
    made.state._principals.append(ODD)
    for text in ("CREATE CATALOG shop", "CREATE SCHEMA shop.`q-1`", "CREATE TABLE shop.`q-1`.t (a INT)"):
        await made.run(text)
    made.state.change_services((), [Entry(id="srv", name=PLACES[MODEL_SERVICE], owner=group("admins"))])
    columns = types.to_delta_json(Structure(types.parse_columns("theirs: string, day: date")))
    await made.files.create(ADMIN, NewFiles(location=LAKE, columns=columns, name=name("x.y.z"), partitioned_by=("day",)))
    return made


def advised(message: str) -> str:
    """The statement that a refusal says an owner can run."""
    found = re.search(r"An owner can run: (GRANT .*)$", message)
    assert found is not None, message
    return found[1]


@pytest.mark.parametrize(
    ("privilege", "kind"),
    [(privilege, kind) for privilege, kinds in GRANTABLE_ON.items() for kind in kinds if privilege != ALL_PRIVILEGES],
)
@pytest.mark.parametrize("who", ["ada", ODD])
async def test_the_grant_that_a_refusal_names(desk, who, privilege, kind):
    """Running what each refusal advises leads to the privilege, in as many steps as there are doors; nothing is advised twice."""
    principal, run = user(who), []
    while not desk.state.load().allows(principal, privilege, PLACES[kind]):
        with pytest.raises(Forbidden) as refused:
            desk.state.load().require(principal, privilege, PLACES[kind])
        assert advised(refused.value.message) not in run
        run.append(advised(refused.value.message))
        await desk.run(run[-1])
    assert run


HEADS = {
    "ALTER": "ALTER TABLE t ADD COLUMN b INT", "CREATE": "CREATE TABLE t (a INT) USING DELTA", "DESC": "DESC t", "DESCRIBE": "DESCRIBE TABLE t",
    "DROP": "DROP TABLE t", "GRANT": "GRANT SELECT ON TABLE t TO ada", "INSERT": "INSERT INTO t VALUES (1)", "OPTIMIZE": "OPTIMIZE t", "REVOKE": "REVOKE SELECT ON TABLE t FROM ada", "SELECT": "SELECT 1",
    "SET": "SET TIME ZONE 'UTC'", "SHOW": "SHOW TABLES", "USE": "USE CATALOG main", "VACUUM": "VACUUM t",
}  # fmt: skip
OBJECTS = {
    "CREATE": ("CREATE {} x", {"CATALOG", "SCHEMA"}), "DROP": ("DROP {} x", {"CATALOG", "SCHEMA", "TABLE", "VIEW"}),
    "ALTER": ("ALTER {} x OWNER TO ada", {"CATALOG", "SCHEMA", "TABLE", "VIEW", "MODEL SERVICE"}),
}  # fmt: skip


def told(statement: str) -> str:
    with pytest.raises(BadRequest) as refused:
        ddl.read(statement)
    return refused.value.message


def test_the_statements_that_are_taken():
    """Each statement, each object and each listing that a refusal names is read."""
    heads = re.search(r"taken are (.*)\.$", told("EXPLODE"))[1].split(", ")
    assert sorted(heads) == sorted(HEADS)
    for statement in HEADS.values():
        ddl.read(statement)
    for head, (form, kinds) in OBJECTS.items():
        every = "CATALOG, SCHEMA, TABLE, VIEW or MODEL SERVICE" if "MODEL SERVICE" in kinds else "CATALOG, SCHEMA, TABLE or VIEW"
        assert f"{head} takes {every}" in told(f"{head} MOON x")
        for kind in kinds:
            ddl.read(form.format(kind))
    shown = re.search(r"SHOW takes (.*), not", told("SHOW MOONS"))[1].replace(" or ", ", ").split(", ")
    for what in shown:
        ddl.read(f"SHOW {what} {'IN t' if what == 'COLUMNS' else 't' if what == 'CREATE TABLE' else 'ON TABLE t' if what == 'GRANTS' else ''}")
    assert "VIEWS" in shown
    changes = re.search(r"ALTER TABLE takes (.*)$", told("ALTER TABLE t EXPLODE"))[1].replace(" or ", ", ").split(", ")
    forms = {"SET TBLPROPERTIES (…)": "('a' = 'b')", "ADD COLUMN …": "b INT", "CLUSTER BY (…)": "(a)", "OWNER TO …": "ada"}
    for change in changes:
        ddl.read(f"ALTER TABLE t {change.partition(' (…)' if '(…)' in change else ' …')[0]} {forms[change]}")


def test_the_columns_that_a_refusal_asks_for():
    """What CREATE TABLE, ADD COLUMN and CLUSTER BY are to be written as is read."""
    assert "or the LOCATION of a Delta table that has them" in told("CREATE TABLE t USING DELTA")
    assert "takes a LOCATION" in told("CREATE EXTERNAL TABLE t (a INT)")
    for statement in (
        "CREATE TABLE name (`column` INT) USING DELTA", "CREATE TABLE t USING DELTA LOCATION '/x'", "CREATE EXTERNAL TABLE t (a INT) LOCATION '/x'",
        "ALTER TABLE t ADD COLUMN name INT", "CREATE TABLE t (a INT) CLUSTER BY AUTO", "CREATE TABLE t (a INT) CLUSTER BY NONE", "ALTER TABLE t CLUSTER BY NONE",
    ):  # fmt: skip
        ddl.read(statement)


async def test_a_table_that_lies_there_already(desk):
    """The columns that do not fit are left out, as the refusal says; the table has those of its own log, as over REST."""
    with pytest.raises(BadRequest, match="Leave these out, and its own are taken") as refused:
        await desk.run(f"CREATE TABLE main.default.far (mine INT) USING DELTA LOCATION '{LAKE}'")
    assert refused.value.code == "DELTA_CREATE_TABLE_SCHEME_MISMATCH"
    await desk.run(f"CREATE TABLE main.default.far USING DELTA LOCATION 'file://{LAKE}' COMMENT 'theirs' TBLPROPERTIES ('k' = 'v')")
    entry = desk.find("main.default.far")
    assert ([field.name for field in entry.table.schema.fields], entry.table.partitioned_by, entry.table.table_type) == (
        ["theirs", "day"],
        ("day",),
        "EXTERNAL",
    )
    assert (entry.location, entry.comment, entry.properties) == (LAKE, "theirs", {"k": "v"})
    await desk.run(f"CREATE TABLE IF NOT EXISTS main.default.far USING DELTA LOCATION '{LAKE}'")
    await desk.run("DROP TABLE main.default.far")
    await desk.run(f"CREATE EXTERNAL TABLE main.default.far PARTITIONED BY (day) LOCATION '{LAKE}'")
    await desk.run("DROP TABLE main.default.far")
    with pytest.raises(BadRequest, match="SCHEME_MISMATCH"):
        await desk.run(f"CREATE TABLE main.default.far PARTITIONED BY (theirs) LOCATION '{LAKE}'")
    with pytest.raises(BadRequest, match="To make one there, give its columns") as refused:
        await desk.run("CREATE TABLE main.default.far LOCATION '/lake/nothing'")
    assert refused.value.code == "DELTA_TABLE_NOT_FOUND"
    await desk.run("CREATE TABLE main.default.far (a INT) LOCATION '/lake/nothing'")
    with pytest.raises(BadRequest, match="leave LOCATION out"):
        await desk.run(f"CREATE OR REPLACE TABLE main.default.far LOCATION '{LAKE}'")
    with pytest.raises(Forbidden):
        await desk.run(f"CREATE TABLE main.default.u LOCATION '{LAKE}'", user("ada"))


@pytest.mark.parametrize("text", ["CREATE TABLE main.default.u CLONE main.default.t", "CREATE TABLE main.default.u CLONE main.default.t LOCATION '/lake/t'",
                                  "CREATE TABLE main.default.u LIKE main.default.t LOCATION '/lake/t'", "CREATE TABLE main.default.u USING PARQUET LOCATION '/lake/t'"])  # fmt: skip
def test_other_ways_to_columns_are_refused(text):
    """What would take its columns from elsewhere is not taken for the Delta table at the place."""
    told(text)


EVERYTHING = """CREATE TABLE main.default.w (a INT NOT NULL COMMENT 'it\\'s', `b-c` DECIMAL(10,2), m MAP<STRING, ARRAY<STRUCT<x: BIGINT, `y-z`: DATE>>>)
USING DELTA PARTITIONED BY (a) COMMENT 'a \\'quoted\\' \\\\ one' TBLPROPERTIES ('k' = 'v', 'delta.appendOnly' = 'true')"""
STATEMENTS = [
    EVERYTHING,
    "CREATE TABLE main.default.w (a INT, b STRING) CLUSTER BY (a, b)",
    "CREATE TABLE main.default.w (a INT) LOCATION '/lake/w x'",
    f"CREATE TABLE main.default.w LOCATION '{LAKE}'",
]  # fmt: skip


@pytest.mark.parametrize("text", STATEMENTS, ids=range(len(STATEMENTS)))
async def test_what_show_create_table_shows_makes_the_table(desk, text):
    """The statement can be run as it is, and makes the same table again."""
    await desk.run(text)
    before = desk.find("main.default.w")
    shown = (await desk.rows("SHOW CREATE TABLE main.default.w"))[0][0]
    await desk.run("DROP TABLE main.default.w")
    await desk.run(shown)
    after = desk.find("main.default.w")
    assert (after.table, after.comment, after.properties) == (before.table, before.comment, before.properties)
    assert after.location == before.location or after.table.table_type == "MANAGED"
    assert (await desk.rows("SHOW CREATE TABLE main.default.w"))[0][0] == shown


def test_privileges_that_are_named_are_known():
    """The nearest privilege and every known one that a refusal names can be granted somewhere."""
    with pytest.raises(BadRequest) as refused:
        privileges.parse("FLY")
    for word in re.search(r"known are (.*)\.$", refused.value.message)[1].split(", "):
        assert privileges.parse(word) == word
        ddl.read(f"GRANT {word} ON {GRANTABLE_ON[word][0]} {'' if GRANTABLE_ON[word][0] == 'METASTORE' else 'x'} TO ada")


async def test_a_place_that_holds_something_is_dropped_as_advised(desk):
    """DROP … CASCADE is what a refusal to drop names; where model services are in it, it names them instead."""
    for cascade in ("", " CASCADE"):
        with pytest.raises(BadRequest, match=r"has model services, .*: shop\.q-1\.s\. Delete these endpoints first") as refused:
            await desk.run(f"DROP SCHEMA shop.`q-1`{cascade}", ADMIN)
        assert (refused.value.status, refused.value.code) == (409, "SCHEMA_NOT_EMPTY")
    desk.state.change_services(["srv"], ())
    for kind, place in (("SCHEMA", "shop.`q-1`"), ("CATALOG", "shop")):
        with pytest.raises(BadRequest, match="DROP … CASCADE"):
            await desk.run(f"DROP {kind} {place}", ADMIN)
    await desk.run("DROP SCHEMA shop.`q-1` CASCADE")
    await desk.run("DROP CATALOG shop CASCADE")
    assert desk.find("shop") is None
