"""What callers are told of themselves."""

import msgspec
import pytest

from headgate import __version__
from headgate.web.api.me import LimitMeter
from tests.fakes.principals import user
from tests.unit.web.api.spending import spending_house


@pytest.fixture
def house():
    """Ada has spent 4 dollars and has one reserved, Ben has spent 5."""
    return spending_house()


async def test_who_asks_and_with_which_token(house):
    """The principal with its roles, the token with what it can be used for, and what the gateway is."""
    status, answer = await house.ask("ada", "GET", "/api/2.0/headgate/me")

    assert status == 200
    assert answer["principal"] == {"id": "usr_ada", "name": "ada", "kind": "USER", "groups": [], "roles": ["member"], "reads_all_usage": False}
    token = {"id": "t2", "name": "laptop", "scopes": ["inference", "sql", "telemetry"], "endpoints": ["*"], "networks": [], "expires_at": None}
    assert answer["token"] == token
    assert answer["gateway"] == {"version": __version__, "demo": True}
    assert (await house.ask("root", "GET", "/api/2.0/headgate/me"))[1]["principal"]["reads_all_usage"]
    assert (await house.ask("", "GET", "/api/2.0/headgate/me"))[0] == 401


async def test_the_end_of_the_token(house):
    """In UTC."""
    house.become("ada", user("ada"), expires_at_s=1_800_000_000.0)
    assert (await house.ask("ada", "GET", "/api/2.0/headgate/me"))[1]["token"]["expires_at"] == "2027-01-15T08:00:00Z"


async def test_limits(house):
    """As they are counted."""
    house.limits = [LimitMeter(key="user", whose="ada", endpoint="*", measure="requests", per="minute", maximum=5, used=2, remaining=3)]
    assert (await house.ask("ada", "GET", "/api/2.0/headgate/me"))[1]["limits"] == [msgspec.to_builtins(house.limits[0])]


async def test_the_callers_own_budgets(house):
    """Those with the most used first; of sessions the caller's."""
    status, answer = await house.ask("ada", "GET", "/api/2.0/headgate/me")

    assert status == 200
    assert [(each["name"], each["principal"], each["session"], each["percent"]) for each in answer["budgets"]] == [
        ("each", "ada", None, 100.0),
        ("all", None, None, 50.0),
        ("session", "ada", "s1", 5.0),
    ]
    own = answer["budgets"][0]
    assert (own["usd"], own["spent_usd"], own["reserved_usd"], own["left_usd"]) == (5.0, 4.0, 1.0, 0.0)
    assert answer["budgets"][1]["resets_at"].endswith(("T00:00:00+02:00", "T00:00:00+01:00"))
    assert (answer["budgets"][1]["period"], answer["budgets"][1]["timezone"]) == ("day", "Europe/Berlin")
