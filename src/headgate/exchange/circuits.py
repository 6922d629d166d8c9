"""Which targets are passed over for a while: those that failed several times in a row, and those that asked for a pause. In memory, bounded.

Only an endpoint that has another target passes one over. A target that failed is tried again after a pause with one request; while that is under way,
others pass it over. If it fails too, the pause doubles, up to five minutes; the first good answer ends all of it.
"""

import logging
from email.utils import parsedate_to_datetime

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Target
from headgate.core.headers import Headers
from headgate.exchange.headers import value_of

_log = logging.getLogger("headgate.exchange")

_FAILURES = 5  # in a row, after which a target is passed over
_PAUSE_S = 5.0
_PAUSE_MAX_S = 300.0
_ASKED_MAX_S = 3600.0  # a provider that asks for a longer pause is tried once an hour
_TARGETS_MAX = 1024
_SHOWN_MAX = 20

_Key = tuple[str, str, str]


class CircuitState(msgspec.Struct, frozen=True):
    """What is known of a target: how often in a row it failed, and for how long it is still passed over, 0 if it is not."""

    failures: int = 0
    pause_s: float = 0.0


class _Trouble:
    """What is known of one target that does not work as it should."""

    __slots__ = ("failures", "pause_s", "probed", "resumes_at_s")

    def __init__(self) -> None:
        self.failures = 0
        self.pause_s = 0.0
        self.resumes_at_s = 0.0  # passed over until then
        self.probed = False  # one request tries whether it works again


class Circuits:
    """One for a worker. A target is known by its provider's name and address and its model: a changed configuration begins anew."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.troubled: dict[_Key, _Trouble] = {}  # where it is empty, `works` need not be called

    def passes_over(self, target: Target) -> bool:
        """Whether the target should not be tried now."""
        trouble = self.troubled.get(_key(target)) if self.troubled else None
        return trouble is not None and self._clock.monotonic_s() < trouble.resumes_at_s

    def tries(self, target: Target) -> None:
        """A request goes to the target. After a pause it is the one that shows whether the target works again."""
        trouble = self.troubled.get(_key(target)) if self.troubled else None
        if trouble is not None and trouble.pause_s and not self.passes_over(target):
            trouble.probed = True
            trouble.resumes_at_s = self._clock.monotonic_s() + trouble.pause_s

    def fails(self, target: Target) -> None:
        """A try of the target failed: it could not be reached, answered with a server error, or not in time."""
        now_s = self._clock.monotonic_s()
        trouble = self._trouble(target)
        trouble.failures += 1
        if trouble.failures < _FAILURES or (trouble.pause_s and not trouble.probed and now_s < trouble.resumes_at_s):
            return  # requests that were under way when it was found out do not lengthen the pause
        trouble.probed = False
        trouble.pause_s = min(_PAUSE_MAX_S, trouble.pause_s * 2 or _PAUSE_S)
        trouble.resumes_at_s = max(trouble.resumes_at_s, now_s + trouble.pause_s)
        if trouble.pause_s == _PAUSE_S:
            _log.warning("target %s failed %d times in a row; it is passed over where an endpoint has another", target.label, trouble.failures)

    def refuses(self, target: Target, status: int, headers: Headers) -> None:
        """The target answered 429 or a server error; with `Retry-After` it is passed over until then."""
        if status >= 500:
            self.fails(target)
        wait_s = _retry_after_s(headers, self._clock.wall_ns() / 1e9)
        if wait_s > 0:
            trouble = self._trouble(target)
            trouble.resumes_at_s = max(trouble.resumes_at_s, self._clock.monotonic_s() + min(wait_s, _ASKED_MAX_S))

    def works(self, target: Target) -> None:
        """The target gave a good answer."""
        trouble = self.troubled.pop(_key(target), None)
        if trouble is not None and trouble.pause_s:
            _log.info("target %s works again", target.label)

    def state(self, target: Target) -> CircuitState:
        """How the target fares, for people to read."""
        trouble = self.troubled.get(_key(target))
        if trouble is None:
            return CircuitState()
        return CircuitState(trouble.failures, max(0.0, trouble.resumes_at_s - self._clock.monotonic_s()))

    def passed_over(self) -> list[str]:
        """The targets that are passed over now because they failed; not those that asked for a pause."""
        now_s = self._clock.monotonic_s()
        found = (f"{name}/{model}" for (name, _, model), trouble in self.troubled.items() if trouble.pause_s and now_s < trouble.resumes_at_s)
        return sorted(found)[:_SHOWN_MAX]

    def _trouble(self, target: Target) -> _Trouble:
        key = _key(target)
        trouble = self.troubled.get(key)
        if trouble is None:
            if len(self.troubled) >= _TARGETS_MAX:
                self.troubled.clear()
            trouble = self.troubled[key] = _Trouble()
        return trouble


def _key(target: Target) -> _Key:
    provider = target.provider
    return provider.name, provider.base_url, target.model


def _retry_after_s(headers: Headers, wall_s: float) -> float:
    """How long an answer asks to wait; 0 if it does not say. Seconds or a date (RFC 9110 section 10.2.3), or OpenAI's milliseconds."""
    exact = value_of(headers, b"retry-after-ms").decode("latin-1")
    text = value_of(headers, b"retry-after").decode("latin-1")
    try:
        if exact:
            return float(exact) / 1000
        return float(text) if text[:1].isdigit() else parsedate_to_datetime(text).timestamp() - wall_s if text else 0.0
    except (ValueError, OverflowError):
        return 0.0
