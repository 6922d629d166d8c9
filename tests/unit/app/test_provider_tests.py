"""Tests of providers as administrators ask for them."""

import asyncio

import pytest

from headgate.app.provider_tests import ProviderTests
from headgate.core.audit_event import Act
from headgate.core.endpoint import CLIENT_AUTH, Provider
from headgate.core.errors import BadRequest, LimitExceeded, NotFound, UpstreamFailed
from headgate.exchange.circuits import Circuits
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.provider_check import Checking
from headgate.exchange.provider_memory import ProviderMemory
from headgate.web.ui.provider_facts import ProviderTest
from tests.fakes.ports import FakeClock, FakeUpstream

PROVIDERS = (
    Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9"),
    Provider(name="subscription", dialect="anthropic", base_url="http://127.0.0.1:9", auth=CLIENT_AUTH),
)


class House:
    """Tests over an upstream whose answers are pushed."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.upstream = FakeUpstream()
        self.acts: list[Act] = []
        checking = Checking(lambda _: self.upstream, self.clock, ProviderMemory(self.clock), Circuits(self.clock), ClientHeaders())
        self.tests = ProviderTests(checking, lambda: PROVIDERS, self.acts.append, self.clock)

    async def answered(self, status: int = 200) -> ProviderTest:
        """A test of the lab that is answered."""
        task = asyncio.ensure_future(self.tests.test("lab", "m", "ada"))
        await asyncio.sleep(0)
        sink = self.upstream.sinks[-1]
        if status:
            sink.head(status, [])
            sink.end()
        else:
            sink.fail(UpstreamFailed("Provider lab cannot be reached: connection refused."))
        return await task


@pytest.mark.parametrize(("status", "noted", "message"), [(200, 200, ""), (500, 500, "It said nothing more."), (0, 502, "Provider lab cannot be")])
async def test_a_test_is_an_audit_event(status: int, noted: int, message: str) -> None:
    """With what was asked and what came of it; the last one of each provider is remembered."""
    house = House()
    assert house.tests.last("lab") is None
    done = await house.answered(status)
    assert (done.by, done.found.status) == ("ada", status)
    assert house.tests.last("lab") is done
    (act,) = house.acts
    assert (act.service, act.action, act.status_code) == ("aiGateway", "testProvider", noted)
    assert (act.params["provider"], act.params["model"]) == ("lab", "m")
    assert act.error_message.startswith(message)


async def test_at_most_a_few_a_minute() -> None:
    """Then the wait is named, and nothing is sent."""
    house = House()
    for _ in range(6):
        await house.answered()
        house.clock.now_s += 5
    with pytest.raises(LimitExceeded, match="at most 6 times a minute"):
        await house.tests.test("lab", "m", "ada")
    assert len(house.upstream.requests) == 6
    house.clock.now_s += 31
    await house.answered()


async def test_what_cannot_be_tested() -> None:
    """An unknown provider, and one without a key of Headgate's."""
    house = House()
    with pytest.raises(NotFound, match="Did you mean 'lab'"):
        await house.tests.test("labs", "", "ada")
    with pytest.raises(BadRequest, match="each user's own credential"):
        await house.tests.test("subscription", "", "ada")
    assert house.upstream.requests == []


async def test_a_cancelled_test_ends_its_request() -> None:
    """The provider's connection is closed."""
    house = House()
    task = asyncio.ensure_future(house.tests.test("lab", "m", "ada"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert house.upstream.calls[-1].cancelled
