"""Steps that must not end what repeats them. A step that fails is logged once until it is over, and the others go on."""

import contextlib
import logging
from collections.abc import Generator

import msgspec

from headgate.core.clock import Clock
from headgate.core.errors import GatewayError

_AGAIN_S = 60.0  # a step that fails every other time must not fill the log
_log = logging.getLogger("headgate.app")


class _Failure(msgspec.Struct):
    kind: str
    logged_at_s: float
    reason: str = ""  # empty: it is over


class GuardedSteps:
    """Remembers which steps fail now. Not safe for use from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, _Failure] = {}
        self._done_at_s: dict[str, float] = {}

    @contextlib.contextmanager
    def step(self, name: str) -> Generator[None]:
        """Run the block; an exception is logged, once for each kind until the block succeeds again, and goes no further."""
        try:
            yield
        except Exception as error:  # ruff: ignore[blind-except] whatever it is, it must not end the loop that runs this step
            self._failed(name, error)
        else:
            self._succeeded(name)

    def failing(self) -> list[str]:
        """The steps that failed when they were last run, with the reason."""
        return [f"{name}: {failure.reason}" for name, failure in self._failures.items() if failure.reason]

    def done_s_ago(self, name: str) -> float:
        """How long ago the step last succeeded; 0 if it was never run."""
        now_s = self._clock.monotonic_s()
        return now_s - self._done_at_s.get(name, now_s)

    def begin(self, name: str) -> None:
        """Count the time of a step from now on, although it has not run yet."""
        self._done_at_s[name] = self._clock.monotonic_s()

    def _failed(self, name: str, error: Exception) -> None:
        now_s = self._clock.monotonic_s()
        reason, kind = _reason(error), type(error).__name__
        known = self._failures.get(name)
        if known is not None and known.kind == kind and (known.reason or now_s - known.logged_at_s < _AGAIN_S):
            known.reason = reason
            return
        self._failures[name] = _Failure(kind, now_s, reason)
        _log.error("%s failed, and is tried again: %s", name, reason, exc_info=None if isinstance(error, GatewayError) else error)

    def _succeeded(self, name: str) -> None:
        self._done_at_s[name] = self._clock.monotonic_s()
        failure = self._failures.get(name)
        if failure is not None and failure.reason:
            failure.reason = ""
            _log.warning("%s works again", name)


def _reason(error: Exception) -> str:
    if isinstance(error, GatewayError):
        return error.message
    return f"{type(error).__name__}: {error}".strip().splitlines()[0]
