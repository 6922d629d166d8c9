"""The workspace API's service: who gets in, what is refused, and in which words."""

from urllib.parse import quote

import pytest

from headgate.core.errors import Unavailable
from headgate.web.api.service import BODY_BYTES_MAX
from tests.unit.web.api.asking import House

STATEMENTS = "/api/2.0/sql/statements"


@pytest.fixture
def house():
    """A fresh API."""
    return House()


async def test_every_route_asks_who_calls(house):
    """Without a token, and with a wrong one, every route that is not public refuses before it does anything."""
    for route in house.table:
        if route.access == "public":
            continue
        path = route.path.replace("{name}", "x").replace("{kind}", "table").replace("{statement_id}", "s").replace("{chunk}", "0")
        for who in ("", "hg_nobody"):
            status, answer = await house.ask(who, route.method, path)
            assert (status, answer["error_code"]) == (401, "UNAUTHENTICATED"), route
    assert house.statements.calls == []
    assert {route.path for route in house.table if route.access == "public"} == {
        "/.well-known/databricks-config", f"{STATEMENTS}/{{statement_id}}/result/arrow/{{chunk}}"
    }  # fmt: skip


async def test_who_is_not_let_in_is_in_the_log_once(house, caplog):
    """With the address, the reason and the path, and without the token, which a stranger may write as it likes."""
    for _ in range(3):
        await house.ask("hg_secret", "GET", "/api/2.1/unity-catalog/catalogs")
    lines = [record.getMessage() for record in caplog.records if record.name == "headgate.web"]

    assert len(lines) == 1
    assert lines[0].startswith("refused a request from ")
    assert " to the workspace API: 401 not_a_token: " in lines[0]
    assert "hg_secret" not in lines[0]
    assert "(GET /api/2.1/unity-catalog/catalogs, req_" in lines[0]


async def test_the_envelope(house):
    """Refusals have Databricks' three fields, and the request's id in header and body."""
    status, headers, _ = await house.ask_whole("ada", "GET", "/api/2.0/none")
    assert status == 404
    _, answer = await house.ask("ada", "GET", "/api/2.0/none")
    assert sorted(answer) == ["details", "error_code", "message"]
    assert answer["details"][0]["request_id"].startswith("req_")
    assert headers[b"x-request-id"] == headers[b"x-databricks-request-id"]
    assert headers[b"cache-control"] == b"no-store"


UNREADABLE_BODIES = [
    b"\xff\xfe", b'{"name": "\xff"}', b"[" * 200_000, b'{"a": ' * 100_000 + b"1" + b"}" * 100_000, b'{"name": "\\ud83d"}', b"null", b"[]", b'"x"', b"1e999", b"{",
    b"\x00" * 100,
]  # fmt: skip
ODD_BODIES = [b'{"name": {"a": 1}, "changes": 7, "columns": "x", "table_id": []}', b'{"changes": [{"principal": "a", "add": [[]]}]}']
HOSTILE_NAMES = ["\ufffd", "\0", "`", "``", "a..b", "." * 300, "a.b.c.d", "`a`b", "main.`\u2028`.x", "x" * 5000, "%2e%2e", "\U0001f600"]


@pytest.mark.parametrize("body", UNREADABLE_BODIES + ODD_BODIES, ids=range(len(UNREADABLE_BODIES + ODD_BODIES)))
async def test_no_body_is_a_crash(house, body):
    """Whatever a body holds, every route that reads one refuses it as a client's mistake."""
    for route in house.table:
        if route.method in {"POST", "PATCH"} and "statements" not in route.path:
            path = route.path.replace("{name}", "main").replace("{kind}", "catalog")
            status, answer = await house.ask("root", route.method, path, body)
            assert status == 400 or (body in ODD_BODIES and status < 500), (route.path, answer)


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
async def test_no_name_is_a_crash(house, name):
    """Whatever a path or a query holds, the answer is JSON and not a failure of ours."""
    query = "&".join(f"{field}={quote(name)}" for field in ("catalog_name", "schema_name", "principal", "page_token", "max_results"))
    for route in house.table:
        path = route.path.replace("{name}", name).replace("{kind}", "table").replace("{statement_id}", name).replace("{chunk}", name)
        status, answer = await house.ask("root", route.method, f"{path}?{query}", {} if route.method in {"POST", "PATCH"} else None)
        assert status < 500, (route.path, answer)


