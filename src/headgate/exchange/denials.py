"""Refusals of callers as audit events: the first of each kind at once, the rest of its minute as one event with their number. Every refusal is also counted.

So a flood of refusals makes no flood of rows: a caller has at most ten kinds in a minute, and there are at most two hundred callers. What is beyond is counted
together, without who it was.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec

from headgate.core.acting import Acting
from headgate.core.audit_event import Act, AuditEvent
from headgate.core.clock import Clock
from headgate.core.errors import GatewayError, LimitExceeded
from headgate.policy.audit import audit_event

WINDOW_S: Final = 60.0
KINDS_MAX: Final = 10
CALLERS_MAX: Final = 200
TOO_MANY_GUESSES: Final = "too_many_guesses"
SEVERAL: Final = "several"  # the action of refusals that are counted together although they differ
_DENIALS: Final = {
    "unauthenticated": "credential",
    "forbidden": "permission",
    "model_not_found": "model",
    "feature_disabled": "preview",
    "budget_exhausted": "budget",
}
"""The kinds of errors that are denials, and the reason that each is counted under."""


class Denied(msgspec.Struct, frozen=True, kw_only=True):
    """The request that was refused: what it was about, and who sent it, as far as that is known."""

    service: str
    action: str
    who: str = ""
    token_id: str = ""
    address: str = ""
    user_agent: str = ""
    session_id: str = ""
    request_id: str = ""
    params: dict[str, str] = {}

    @property
    def caller(self) -> str:
        """What its refusals are counted by."""
        return self.token_id or self.who or self.address


class _Repeats:
    """The refusals of one kind in the window that have no event yet: how many, and the last one."""

    __slots__ = ("at_ns", "count", "denied", "error")

    def __init__(self) -> None:
        self.count = 0
        self.error: GatewayError | None = None
        self.denied: Denied | None = None
        self.at_ns = 0


class Denials:
    """One for a process. `keep` gets the events. `tick` is called about twice a second, where there is regular work."""

    def __init__(self, keep: Callable[[AuditEvent], None], clock: Clock) -> None:
        self._keep = keep
        self._clock = clock
        self._callers: dict[str, dict[object, _Repeats]] = {}
        self._began_s = clock.monotonic_s()
        self.counts: Counter[tuple[str, str]] = Counter()  # by service and reason

    def count(self, error: Exception, service: str) -> None:
        """Count a request that was answered with an error, whatever the error says."""
        if isinstance(error, GatewayError):
            self.counts[service, reason_of(error)] += 1

    def tell(self, error: Exception, denied: Denied) -> None:
        """Tell of a request that was refused, and count it. Errors that say nothing about what its caller may do are only counted."""
        self.count(error, denied.service)
        if not isinstance(error, GatewayError) or not is_denial(error):
            return
        self.tick()
        if denied.caller not in self._callers and len(self._callers) >= CALLERS_MAX:
            denied = Denied(service=denied.service, action=SEVERAL)
        kinds = self._callers.setdefault(denied.caller, {})
        kind: object = (denied.service, denied.action, error.status, error.code, *sorted(denied.params.items()))
        if kind not in kinds and len(kinds) >= KINDS_MAX:
            denied = msgspec.structs.replace(denied, action=SEVERAL, params={})
            kind = (denied.service, SEVERAL)
        repeats = kinds.get(kind)
        if repeats is None:
            kinds[kind] = _Repeats()
            self._keep(_event(error, denied, 1, self._clock.wall_ns()))
            return
        repeats.count += 1
        repeats.error, repeats.denied, repeats.at_ns = error, denied, self._clock.wall_ns()

    def tick(self) -> None:
        """Tell of what was repeated, once a minute."""
        if self._clock.monotonic_s() - self._began_s >= WINDOW_S:
            self.flush()

    def flush(self) -> None:
        """Tell of what was repeated, now."""
        callers, self._callers = self._callers, {}
        self._began_s = self._clock.monotonic_s()
        for kinds in callers.values():
            for repeats in kinds.values():
                if repeats.error is not None and repeats.denied is not None:
                    self._keep(_event(repeats.error, repeats.denied, repeats.count, repeats.at_ns))


def reason_of(error: GatewayError) -> str:
    """Why a request was refused, in one word: because of what its caller may do, of what it asks, or because Headgate cannot."""
    if isinstance(error, LimitExceeded):
        return "credential" if error.code == TOO_MANY_GUESSES else "limit"
    return _DENIALS.get(error.kind) or ("request" if error.status < 500 else "unavailable")


def is_denial(error: GatewayError) -> bool:
    """Whether the error says that the caller may not do this, or not so much of it."""
    return error.kind in _DENIALS or isinstance(error, LimitExceeded)


def _event(error: GatewayError, denied: Denied, count: int, at_ns: int) -> AuditEvent:
    known = {"error_code": error.code or error.kind, "token_id": denied.token_id}
    act = Act(
        service=denied.service,
        action=denied.action,
        params={name: value for name, value in (known | denied.params).items() if value},
        status_code=error.status,
        error_message=error.message,
    )
    actor = Acting(who=denied.who, address=denied.address, user_agent=denied.user_agent, request_id=denied.request_id)
    return msgspec.structs.replace(audit_event(act, actor, at_ns), occurrences=count, session_id=denied.session_id)
