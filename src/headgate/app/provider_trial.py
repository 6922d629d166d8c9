"""Tries providers for a command, as a running gateway tests them: the list of models, with Headgate's key, through the same upstream."""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec

from headgate.app.upstream_access import UpstreamChoice, upstream_settings
from headgate.config.schema import UpstreamAccess
from headgate.core.clock import SystemClock
from headgate.core.endpoint import Provider
from headgate.core.errors import Unavailable
from headgate.exchange.circuits import Circuits
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.provider_check import CheckedProvider, Checking
from headgate.exchange.provider_memory import ProviderMemory


async def try_providers(providers: Sequence[Provider], access: UpstreamAccess) -> list[CheckedProvider]:
    """What each provider answers, all asked at once. Each ends within the time of a test."""
    clock = SystemClock()
    upstreams = UpstreamChoice(upstream_settings(access), clock)
    checking = Checking(upstreams.of, clock, ProviderMemory(clock), Circuits(clock), ClientHeaders())
    loop = asyncio.get_running_loop()
    answers = []
    try:
        with contextlib.suppress(Unavailable):  # each provider without a credential says so itself
            await upstreams.logins.follow(providers)
        for provider in providers:
            answered: asyncio.Future[CheckedProvider] = loop.create_future()
            checking.check(provider, "", answered.set_result)
            answers.append(answered)
        return [_explained(found, upstreams.logins.failure(found.provider)) for found in await asyncio.gather(*answers)]
    finally:
        await upstreams.close()


def _explained(found: CheckedProvider, failure: str) -> CheckedProvider:
    """The result with the reason why its sign-in failed, which a gateway would have logged."""
    return found if found.verdict != "failed" or not failure else msgspec.structs.replace(found, message=f"its sign-in failed: {failure}")
