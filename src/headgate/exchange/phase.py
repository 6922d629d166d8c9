"""The phases of an exchange, as a table: what each thing that can happen does in each phase, and which phases may follow. Data only; `relay` acts on it."""

from collections.abc import Callable, Mapping
from enum import Enum, IntEnum
from typing import NamedTuple, NoReturn


class Phase(IntEnum):
    """Where an exchange is between its request and its end. A number, so that a row of the table is a tuple."""

    WAITING = 0  # neither the provider nor Headgate has answered; the only phase in which another target may be tried
    EARLY = 1  # the client has the head of a stream, the provider has not answered
    HELD = 2  # the provider's answer is no stream: its body is gathered before the client has anything
    HELD_EARLY = 3  # the same, but the client already has the head of a stream, so the answer can only become an error in that stream
    STREAMING = 4  # the provider's stream goes to the client as it comes
    PASSING = 5  # the same for a body too large to be gathered
    DRAINING = 6  # the client has left; the answer is read on for its usage
    ENDED = 7  # recorded and over


class Cue(Enum):
    """What can happen to an exchange. The first four come from the provider, `GONE` from the client, `TICK` from the clock."""

    HEAD = "head"
    DATA = "data"
    END = "end"
    FAIL = "fail"  # the provider broke off, or Headgate ends the exchange with an error of its own
    GONE = "gone"
    TICK = "tick"


class Action(Enum):
    """What a cue does."""

    OPEN = "start a stream, or begin to gather a body"
    OPEN_UNSEEN = "look at the head of an answer that no client waits for"
    HOLD = "gather a body; let it pass if it becomes too large"
    RELAY = "write a piece to the client and count it"
    COUNT = "count a piece; end once everything worth counting has come"
    DELIVER = "send the whole body to the client"
    TELL_WHOLE = "report the whole body as an error inside the stream"
    FINISH = "end the client's answer; a stream without its closing event ends as an error"
    FINISH_UNSEEN = "end an answer that no client waits for"
    ANSWER_ERROR = "answer with the error"
    TELL_ERROR = "report the error inside the stream, or break the stream off where clients need that"
    BREAK_OFF = "close the connection without a clean end"
    RECORD_ERROR = "record the error"
    DRAIN = "read on without the client, if there is anything left to read for"
    START_EARLY = "send the head of a stream if the provider takes too long"
    KEEP_ALIVE = "write a keep-alive if the stream has been silent for too long"
    IGNORE = "nothing"


class Step(NamedTuple):
    """One cell of the table: the action, and the phases that may follow it."""

    action: Action
    then: frozenset[Phase]


def _step(action: Action, *then: Phase) -> Step:
    return Step(action, frozenset(then))


_OVER = _step(Action.IGNORE, Phase.ENDED)  # nothing reaches an exchange that has ended

# A cell that is missing is a mistake of the caller's: a body without its head, a second head, a client that leaves twice.
TABLE: Mapping[Cue, Mapping[Phase, Step]] = {
    Cue.HEAD: {
        Phase.WAITING: _step(Action.OPEN, Phase.STREAMING, Phase.HELD, Phase.ENDED),
        Phase.EARLY: _step(Action.OPEN, Phase.STREAMING, Phase.HELD_EARLY, Phase.ENDED),
        Phase.DRAINING: _step(Action.OPEN_UNSEEN, Phase.DRAINING, Phase.ENDED),
        Phase.ENDED: _OVER,
    },
    Cue.DATA: {
        Phase.HELD: _step(Action.HOLD, Phase.HELD, Phase.PASSING, Phase.ENDED),
        Phase.HELD_EARLY: _step(Action.HOLD, Phase.HELD_EARLY, Phase.ENDED),
        Phase.STREAMING: _step(Action.RELAY, Phase.STREAMING),
        Phase.PASSING: _step(Action.RELAY, Phase.PASSING),
        Phase.DRAINING: _step(Action.COUNT, Phase.DRAINING, Phase.ENDED),
        Phase.ENDED: _OVER,
    },
    Cue.END: {
        Phase.HELD: _step(Action.DELIVER, Phase.ENDED),
        Phase.HELD_EARLY: _step(Action.TELL_WHOLE, Phase.ENDED),
        Phase.STREAMING: _step(Action.FINISH, Phase.ENDED),
        Phase.PASSING: _step(Action.FINISH, Phase.ENDED),
        Phase.DRAINING: _step(Action.FINISH_UNSEEN, Phase.ENDED),
        Phase.ENDED: _OVER,
    },
    Cue.FAIL: {
        Phase.WAITING: _step(Action.ANSWER_ERROR, Phase.ENDED),
        Phase.HELD: _step(Action.ANSWER_ERROR, Phase.ENDED),
        Phase.EARLY: _step(Action.TELL_ERROR, Phase.ENDED),
        Phase.HELD_EARLY: _step(Action.TELL_ERROR, Phase.ENDED),
        Phase.STREAMING: _step(Action.TELL_ERROR, Phase.ENDED),
        Phase.PASSING: _step(Action.BREAK_OFF, Phase.ENDED),
        Phase.DRAINING: _step(Action.RECORD_ERROR, Phase.ENDED),
        Phase.ENDED: _OVER,
    },
    Cue.GONE: {
        Phase.WAITING: _step(Action.DRAIN, Phase.DRAINING, Phase.ENDED),
        Phase.EARLY: _step(Action.DRAIN, Phase.DRAINING, Phase.ENDED),
        Phase.HELD: _step(Action.DRAIN, Phase.DRAINING, Phase.ENDED),
        Phase.HELD_EARLY: _step(Action.DRAIN, Phase.DRAINING, Phase.ENDED),
        Phase.STREAMING: _step(Action.DRAIN, Phase.DRAINING, Phase.ENDED),
        Phase.PASSING: _step(Action.DRAIN, Phase.DRAINING, Phase.ENDED),
        Phase.DRAINING: _step(Action.IGNORE, Phase.DRAINING),
        Phase.ENDED: _OVER,
    },
    Cue.TICK: {
        Phase.WAITING: _step(Action.START_EARLY, Phase.WAITING, Phase.EARLY),
        Phase.HELD: _step(Action.START_EARLY, Phase.HELD, Phase.HELD_EARLY),
        Phase.EARLY: _step(Action.KEEP_ALIVE, Phase.EARLY),
        Phase.STREAMING: _step(Action.KEEP_ALIVE, Phase.STREAMING),
        Phase.HELD_EARLY: _step(Action.IGNORE, Phase.HELD_EARLY),  # nothing may be put into an answer that may still be sent as one body
        Phase.PASSING: _step(Action.IGNORE, Phase.PASSING),  # nor into a body
        Phase.DRAINING: _step(Action.IGNORE, Phase.DRAINING),  # `pulse` ends it when its time is over
        Phase.ENDED: _OVER,
    },
}


class IllegalCue(AssertionError):
    """A cue that cannot come in this phase: a bug in Headgate."""


def row_of_each_cue(actions: Mapping[Action, Callable[..., None]]) -> tuple[tuple[Callable[..., None], ...], ...]:
    """For each cue what it does, by phase. A cell that is missing raises IllegalCue."""
    return tuple(tuple(actions[TABLE[cue][phase].action] if phase in TABLE[cue] else _illegal(cue, phase) for phase in Phase) for cue in Cue)


def _illegal(cue: Cue, phase: Phase) -> Callable[..., None]:
    def refuse(*_: object) -> NoReturn:
        raise IllegalCue(f"{cue.value} while {phase.name.lower()}")

    return refuse