async def test_failures(house, caplog):
    """A refusal keeps its status and says when to come again; a bug is told as one, without its text."""
    house.statements.raises = Unavailable("busy", code="TOO_MANY_STATEMENTS", retry_after_s=2.0)
    status, headers, body = await house.ask_whole("ada", "POST", STATEMENTS, {"statement": "x"})
    assert (status, headers[b"retry-after"], b"TOO_MANY_STATEMENTS" in body) == (503, b"2", True)
    house.statements.raises = RuntimeError("a secret")
    status, answer = await house.ask("ada", "POST", STATEMENTS, {"statement": "x"})
    assert (status, answer["error_code"]) == (500, "INTERNAL_ERROR")
    assert "secret" not in answer["message"]
    assert "a secret" in caplog.text


async def test_large_bodies(house):
    """A body over the limit is refused by what it says of itself."""
    status, answer = await house.ask("ada", "POST", STATEMENTS, b"x" * (BODY_BYTES_MAX + 1))
    assert (status, answer["error_code"]) == (413, "REQUEST_TOO_LARGE")
    assert house.statements.calls == []


HIDDEN = {"catalog": "crm", "schema": "crm.people", "table": "crm.people.t"}
BODIES = {
    "/catalogs": {"name": "other"}, "/schemas": {"name": "other", "catalog_name": "crm"}, "/catalogs/{name}": {"comment": "x"},
    "/schemas/{name}": {"comment": "x"}, "/tables/{name}": {"owner": "ada"},
    "/tables": {"name": "x", "catalog_name": "crm", "schema_name": "people", "table_type": "MANAGED", "data_source_format": "DELTA",
                "columns": [{"name": "a", "type_json": '"integer"', "position": 0}]},
    "/permissions/{kind}/{name}": {"changes": [{"principal": "ada", "add": ["SELECT"]}]},
}  # fmt: skip


def asked(house, route):
    """Each way to ask a route for what is somebody else's: kind, path, body."""
    table_id = house.desk.find(HIDDEN["table"]).id
    for sort, full_name in HIDDEN.items():
        if "{kind}" not in route.path and f"/{sort}s/" not in route.path and "{name}" in route.path:
            continue
        path = route.path.replace("{kind}", sort).replace("{name}", full_name)
        query = "?catalog_name=crm&schema_name=people&force=true" if "{name}" not in route.path else "?force=true"
        body = BODIES.get(route.path.removeprefix("/api/2.1/unity-catalog"), {"table_id": table_id, "operation": "READ"})
        yield path + query, body if route.method in {"POST", "PATCH"} else None


async def test_what_is_somebody_elses_is_neither_shown_nor_changed(house):
    """Every route, asked for a catalog, schema or table on which one has nothing: refused, or an answer that says nothing of it; and it is as it was."""
    for text in ("CREATE CATALOG crm", "CREATE SCHEMA crm.people", "CREATE TABLE crm.people.t (secret_column INT)"):
        await house.desk.run(text)
    before, answered = house.desk.state.load().version, set()
    for route in house.table:
        if "unity-catalog" not in route.path:
            continue
        for path, body in asked(house, route):
            status, answer = await house.ask("ada", route.method, path, body)
            assert status in {200, 403, 404}, (route.method, path, answer)
            assert "secret_column" not in str(answer), (path, answer)
            if status == 200:
                answered.add((route.method, route.path.removeprefix("/api/2.1/unity-catalog")))
                assert "crm" not in str(answer), (path, answer)
    assert house.desk.state.load().version == before
    assert answered == {("GET", "/catalogs"), ("GET", "/metastore_summary"), ("GET", "/current-metastore-assignment")}, answered


async def test_who_is_refused_is_in_the_audit(house):
    """A stranger by its address, a user by name and token; with the route and the reason. What is no denial is not there."""
    await house.ask("hg_nobody", "GET", "/api/2.1/unity-catalog/catalogs")
    await house.ask("ada", "POST", "/api/2.1/unity-catalog/catalogs", {"name": "mine"})
    await house.ask("ada", "GET", "/api/2.1/unity-catalog/catalogs/none")
    await house.ask("root", "GET", "/api/2.1/unity-catalog/catalogs")
    assert [(event.service, event.action, event.who, event.params.get("token_id"), event.status_code) for event in house.audited] == [
        ("workspace", "GET /api/2.1/unity-catalog/catalogs", "", None, 401), ("workspace", "POST /api/2.1/unity-catalog/catalogs", "ada", "t2", 403),
    ]  # fmt: skip
    assert house.audited[1].request_id.startswith("req_")
