"""The tries of one exchange as its record has them."""

from collections.abc import Sequence
from typing import Final

from headgate.core.record import AttemptRecord
from headgate.exchange.attempt import Attempt
from headgate.exchange.ending import Ending
from headgate.exchange.failover import Passing
from headgate.exchange.inbound import Inbound

_made: Final = AttemptRecord  # compiled code looks up by name what is not Final


def attempt_records(made: Sequence[Attempt], passed: Sequence[Passing], inbound: Inbound, ending: Ending, now_s: float) -> tuple[AttemptRecord, ...]:
    """Every try in order, the one under way too, with the targets between them whose turn had come and that were not tried."""
    records = []
    before: Attempt | None = None
    for one in made:
        records.append(_tried(one, _action(one, before, passed), inbound, ending, now_s))
        before = one
    for passing in reversed(passed):
        records.insert(passing.tries, _passed(passing, inbound))
    return tuple(records)


def _tried(one: Attempt, action: str, inbound: Inbound, ending: Ending, now_s: float) -> AttemptRecord:
    error_code = one.error_code
    if not one.answered_at_s:  # the exchange ended under it
        error = ending.error
        error_code = ending.ended if error is None else error.code or error.kind
    return _made(
        provider=one.target.provider.name,
        model=one.target.model,
        status_code=one.status,
        error_code=error_code,
        started_at_ns=_wall_ns(inbound, one.started_at_s),
        latency_ms=int(((one.answered_at_s or now_s) - one.started_at_s) * 1000),
        action=action,
        traffic_percent=one.target.traffic_percent,
    )


def _action(one: Attempt, before: Attempt | None, passed: Sequence[Passing]) -> str:
    """Why it was made: as the first, again to the same target, or in the place of another."""
    if before is None:
        return "fallback" if passed and not passed[0].tries else ""
    return "retry" if before.target is one.target else "fallback"


def _passed(passing: Passing, inbound: Inbound) -> AttemptRecord:
    target = passing.target
    return AttemptRecord(
        provider=target.provider.name,
        model=target.model,
        error_code=passing.error_code,
        started_at_ns=_wall_ns(inbound, passing.at_s),
        action=passing.action,
        traffic_percent=target.traffic_percent,
    )


def _wall_ns(inbound: Inbound, at_s: float) -> int:
    """The wall clock may be set meanwhile, so it is read once for an exchange, and all else is counted from there."""
    return inbound.received_at_ns + int((at_s - inbound.received_at_s) * 1e9)
