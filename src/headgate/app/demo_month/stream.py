"""What goes on in the demo after its month: a few agent sessions at a time, of which one takes its next step at each call. Pure: the time is an argument."""

import random

import msgspec

from headgate.app.demo_month import seeded
from headgate.app.demo_month.calendar import Cast, session_at
from headgate.app.demo_month.happenings import AgentSession, AgentStep
from headgate.core.record import Outcome

_AT_ONCE = 4


class Stream:
    """The sessions that go on. A seed makes the same ones again."""

    def __init__(self, cast: Cast, seed: str) -> None:
        self._cast = cast
        self._seed = seed
        self._rng = seeded.generator(seed)
        self._begun = 0
        self._open: list[tuple[AgentSession, list[AgentStep]]] = []

    def next(self, now_ns: int) -> tuple[AgentSession, AgentStep, bool]:
        """The next step of one of the sessions, as if it had ended now; with its session, and whether it is the last one."""
        if len(self._open) < _AT_ONCE:  # one a call, so that no call takes long
            self._begun += 1
            begun = session_at(self._cast, now_ns, f"{self._seed}:{self._begun}")
            self._open.append((begun, list(begun.steps)))
        place = self._rng.randrange(len(self._open))
        session, steps = self._open[place]
        step = steps.pop(0)
        if not steps:
            del self._open[place]
        return session, msgspec.structs.replace(step, outcome=_ended_at(step.outcome, now_ns, self._rng)), not steps


def _ended_at(outcome: Outcome, now_ns: int, rng: random.Random) -> Outcome:
    """The same exchange at another time."""
    late_ns = now_ns - outcome.ended_at_ns
    started_at_ns = outcome.intent.started_at_ns + late_ns
    intent = msgspec.structs.replace(outcome.intent, started_at_ns=started_at_ns, request_id=seeded.request_id(rng, started_at_ns))
    attempts = tuple(msgspec.structs.replace(attempt, started_at_ns=attempt.started_at_ns + late_ns) for attempt in outcome.attempts)
    return msgspec.structs.replace(outcome, intent=intent, ended_at_ns=now_ns, attempts=attempts)
