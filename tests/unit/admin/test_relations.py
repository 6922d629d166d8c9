"""What a name in a query means to whoever asks."""

import pytest

from headgate.admin.relations import LEDGER_TABLES_MAX, CatalogRelations, telemetry_tables
from headgate.admin.statement_ports import TableSource, ViewSource
from headgate.catalog import types
from headgate.catalog.ledger.settled import DAY_US, SettledTime
from headgate.catalog.otel_tables import ddl
from headgate.catalog.system import MY_USAGE
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import Forbidden, NotFound
from tests.unit.admin.tabling import ADA, ADMIN, Desk, name


def test_system_tables():
    """Administrators read the usage of all; everybody reads their own, through a view that reads the table for them."""
    seen = Desk().state.load()
    assert CatalogRelations(seen, ADMIN).resolve(USAGE.name) == TableSource(
        USAGE.name, "/data/warehouse/system/ai_gateway/usage", USAGE.schema, made_on_write=True
    )
    relations = CatalogRelations(seen, ADA)
    with pytest.raises(Forbidden, match=r"ada does not have SELECT on Table 'system\.ai_gateway\.usage'"):
        relations.resolve(USAGE.name)
    view = relations.resolve(MY_USAGE.name)
    assert view == ViewSource(MY_USAGE.name, MY_USAGE.text)
    assert relations.resolve_inside(view, USAGE.name).location.endswith("/usage")
    with pytest.raises(NotFound):
        relations.resolve_inside(view, name("system.ai_gateway.none"))


async def test_privileges():
    """A table is read by whoever has SELECT on it; a missing one is told."""
    desk = Desk()
    await desk.run("CREATE TABLE main.default.t (a INT)")
    with pytest.raises(Forbidden):
        CatalogRelations(desk.state.load(), ADA).resolve(name("main.default.t"))
    await desk.run("GRANT SELECT ON SCHEMA main.default TO ada")
    relations = CatalogRelations(desk.state.load(), ADA)
    table = relations.resolve(name("main.default.t"))
    assert (table.schema.fields[0].name, table.made_on_write) == ("a", False)
    with pytest.raises(NotFound, match="TABLE_OR_VIEW_NOT_FOUND"):
        relations.resolve(name("main.default.u"))


async def test_what_is_not_settled_is_named_by_views_of_ours_alone():
    """Its text reads with Headgate's rights; a statement that names it, or a user's view, finds nothing of that name."""
    desk, known = Desk(), SettledTime(days_until_us=20_000 * DAY_US, draft_until_us=20_001 * DAY_US, edition=7, whole=True)
    await desk.run("CREATE VIEW main.default.v AS SELECT 1 AS a")
    relations = CatalogRelations(desk.state.load(), ADMIN, known, owners=lambda _owner: ADMIN)
    sessions, live = relations.resolve(name("system.ai_gateway.sessions")), name("system.ai_gateway.live_whole_sessions")
    found = relations.resolve_inside(sessions, live)

    assert isinstance(found, TableSource)
    assert (found.part.kind, found.schema.fields[0].name) == ("live", "touched")
    assert relations.resolve_inside(ViewSource(live, found.part.text), USAGE.name).location.endswith("/usage")
    for refused in (lambda: relations.resolve(live), lambda: relations.resolve_inside(relations.resolve(name("main.default.v")), live)):
        with pytest.raises(NotFound):
            refused()
    with pytest.raises(NotFound):
        CatalogRelations(desk.state.load(), ADMIN).resolve_inside(sessions, live)


async def test_the_joined_ledger_reads_the_telemetry_tables_there_are():
    """A telemetry table that is made takes part in the ledger's views from the next statement on; only administrators read them."""
    desk = Desk()
    sessions = name("system.ai_gateway.client_requests")
    before = CatalogRelations(desk.state.load(), ADMIN).resolve(sessions)
    await desk.run(ddl(name("main.default.cc_otel_logs"), "logs"))

    after = CatalogRelations(desk.state.load(), ADMIN).resolve(sessions)

    assert isinstance(before, ViewSource)
    assert "cc_otel_logs" not in before.text
    assert "cc_otel_logs" in after.text
    with pytest.raises(Forbidden):
        CatalogRelations(desk.state.load(), ADA).resolve(sessions)


async def test_the_ledger_reads_tables_wherever_they_lie():
    """On this machine or in object storage."""
    desk = Desk()
    await desk.run("CREATE SCHEMA main.far MANAGED LOCATION 's3://lake/far'")
    await desk.run(ddl(name("main.far.logs"), "logs"))

    assert [table.name for table in telemetry_tables(desk.state.load())] == [name("main.far.logs")]


async def test_nobody_can_break_the_ledger_by_making_tables():
    """However many telemetry tables somebody makes, the ledger reads as many as a query can."""
    desk = Desk()
    for number in range(LEDGER_TABLES_MAX + 2):
        await desk.run(ddl(name(f"main.default.t{number}"), "logs"))

    assert len(telemetry_tables(desk.state.load())) == LEDGER_TABLES_MAX


async def test_columns_are_read_once(monkeypatch):
    """Every query of the ledger asks which tables hold telemetry; the columns of one are read for the first of them alone."""
    desk = Desk()
    for number in range(20):
        await desk.run(f"CREATE TABLE main.default.t{number} (read_once INT)")
    read = []
    real = types.from_delta_json
    monkeypatch.setattr(types, "from_delta_json", lambda columns: read.append(columns) or real(columns))
    for _ in range(5):
        assert telemetry_tables(desk.state.load()) == []
    assert len([columns for columns in read if "read_once" in columns]) <= 1
