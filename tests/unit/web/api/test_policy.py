"""Questions about what would happen, over HTTP."""

from urllib.parse import quote

import pytest

from headgate.web.api.policy import ExplainRequest
from tests.unit.web.api.asking import House

PATH = "/api/2.0/headgate/policy/explain"


@pytest.fixture
def house():
    """An API that explains by repeating the question."""
    return House()


async def test_an_administrator_asks_about_everybody(house):
    """With all that a request may say of itself."""
    tags = quote('{"team": "search"}')
    status, found = await house.ask("root", "GET", f"{PATH}?user=ada&model=opus&agent=codex&dialect=gemini&session=s1&tags={tags}")
    assert (status, found) == (200, {"asked": "opus"})
    assert house.explained == [ExplainRequest(user="ada", model="opus", agent="codex", dialect="gemini", session_id="s1", tags={"team": "search"})]


async def test_a_user_asks_about_themselves(house):
    """By name or without one."""
    for query in ("model=opus", "model=opus&user=ada"):
        assert (await house.ask("ada", "GET", f"{PATH}?{query}"))[0] == 200
    assert [asked.user for asked in house.explained] == ["ada", "ada"]


@pytest.mark.parametrize(
    ("who", "query", "status", "code"),
    [
        ("ada", "model=opus&user=root", 403, "PERMISSION_DENIED"),
        ("ada", "", 400, "INVALID_PARAMETER_VALUE"),
        ("ada", "model=opus&tags=x", 400, "INVALID_PARAMETER_VALUE"),
        ("ada", "model=opus&tags=%7B%22a%22%3A1%7D", 400, "INVALID_PARAMETER_VALUE"),
        ("", "model=opus", 401, "UNAUTHENTICATED"),
    ],
)  # fmt: skip
async def test_refusals(house, who, query, status, code):
    """In Databricks' form."""
    answered, found = await house.ask(who, "GET", f"{PATH}?{query}")
    assert (answered, found["error_code"]) == (status, code)
    assert house.explained == []
