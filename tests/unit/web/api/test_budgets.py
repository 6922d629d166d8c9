"""What is left of all budgets, for administrators."""

import pytest

from tests.unit.web.api.spending import spending_house


@pytest.fixture
def house():
    """Ada has spent 4 dollars and has one reserved, Ben has spent 5."""
    return spending_house()


async def test_an_administrator_sees_all_counts(house):
    """Of everyone."""
    status, answer = await house.ask("root", "GET", "/api/2.0/headgate/budgets/usage")

    assert status == 200
    assert [(each["name"], each["principal"]) for each in answer["budgets"]] == [
        ("ben", None),
        ("each", "ada"),
        ("each", "ben"),
        ("all", None),
        ("session", "ada"),
        ("session", "ben"),
    ]


async def test_a_user_may_not(house):
    """The list of all is an administrator's."""
    status, answer = await house.ask("ada", "GET", "/api/2.0/headgate/budgets/usage")
    assert (status, answer["error_code"]) == (403, "PERMISSION_DENIED")
