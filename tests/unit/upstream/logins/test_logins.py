"""Credentials are renewed before they end, and a request never waits for one."""

import asyncio

import pytest

from headgate.core.endpoint import Provider
from headgate.core.errors import Unavailable, UpstreamFailed
from headgate.core.platform import PlatformLogin
from headgate.core.secret import Secret
from headgate.upstream.logins.credential import HeldCredential, LoginFailed
from headgate.upstream.logins.logins import Logins
from tests.fakes.ports import FakeClock


def provider(secret: str = "s", url: str = "https://h/v1") -> Provider:
    return Provider(name="azure", dialect="openai", base_url=url, login=PlatformLogin("oauth", client_id="a", secret=Secret(secret)))


class House:
    """Sign-ins with a clock, and a source that gives numbered tokens."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.lasts_s = 3600.0
        self.failure = ""
        self.fetched = 0
        self.logins = Logins(lambda _: self, self.clock)

    async def fetch(self) -> HeldCredential:
        """The next token."""
        if self.failure:
            raise LoginFailed(self.failure)
        self.fetched += 1
        return HeldCredential(token=Secret(f"token-{self.fetched}"), ends_at_s=self.clock.wall_ns() / 1e9 + self.lasts_s)

    async def pass_s(self, seconds: float, of: Provider) -> None:
        """Let time pass and look after the credentials."""
        self.clock.now_s += seconds
        await self.logins.follow([of])


async def test_a_credential_is_renewed_before_it_ends():
    """Five minutes ahead, and not earlier."""
    house, one = House(), provider()
    await house.pass_s(0, one)
    await house.pass_s(3290, one)
    assert house.logins.credential(one).sent == b"token-1"
    await house.pass_s(15, one)
    assert house.logins.credential(one).sent == b"token-2"


async def test_without_a_credential_the_request_is_refused_unsent():
    """Before the first one, and when the last one has ended: in words, so that another target may be tried."""
    house, one = House(), provider()
    with pytest.raises(UpstreamFailed) as refused:
        house.logins.credential(one)
    assert (refused.value.status, refused.value.code, refused.value.sent) == (503, "no_provider_credential", False)
    await house.pass_s(0, one)
    house.clock.now_s += 3601
    with pytest.raises(UpstreamFailed):
        house.logins.credential(one)


async def test_a_failure_keeps_the_old_credential_and_is_tried_again():
    """It is reported in words for as long as it lasts, with a pause that grows."""
    house, one = House(), provider()
    await house.pass_s(0, one)
    house.failure = "it answered 401"
    with pytest.raises(Unavailable, match="provider azure: it answered 401"):
        await house.pass_s(3310, one)
    assert house.logins.credential(one).sent == b"token-1"
    with pytest.raises(Unavailable):
        await house.pass_s(1, one)
    house.failure = ""
    await house.pass_s(2, one)
    assert house.logins.credential(one).sent == b"token-2"


async def test_a_reload_of_the_same_account_keeps_its_credential():
    """Another object with the same address and secret is the same account; another secret or address is not."""
    house = House()
    await house.pass_s(0, provider())
    assert house.logins.credential(provider()).sent == b"token-1"
    for changed in (provider(secret="new"), provider(url="https://other/v1")):
        with pytest.raises(UpstreamFailed):
            house.logins.credential(changed)
    await house.pass_s(1, provider(secret="new"))
    assert house.logins.credential(provider(secret="new")).sent == b"token-2"


async def test_a_refused_credential_is_due_again():
    """Not before it is a minute old, so that a provider that refuses all of them is not asked all the time."""
    house, one = House(), provider()
    await house.pass_s(0, one)
    house.logins.refused(one)
    await house.pass_s(30, one)
    assert house.fetched == 1
    await house.pass_s(31, one)
    assert house.fetched == 2


async def test_a_provider_that_is_gone_is_forgotten():
    """Nothing is fetched for it any more."""
    house, one = House(), provider()
    await house.pass_s(0, one)
    await house.logins.follow([])
    with pytest.raises(UpstreamFailed):
        house.logins.credential(one)


async def test_a_source_is_asked_once_at_a_time():
    """A second look while a credential is being got asks for none."""
    house, one, gate = House(), provider(), asyncio.Event()
    fetch = house.fetch

    async def slow() -> HeldCredential:
        await gate.wait()
        return await fetch()

    house.fetch = slow
    first = asyncio.ensure_future(house.logins.follow([one]))
    await asyncio.sleep(0)
    await house.logins.follow([one])
    house.logins.refused(one)
    await house.logins.follow([one])
    gate.set()
    await first
    assert (house.fetched, house.logins.credential(one).sent) == (1, b"token-1")
    assert not house.logins.failure("azure")


async def test_a_bug_in_a_source_is_raised_and_tried_again():
    """It is reported as any failure is, and does not end the renewing."""
    house, one = House(), provider()
    fetch = house.fetch

    async def broken() -> HeldCredential:
        raise KeyError("x")

    house.fetch = broken
    with pytest.raises(KeyError):
        await house.pass_s(0, one)
    assert house.logins.failure("azure") == "its sign-in broke off"
    house.fetch = fetch
    await house.pass_s(3, one)
    assert house.logins.credential(one).sent == b"token-1"
