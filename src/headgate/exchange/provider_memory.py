"""What the answers of providers taught: whose key was refused, and who takes no ask for usage. In memory, bounded, forgotten after a while."""

import logging
from typing import TypeVar

from headgate.core.clock import Clock
from headgate.core.endpoint import Provider

_log = logging.getLogger("headgate.exchange")

Key = TypeVar("Key")

_PROVIDERS_MAX = 256
_REFUSED_KEY_S = 900.0  # after the last refusal: a provider that is not used any more is no trouble
_LOGGED_EVERY_S = 60.0
_USAGE_REFUSED_S = 3600.0  # then it is asked once more


class ProviderMemory:
    """One for a worker. A provider is known by its name and address: a changed configuration begins anew."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.keys_refused_s: dict[str, float] = {}  # when last, by provider; where it is empty, `key_accepted` need not be called
        self._logged_s: dict[str, float] = {}
        self._usage_refused_s: dict[tuple[str, str], float] = {}

    def key_refused(self, provider: Provider, status: int) -> None:
        """The provider refused Headgate's key. Logged once a minute."""
        now_s = self._clock.monotonic_s()
        _remember(self.keys_refused_s, provider.name, now_s)
        if now_s - self._logged_s.get(provider.name, -_LOGGED_EVERY_S) >= _LOGGED_EVERY_S:
            _remember(self._logged_s, provider.name, now_s)
            _log.warning("provider %s refuses Headgate's key (it answered %d). Check the provider's api_key", provider.name, status)

    def key_accepted(self, provider: Provider) -> None:
        """The provider answered well."""
        self.keys_refused_s.pop(provider.name, None)

    def refused_keys(self) -> list[str]:
        """The providers whose last word was that Headgate's key is refused."""
        now_s = self._clock.monotonic_s()
        return sorted(name for name, since_s in self.keys_refused_s.items() if now_s - since_s < _REFUSED_KEY_S)

    def usage_refused(self, provider: Provider) -> None:
        """The provider refused a chat stream that asked for usage, and took it without."""
        _log.info("provider %s does not take stream_options; its chat streams are not asked for usage for an hour", provider.name)
        _remember(self._usage_refused_s, (provider.name, provider.base_url), self._clock.monotonic_s())

    def takes_usage(self, provider: Provider) -> bool:
        """Whether chat streams may ask the provider for usage."""
        if not self._usage_refused_s:
            return True
        since_s = self._usage_refused_s.get((provider.name, provider.base_url))
        return since_s is None or self._clock.monotonic_s() - since_s >= _USAGE_REFUSED_S


def _remember(seen_s: dict[Key, float], key: Key, now_s: float) -> None:
    if key not in seen_s and len(seen_s) >= _PROVIDERS_MAX:
        seen_s.clear()
    seen_s[key] = now_s
