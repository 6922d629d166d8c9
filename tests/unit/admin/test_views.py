"""Views that users make: what is checked, and whose rights they read with."""

import pytest

from headgate.catalog.names import Defaults
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.core.principal import Principal
from tests.fakes.principals import user
from tests.unit.admin.tabling import ADA, ADMIN, HAKAN, Desk, name


@pytest.fixture
async def desk():
    """A table of pay that ada reads and hakan does not; both may make views in `main.default`."""
    made = Desk()
    for text in (
        "CREATE SCHEMA main.hr",
        "CREATE TABLE main.hr.pay (who STRING, usd BIGINT)",
        "GRANT USE SCHEMA ON SCHEMA main.hr TO ada",
        "GRANT SELECT ON TABLE main.hr.pay TO ada",
        "GRANT CREATE TABLE ON SCHEMA main.default TO `account users`",
    ):
        await made.run(text)
    made.queries.rows["main.hr.pay"] = [{"who": "ada", "usd": 5}, {"who": "hakan", "usd": 7}]
    return made


async def test_the_reader_needs_the_view_alone(desk):
    """SELECT on the view suffices where its owner may read the table; `current_user()` in it is who asks."""
    await desk.run("CREATE VIEW main.default.mine AS SELECT usd, current_user() AS me FROM main.hr.pay WHERE who = current_user()", ADA)
    with pytest.raises(Forbidden, match=r"does not have SELECT on Table 'main\.default\.mine'"):
        await desk.answer("SELECT * FROM main.default.mine", HAKAN)
    await desk.run("GRANT SELECT ON VIEW main.default.mine TO hakan", ADA)
    assert await desk.answer("SELECT * FROM mine", HAKAN) == [{"usd": 7, "me": "hakan"}]
    with pytest.raises(Forbidden):
        await desk.answer("SELECT * FROM main.hr.pay", HAKAN)


async def test_a_view_ends_with_its_owners_rights(desk):
    """It stops answering when its owner may not read the table any more, or is gone; who does not manage it is not told what it reads."""
    await desk.run("CREATE VIEW v AS SELECT usd FROM main.hr.pay", ADA)
    await desk.run("GRANT SELECT ON VIEW v TO hakan", ADA)
    await desk.run("REVOKE SELECT ON TABLE main.hr.pay FROM ada")
    for asker, says in (
        (HAKAN, r"\(View main\.default\.v reads with the rights of its owner, ada\.\)"),
        (ADMIN, r"ada does not have SELECT on Table 'main\.hr\.pay'"),
    ):
        with pytest.raises(Forbidden, match=says) as refused:
            await desk.answer("SELECT * FROM v", asker)
        assert ("main.hr.pay" in refused.value.message) == (asker is ADMIN)
    await desk.run("GRANT SELECT ON TABLE main.hr.pay TO ada")
    assert len(await desk.answer("SELECT * FROM v", HAKAN)) == 2
    for gone in ({}, {"ada": Principal(id="usr_ada", name="ada", active=False)}):
        desk.people = gone
        with pytest.raises(Forbidden, match="does not exist any more or is deactivated"):
            await desk.answer("SELECT * FROM v", HAKAN)


async def test_only_what_its_writer_reads(desk):
    """A view is checked with the rights of who writes it, as a query would be."""
    for text in ("CREATE VIEW v AS SELECT * FROM main.hr.pay", "CREATE VIEW v AS SELECT 1 AS a UNION ALL SELECT usd FROM main.hr.pay"):
        with pytest.raises(Forbidden, match="hakan does not have USE SCHEMA"):
            await desk.run(text, HAKAN)
    for text, says in (
        ("CREATE VIEW v AS SELECT nothing FROM main.hr.pay", "nothing"),
        ("CREATE VIEW v AS SELECT :x AS a", "UNBOUND_SQL_PARAMETER"),
        ("CREATE VIEW v AS SELECT usd, usd FROM main.hr.pay", "two columns usd"),
        ("CREATE VIEW v AS SELECT usd + 1 FROM main.hr.pay", "Give it another name with AS"),
        ("CREATE VIEW v AS SELECT NULL AS a", "The column a has a type that no column of a table or view has"),
        ("CREATE VIEW v (a) AS SELECT INTERVAL 1 DAY", "is an interval"),
        ("CREATE VIEW v (a) AS SELECT 1, 2", "names 1 columns, and its query has 2"),
        ("CREATE VIEW v AS SELECT 1 AS headgate_a FROM main.hr.pay AS headgate_x", "reserved"),
        (f"CREATE VIEW v AS SELECT '{'x' * 70_000}' AS a", "at most 65536 characters"),
    ):
        with pytest.raises(BadRequest, match=says):
            await desk.run(text)
    with pytest.raises(NotFound):
        await desk.run("CREATE VIEW v AS SELECT * FROM main.hr.none")
    assert desk.find("main.default.v") is None
    with pytest.raises(Forbidden, match="CREATE TABLE"):
        await desk.run("CREATE VIEW main.hr.v AS SELECT 1 AS a", ADA)
    with pytest.raises(Forbidden, match="SYSTEM_CATALOG"):
        await desk.run("CREATE VIEW system.ai_gateway.v AS SELECT 1 AS a")


