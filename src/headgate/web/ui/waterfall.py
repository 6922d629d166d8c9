"""The course of one exchange as bars on one axis: what Headgate did before the first attempt, each attempt, the wait for the first byte, the answer. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from headgate.core.record import NOT_TRIED
from headgate.core.time_text import moment_of

WIDTH = 1000.0
_SMALLEST = 4.0  # a bar that can be seen
_ACTIONS = {
    "retry": "the same target again",
    "fallback": "in the place of the target before it",
    "circuit_open": "not tried: it had failed several times in a row, or asked for a pause",
    "retry_budget": "not tried: no extra try was left",
    "untranslatable": "not tried: the request cannot be said in its provider's format",
}


class TimeBar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar: from and to in milliseconds after the request arrived. `kind` is `wait`, `good`, `bad`, `skipped` or `answer`."""

    title: str
    detail: str = ""
    kind: str
    from_ms: float
    to_ms: float
    x: float = 0.0
    width: float = 0.0

    @property
    def took_ms(self) -> float:
        """How long it was."""
        return self.to_ms - self.from_ms


class Waterfall(msgspec.Struct, frozen=True):
    """The bars in their order, and the length of the axis."""

    steps: tuple[TimeBar, ...]
    total_ms: float


def waterfall(row: Mapping[str, object]) -> Waterfall:
    """The course of a usage row, which has its arrival as `event_us`."""
    latency, first = _number(row.get("latency_ms")), _number(row.get("time_to_first_byte_ms"))
    attempts = [each for each in _attempts(row) if isinstance(each, Mapping)]
    begun = _micros(row.get("event_us"))
    steps = [step for attempt in attempts if (step := _attempt(attempt, begun)) is not None]
    tried = [step for step in steps if step.kind != "skipped"]
    if tried and tried[0].from_ms >= 0.5:
        steps.insert(0, TimeBar(title="In Headgate, before the first attempt", kind="wait", from_ms=0.0, to_ms=tried[0].from_ms))
    if first:
        steps.append(TimeBar(title="Waiting for the first byte", kind="wait", from_ms=tried[-1].from_ms if tried else 0.0, to_ms=max(first, 0.0)))
        if latency is not None and latency > first:
            steps.append(TimeBar(title="From the first byte to the last", kind="answer", from_ms=first, to_ms=latency))
    elif not tried and latency is not None:
        steps.append(TimeBar(title="In Headgate", kind="bad" if row.get("ended") == "refused" else "wait", from_ms=0.0, to_ms=latency))
    total = max([latency or 0.0, *(step.to_ms for step in steps)], default=0.0) or 1.0
    return Waterfall(tuple(_placed(step, total) for step in steps), total)


def _placed(step: TimeBar, total: float) -> TimeBar:
    x = min(step.from_ms / total * WIDTH, WIDTH - _SMALLEST)
    width = max(_SMALLEST, min(step.took_ms / total * WIDTH, WIDTH - x))
    return msgspec.structs.replace(step, x=round(x, 2), width=round(width, 2))


def _attempt(attempt: Mapping[str, object], begun_us: float | None) -> TimeBar | None:
    action, status = str(attempt.get("action") or ""), attempt.get("status_code")
    start = _moment_ms(attempt.get("start_time"), begun_us)
    took = _number(attempt.get("latency_ms")) or 0.0
    skipped = action in NOT_TRIED
    words = [] if skipped else [f"status {status}" if isinstance(status, int) else "no answer"]
    words += [text for text in (str(attempt.get("error_code") or ""), _ACTIONS.get(action, "")) if text]
    good = isinstance(status, int) and status < 400
    name = str(attempt.get("destination_id") or attempt.get("destination") or "a provider")
    return TimeBar(
        title=name,
        detail=", ".join(words),
        kind="skipped" if skipped else "good" if good else "bad",
        from_ms=start,
        to_ms=start + (0.0 if skipped else took),
    )


def _attempts(row: Mapping[str, object]) -> Sequence[object]:
    routing = row.get("routing_information")
    found = routing.get("attempts") if isinstance(routing, Mapping) else None
    return found if isinstance(found, list) else []


def _moment_ms(value: object, begun_us: float | None) -> float:
    """Milliseconds between the arrival and a moment; 0 where one of them is not known."""
    moment = moment_of(value)
    if moment is None or begun_us is None:
        return 0.0
    return max(0.0, moment.timestamp() * 1e3 - begun_us / 1e3)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _micros(value: object) -> float | None:
    return _number(value)
