"""The credentials in use of providers that have no lasting key. They are renewed before they end, beside the exchanges: a request never waits for one."""

import asyncio
import math
from collections.abc import Callable, Iterable

from headgate.core.clock import Clock
from headgate.core.endpoint import Provider
from headgate.core.errors import Unavailable, UpstreamFailed
from headgate.upstream.logins.credential import CredentialSource, HeldCredential, LoginFailed

_TIMEOUT_S = 8.0
_AHEAD_S = 300.0  # before its end, or a quarter of its time if that is shorter
_AGAIN_S = 60.0  # for credentials without an end: their source knows when to renew them
_AFTER_FAILURE_S = (2.0, 5.0, 15.0, 30.0)


class Logins:
    """One for a process. `source_of` makes the source of a provider."""

    def __init__(self, source_of: Callable[[Provider], CredentialSource], clock: Clock) -> None:
        self._source_of = source_of
        self._clock = clock
        self._accounts: dict[str, _Account] = {}

    def credential(self, provider: Provider) -> HeldCredential:
        """The credential of a provider. Raises UpstreamFailed (503, not sent) where there is none that is still good."""
        account = self._accounts.get(provider.name)
        held = account.held if account is not None and account.is_of(provider) else None
        if held is None or held.ends_at_s <= self._clock.wall_ns() / 1e9:
            message = f"Headgate has no valid credential for provider {provider.name} now. Its log says why. Ask again in a moment."
            raise UpstreamFailed(message, status=503, code="no_provider_credential", sent=False)
        return held

    def failure(self, name: str) -> str:
        """Why a provider's last sign-in failed; empty if it did not."""
        account = self._accounts.get(name)
        return "" if account is None else account.failure

    def refused(self, provider: Provider) -> None:
        """The provider did not take its credential: another one is due at once, unless this one is new."""
        account = self._accounts.get(provider.name)
        if account is not None and not account.failure and not math.isinf(account.due_at_s):
            account.due_at_s = min(account.due_at_s, account.fetched_at_s + _AGAIN_S)

    async def follow(self, providers: Iterable[Provider]) -> None:
        """Get every credential that is missing or about to end. Raises Unavailable in words while one cannot be got."""
        wanted = {provider.name: provider for provider in providers if provider.login is not None}
        for name in self._accounts.keys() - wanted.keys():
            del self._accounts[name]
        for name, provider in wanted.items():
            known = self._accounts.get(name)
            if known is None or not known.is_of(provider):
                self._accounts[name] = _Account(provider, self._source_of(provider))
        now_s = self._clock.wall_ns() / 1e9
        due = [account for account in self._accounts.values() if account.due_at_s <= now_s]
        for account in due:
            account.due_at_s = math.inf  # another look meanwhile asks for nothing
        await asyncio.gather(*map(self._renew, due))
        failures = [f"provider {name}: {account.failure}" for name, account in self._accounts.items() if account.failure]
        if failures:
            raise Unavailable("; ".join(failures))

    async def _renew(self, account: "_Account") -> None:
        failure = "its sign-in broke off"  # of any other error, which is raised
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                account.held = await account.source.fetch()
            failure = ""
        except TimeoutError:
            failure = f"its sign-in took longer than {_TIMEOUT_S:g} s"
        except LoginFailed as error:
            failure = str(error)
        finally:
            account.note(failure, self._clock.wall_ns() / 1e9)


class _Account:
    """What is known of one provider's sign-in."""

    def __init__(self, provider: Provider, source: CredentialSource) -> None:
        self._provider = provider
        self._identity = _identity(provider)
        self.source = source
        self.held: HeldCredential | None = None
        self.failure = ""
        self.due_at_s = 0.0
        self.fetched_at_s = 0.0
        self._failures = 0

    def is_of(self, provider: Provider) -> bool:
        """Whether it signs in for this provider: a reloaded one is another object, and may be the same account."""
        if provider is self._provider:
            return True
        same = _identity(provider) == self._identity
        if same:
            self._provider = provider
        return same

    def note(self, failure: str, now_s: float) -> None:
        """A fetch has ended; say when the next one is due."""
        self.failure = failure
        if failure:
            self.due_at_s = now_s + _AFTER_FAILURE_S[min(self._failures, len(_AFTER_FAILURE_S) - 1)]
            self._failures += 1
            return
        self._failures = 0
        self.fetched_at_s = now_s
        left_s = self.held.ends_at_s - now_s if self.held is not None else math.inf
        self.due_at_s = now_s + (_AGAIN_S if math.isinf(left_s) else max(1.0, left_s - min(_AHEAD_S, left_s / 4)))


def _identity(provider: Provider) -> tuple[str, ...]:
    return (provider.base_url, *(() if provider.login is None else provider.login.identity))
