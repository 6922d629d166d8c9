"""The steps of an answer that Headgate acts on, the same for every dialect."""

import msgspec

from headgate.core.usage import Usage


class Started(msgspec.Struct, frozen=True):
    """The provider began to answer and named the model it serves with."""

    response_id: str
    model_served: str


class UsageSeen(msgspec.Struct, frozen=True):
    """Counts so far; a later report replaces the classes it names."""

    usage: Usage


class Finished(msgspec.Struct, frozen=True):
    """The answer is complete. `reason` is as the dialect writes it (`end_turn`, `stop`, `completed`, `STOP`)."""

    reason: str


class Failed(msgspec.Struct, frozen=True):
    """The provider reported an error inside the answer."""

    code: str
    message: str


Event = Started | UsageSeen | Finished | Failed
