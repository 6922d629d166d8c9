"""Tests of providers as administrators ask for them: a few a minute, one event in the audit table each, and the last result of each provider in memory."""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from headgate.core.audit_event import GATEWAY, Act
from headgate.core.clock import Clock
from headgate.core.endpoint import Provider
from headgate.core.errors import BadRequest, LimitExceeded, NotFound
from headgate.core.spelling import did_you_mean, nearest
from headgate.exchange.provider_check import TIMEOUT_S, CheckedProvider, Checking
from headgate.web.ui.provider_facts import ProviderTest

_A_MINUTE: Final = 6
_MINUTE_S: Final = 60.0
_KEPT_MAX: Final = 256


class ProviderTests:
    """One for a serving process. `providers` are those in use; `note` keeps an audit event."""

    def __init__(self, checking: Checking, providers: Callable[[], Sequence[Provider]], note: Callable[[Act], None], clock: Clock) -> None:
        self._checking = checking
        self._providers = providers
        self._note = note
        self._clock = clock
        self._begun_s: deque[float] = deque(maxlen=_A_MINUTE)
        self._last: dict[str, ProviderTest] = {}

    def last(self, name: str) -> ProviderTest | None:
        """The last test of a provider since this process began."""
        return self._last.get(name)

    async def test(self, name: str, model: str, by: str) -> ProviderTest:
        """Ask the provider for a model, or for its list of models, and wait for its answer.

        Raises NotFound for an unknown provider, BadRequest for one that has no key of Headgate's, LimitExceeded where there were too many within a minute.
        """
        provider = self._found(name)
        if provider.takes_client_credential:
            raise BadRequest(f"Provider {name} has no key of Headgate's: each user's own credential is sent. Ask it with an agent of such a user.")
        self._admit()
        answered: asyncio.Future[CheckedProvider] = asyncio.get_running_loop().create_future()
        call = self._checking.check(provider, model, answered.set_result)
        try:
            found = await asyncio.wait_for(answered, TIMEOUT_S * 2)
        except BaseException:
            call.cancel()
            raise
        self._tell(found)
        test = ProviderTest(found, self._clock.wall_ns() // 1_000_000, by)
        if len(self._last) >= _KEPT_MAX:
            self._last.clear()
        self._last[name] = test
        return test

    def _found(self, name: str) -> Provider:
        providers = self._providers()
        found = next((provider for provider in providers if provider.name == name), None)
        if found is None:
            close = nearest(name, sorted(provider.name for provider in providers))
            raise NotFound(f"No provider is named {name[:128]!r}.{did_you_mean(close)}")
        return found

    def _admit(self) -> None:
        now_s = self._clock.monotonic_s()
        if len(self._begun_s) == _A_MINUTE and now_s - self._begun_s[0] < _MINUTE_S:
            wait_s = math.ceil(_MINUTE_S - (now_s - self._begun_s[0]))
            raise LimitExceeded(f"Providers are tested at most {_A_MINUTE} times a minute. Test again in {wait_s} s.", retry_after_s=wait_s)
        self._begun_s.append(now_s)

    def _tell(self, found: CheckedProvider) -> None:
        params = {"provider": found.provider, "model": found.model, "verdict": found.verdict, "latency_ms": str(found.latency_ms)}
        good = found.verdict == "good"
        self._note(
            Act(service=GATEWAY, action="testProvider", params=params, status_code=found.status or 502, error_message="" if good else found.message)
        )
