"""The pages of SQL and of the catalog over a running gateway: what they show, whom they let do what, and that a statement ends when its reader leaves."""

import csv
import io
import json
import socket

import pytest

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.lab import headgate, running
from tests.e2e.visitor import Visitor, shown_text
from tests.fakes.front import wait_until


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with a member and an exchange."""
    with running(tmp_path_factory.mktemp("sql_pages"), None, arguments=("--demo",)) as gateway:
        headgate("token", "create", "own", "--user", "mem@example.com", "--data", gateway.data)
        with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
            asking.rest()
        yield gateway


@pytest.fixture(scope="module")
def admin(demo):
    """An administrator's session."""
    return Visitor(demo)


@pytest.fixture(scope="module")
def member(demo):
    """A member's session."""
    return Visitor(demo, "mem@example.com")


def run(visitor, text):
    """The page of a statement's result."""
    assert visitor.post("/sql", text=text)[0] == 303
    return visitor.follow()


def test_a_statement_and_its_result(admin):
    """The result is a table under an address of its own that can be loaded again; its files have every row."""
    page = run(admin, "SELECT id, concat('=', id) AS formula, CAST(NULL AS INT) AS nothing FROM range(600) ORDER BY id")
    assert "600 rows" in shown_text(page)
    assert "The first 500 are shown" in shown_text(page)
    assert page.count("<tr>") == 501
    assert "SELECT id, concat" in page
    path = admin.location.partition("?")[0]
    assert shown_text(admin.page(admin.location)) == shown_text(page)
    rows = list(csv.reader(io.StringIO(admin.page(f"{path}/csv"))))
    assert (rows[0], rows[1], len(rows)) == (["id", "formula", "nothing"], ["0", "'=0", ""], 601)
    chart = json.loads(admin.page(f"{path}/chart"))
    assert ([column["name"] for column in chart["columns"]], chart["rows"][5], len(chart["rows"])) == (
        ["id", "formula", "nothing"],
        [5.0, "=5", None],
        600,
    )
    assert json.loads(admin.page(f"{path}/json"))[599] == {"id": "599", "formula": "=599", "nothing": None}


def test_errors_and_statements_without_rows(admin):
    """What is wrong is shown in the words of the statement's own error; a command that answers nothing says that it is done."""
    assert "TABLE_OR_VIEW_NOT_FOUND" in run(admin, "SELECT * FROM main.default.absent")
    assert "answers no rows" in shown_text(run(admin, "CREATE SCHEMA main.pages COMMENT '<b>made on a page</b>'"))
    assert "&lt;b&gt;made on a page&lt;/b&gt;" in admin.page("/catalog/main")
    assert "answers no rows" in shown_text(run(admin, "DROP SCHEMA main.pages"))
    assert admin.post("/sql", text="SELECT " + "1," * 5000 + "1")[0] == 400


def test_a_member_has_a_members_rights(admin, member):
    """A member reads own rows alone, sees no other's result, and finds in the catalog what a member may see."""
    assert "usage" in run(admin, "SELECT count(*) AS usage FROM system.ai_gateway.usage")
    result = admin.location
    assert member.get(result)[0] == 404
    assert "INSUFFICIENT_PERMISSIONS" in run(member, "SELECT * FROM system.ai_gateway.usage")
    assert "my_usage" in member.page("/sql")
    names = [table["name"] for table in json.loads(member.page("/sql/names"))["tables"]]
    assert "system.ai_gateway.my_usage" in names
    assert "system.ai_gateway.usage" not in names
    assert "system.access.audit" not in names
    assert member.get("/catalog/system/ai_gateway/usage")[0] == 403
    assert admin.get("/catalog/system/ai_gateway/usage")[0] == 200


def test_the_catalog_shows_a_table(admin):
    """Its columns with their comments, first rows, details, history and privileges; from a listing by links alone."""
    assert 'href="/catalog/system"' in admin.page("/catalog")
    assert 'href="/catalog/system/ai_gateway/usage"' in admin.page("/catalog/system/ai_gateway")
    table = "/catalog/system/ai_gateway/usage"
    assert "the exchange, as sent to the client; one row each" in admin.page(table)
    assert "claude" in admin.page(f"{table}?show=sample")
    wait_until(lambda: "WRITE" in admin.page(f"{table}?show=history"))
    assert "delta" in shown_text(admin.page(f"{table}?show=details"))
    assert "viewers SELECT system.ai_gateway" in shown_text(admin.page(f"{table}?show=privileges"))
    assert admin.get("/catalog/system/ai_gateway/absent")[0] == 404
    assert admin.get("/catalog/a%2fb/..%00/%22")[0] in {400, 404}


def test_privileges_are_given_and_taken(admin, member):
    """A privilege given on the page lets the member read; taken again it does not; a refusal is shown."""
    run(admin, "CREATE TABLE main.default.shared (n INT)")
    table = "/catalog/main/default/shared"
    assert member.get(table)[0] == 403
    assert admin.post(f"{table}/grants", change="grant", holder="mem@example.com", privilege="SELECT")[0] == 303
    assert "mem@example.com SELECT main.default.shared" in shown_text(admin.follow())
    assert member.get(f"{table}?show=sample")[0] == 200
    assert member.post(f"{table}/grants", change="grant", holder="mem@example.com", privilege="MODIFY")[0] == 303
    assert "MANAGE" in shown_text(member.follow())
    admin.post(f"{table}/grants", change="grant", holder="nobody@example.com", privilege="SELECT")
    assert "nobody@example.com" in shown_text(admin.follow())
    admin.post(f"{table}/grants", change="revoke", holder="mem@example.com", privilege="SELECT")
    assert member.get(table)[0] == 403


def test_a_statement_ends_with_its_reader(demo, admin):
    """A browser that waits for a long statement and leaves ends it; another can be stopped by its button."""
    long = "SELECT count(*) FROM (SELECT id AS a FROM range(10000000)) CROSS JOIN (SELECT id AS b FROM range(10000000)) WHERE a * b = -1"
    admin.post("/sql", text=long)
    path = admin.location.partition("?")[0]
    with socket.create_connection(("127.0.0.1", demo.port), timeout=0.5) as reader:
        reader.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\ncookie: {admin.cookie}\r\n\r\n".encode())
        with pytest.raises(TimeoutError):
            reader.recv(1)
    wait_until(lambda: "was stopped" in admin.page(path))
    admin.post("/sql", text=long)
    path = admin.location.partition("?")[0]
    assert admin.post(f"{path}/cancel", text=long)[0] == 303
    assert "was stopped" in admin.follow()
