"""The routes of statements: what is handed on."""

import pytest

from tests.fakes.principals import administrator, user
from tests.unit.web.api.asking import House

ROOT = "/api/2.0/sql/statements"


@pytest.fixture
def house():
    """A fresh API."""
    return House()


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "", "execute"),
        ("POST", "/", "execute"),
        ("GET", "/s-1", "get"),
        ("POST", "/s-1/cancel", "cancel"),
        ("GET", "/s-1/result/chunks/7", "chunk"),
    ],
)
async def test_calls(house, method, path, kind):
    """Each route is one kind of call; the body goes through as it came, with who asks."""
    status, answer = await house.ask("root", method, ROOT + path, b'{"statement" : "SELECT 1"}' if method == "POST" else None)
    assert (status, answer) == (200, {"kind": kind})
    (call,) = house.statements.calls
    assert (call.principal, call.token_id, call.base_url) == (administrator("root"), "t1", "http://gate.example:8484")
    assert call.statement_id == ("s-1" if "s-1" in path else "")
    assert call.chunk == (7 if kind == "chunk" else 0)
    assert call.body == (b'{"statement" : "SELECT 1"}' if method == "POST" else b"")


async def test_users_and_administrators(house):
    """A token without the scope `admin` is nobody's administrator."""
    await house.ask("ada", "GET", f"{ROOT}/s")
    assert house.statements.calls[0].principal == user("ada")


async def test_a_link(house):
    """A link needs no token beside it, hands on its proof, and gives an Arrow stream."""
    status, headers, _ = await house.ask_whole("", "GET", f"{ROOT}/s-1/result/arrow/2?s=t2.proof")
    assert (status, headers[b"content-type"]) == (200, b"application/vnd.apache.arrow.stream")
    (call,) = house.statements.calls
    assert (call.kind, call.signature, call.chunk, call.principal, call.token_id) == ("link", "t2.proof", 2, user("ada"), "t2")
    await house.ask("ada", "POST", ROOT, {"statement": "SELECT 1"})
    assert house.statements.calls[-1].token_id == "t2"


@pytest.mark.parametrize("signature", ["", "t2", "proof", "t3.proof", ".proof", "x.%E9", "%FF"])
async def test_a_link_ends_with_its_token(house, signature):
    """Once that is revoked the link is refused before anybody looks at its proof, and so is one that names no live token."""
    house.revoke("ada")
    status, answer = await house.ask("", "GET", f"{ROOT}/s-1/result/arrow/2?s={signature}")
    assert (status, answer["error_code"], house.statements.calls) == (403, "PERMISSION_DENIED", [])


@pytest.mark.parametrize("chunk", ["x", "-1", "1" * 10, "٣"])
async def test_chunks_that_are_none(house, chunk):
    """A chunk is a number."""
    status, answer = await house.ask("ada", "GET", f"{ROOT}/s/result/chunks/{chunk}")
    assert (status, answer["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