async def test_nobody_lends_a_view_more_rights(desk):
    """Neither by giving it away, nor by changing the query of another's view, nor by replacing it."""
    await desk.run("CREATE VIEW v AS SELECT usd FROM main.hr.pay", ADA)
    await desk.run("REVOKE SELECT ON TABLE main.hr.pay FROM ada")
    for owner in ("root", "admins", "hakan"):
        with pytest.raises(Forbidden, match="give it to yourself or to a group of yours"):
            await desk.run(f"ALTER VIEW v OWNER TO {owner}", ADA)
    await desk.run("GRANT MANAGE ON VIEW v TO hakan")
    for text in ("ALTER VIEW v AS SELECT 1 AS a", "CREATE OR REPLACE VIEW v AS SELECT 1 AS a"):
        with pytest.raises(Forbidden, match="only its owner changes its query"):
            await desk.run(text, HAKAN)
    await desk.run("ALTER VIEW v OWNER TO hakan", HAKAN)
    with pytest.raises(Forbidden):
        await desk.answer("SELECT * FROM v", HAKAN)
    await desk.run("ALTER VIEW v AS SELECT 1 AS a", HAKAN)
    assert await desk.answer("SELECT * FROM v", HAKAN) == [{"a": 1}]
    await desk.run("ALTER VIEW v OWNER TO ada")
    assert desk.find("main.default.v").owner == "user:ada"


async def test_a_group_owns_a_view(desk):
    """A member gives it to the group and changes it; it then reads what the group may read, not what its writer may."""
    member = user("ada", "contractors")
    desk.people["contractors"] = Principal(id="", name="contractors", kind="HEADGATE", groups=frozenset({"contractors"}))
    await desk.run("CREATE VIEW v AS SELECT usd FROM main.hr.pay", member)
    await desk.run("ALTER VIEW v OWNER TO contractors", member)
    with pytest.raises(Forbidden):
        await desk.answer("SELECT * FROM v", member)
    await desk.run("GRANT USE SCHEMA, SELECT ON SCHEMA main.hr TO contractors")
    await desk.run("ALTER VIEW v AS SELECT who FROM main.hr.pay", member)
    assert await desk.answer("SELECT who FROM v ORDER BY 1", member) == [{"who": "ada"}, {"who": "hakan"}]


async def test_a_view_over_a_view(desk):
    """Each reads with the rights of its own owner. None reads itself, in whatever way, and the depth is bounded."""
    await desk.run("CREATE VIEW a AS SELECT usd FROM main.hr.pay", ADA)
    await desk.run("GRANT SELECT ON VIEW a TO hakan", ADA)
    await desk.run("CREATE VIEW b AS SELECT sum(usd) AS total FROM a", HAKAN)
    assert await desk.answer("SELECT * FROM b", HAKAN) == [{"total": 12}]
    await desk.run("GRANT SELECT ON VIEW b TO ada", HAKAN)
    for text in ("ALTER VIEW a AS SELECT total AS usd FROM b", "CREATE OR REPLACE VIEW a AS SELECT (SELECT max(usd) FROM a) AS usd"):
        with pytest.raises(BadRequest, match=r"View main\.default\.a would read itself"):
            await desk.run(text, ADA)
    await desk.run("REVOKE SELECT ON VIEW a FROM hakan", ADA)
    with pytest.raises(Forbidden, match=r"main\.default\.b reads with the rights of its owner, hakan"):
        await desk.answer("SELECT * FROM b", ADA)
    for depth in range(9):
        await desk.run(f"CREATE VIEW d{depth} AS SELECT a FROM {f'd{depth - 1}' if depth else '(SELECT 1 AS a)'}")
    with pytest.raises(BadRequest, match="nested too deeply"):
        await desk.answer("SELECT * FROM d8")


async def test_two_changes_at_once_make_a_circle(desk):
    """What no check could see is refused when it is read."""
    await desk.run("CREATE VIEW a AS SELECT 1 AS x")
    await desk.run("CREATE VIEW b AS SELECT x FROM a")
    state = desk.state.load()
    circle = "SELECT x FROM b"
    entry = state.find(name("main.default.a"))
    desk.state.change(entry.id, lambda before: before.__replace__(table=before.table.__replace__(view_text=circle)))
    with pytest.raises(BadRequest, match="nested too deeply"):
        await desk.answer("SELECT * FROM a")


async def test_names_and_columns_stay_as_they_were(desk):
    """Short names mean what they meant when the view was made; a column that a table gets later is not in a view of all columns."""
    hr = Defaults("main", "hr")
    await desk.run("CREATE VIEW main.default.v (person, `pay` COMMENT 'a year') COMMENT 'all' AS SELECT * FROM pay -- short", ADA, hr)
    await desk.run("ALTER TABLE main.hr.pay ADD COLUMN note STRING")
    assert await desk.answer("SELECT * FROM v WHERE pay > 5") == [{"person": "hakan", "pay": 7}]
    entry = desk.find("main.default.v")
    assert (entry.comment, entry.table.view_text, entry.table.view_defaults) == ("all", "SELECT * FROM pay", ("main", "hr"))
    assert entry.table.view_outputs == ("who", "usd")
    await desk.run("CREATE VIEW twice (a, b) AS SELECT who, who FROM main.hr.pay", ADA)
    assert await desk.answer("SELECT b FROM twice ORDER BY a LIMIT 1") == [{"b": "ada"}]


async def test_listings(desk):
    """A view is listed, described and shown as a statement that makes it again."""
    await desk.run("CREATE VIEW v (a COMMENT 'x', `b-c`) COMMENT 'its' AS SELECT 1, 'two'")
    assert await desk.rows("SHOW VIEWS") == [("default", "v", False)]
    assert ("default", "v", False) in await desk.rows("SHOW TABLES")
    assert await desk.rows("DESCRIBE v") == [("a", "int", "x"), ("b-c", "string", None)]
    assert ("View Text", "SELECT 1, 'two'", "") in await desk.rows("DESCRIBE EXTENDED v")
    ((made,),) = await desk.rows("SHOW CREATE TABLE v")
    before = desk.find("main.default.v")
    await desk.run("DROP VIEW v")
    await desk.run(made)
    after = desk.find("main.default.v")
    assert (after.table, after.comment) == (before.table, before.comment)


async def test_what_is_there_already(desk):
    """IF NOT EXISTS leaves it, OR REPLACE changes its own, and a table is no view."""
    await desk.run("CREATE VIEW v AS SELECT 1 AS a", ADA)
    await desk.run("CREATE VIEW IF NOT EXISTS v AS SELECT 2 AS a", ADA)
    assert await desk.answer("SELECT * FROM v", ADA) == [{"a": 1}]
    await desk.run("CREATE OR REPLACE VIEW v AS SELECT 3 AS b", ADA)
    assert await desk.answer("SELECT * FROM v", ADA) == [{"b": 3}]
    with pytest.raises(BadRequest, match="exists already"):
        await desk.run("CREATE VIEW v AS SELECT 1 AS a", ADA)
    for text, says in (
        ("CREATE OR REPLACE VIEW main.hr.pay AS SELECT 1 AS a", "is not a view"),
        ("ALTER VIEW main.hr.pay AS SELECT 1 AS a", "is not a view"),
        ("DROP VIEW main.hr.pay", "is a table: DROP TABLE"),
        ("DROP TABLE v", "is a view: DROP VIEW"),
        ("OPTIMIZE v", "is not a table"),
        ("SELECT * FROM v VERSION AS OF 0", "is a view and has no versions"),
    ):
        with pytest.raises(BadRequest, match=says):
            await (desk.answer(text) if text.startswith("SELECT") else desk.run(text))
    await desk.run("DROP VIEW v", ADA)
    await desk.run("DROP VIEW IF EXISTS v", ADA)
    assert desk.find("main.default.v") is None
