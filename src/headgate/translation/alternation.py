"""Makes turns take turns where a dialect wants that: neighbours of one role are one turn, the user's comes first. And what a last turn may be."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

from headgate.core.conversation import ASSISTANT, SYSTEM, USER, Text, Turn
from headgate.core.dialect_traits import DialectTraits
from headgate.core.errors import BadRequest
from headgate.core.model_profile import ModelProfile

_BEGINNING: Final = Turn(USER, (Text("(The conversation begins here.)"),))


def alternating(turns: Sequence[Turn]) -> list[Turn]:
    """The turns with neighbours of one role joined, except those of the system, and a user's turn before all others."""
    runs: list[list[Turn]] = []
    begun = False
    for turn in turns:
        if not begun and turn.role != SYSTEM:
            begun = True
            if turn.role == ASSISTANT:
                runs.append([_BEGINNING])
        if runs and turn.role == runs[-1][0].role and turn.role != SYSTEM:
            runs[-1].append(turn)
        else:
            runs.append([turn])
    return [run[0] if len(run) == 1 else Turn(run[0].role, tuple(chain.from_iterable(turn.parts for turn in run))) for run in runs]


def ended(turns: list[Turn], model: str, traits: DialectTraits, profile: ModelProfile) -> list[Turn]:
    """The turns with an end that the target takes. Raises BadRequest where the model does not go on from a turn of the assistant's."""
    if not turns or turns[-1].role != ASSISTANT:
        return turns
    if not profile.prefill:
        raise BadRequest(
            f"The model {model} does not go on from a last message of the assistant's. End the conversation with a message of the user's."
        )
    parts = turns[-1].parts
    last = parts[-1] if parts else None
    if traits.alternates and isinstance(last, Text) and last.text != last.text.rstrip():
        turns[-1] = Turn(ASSISTANT, (*parts[:-1], Text(last.text.rstrip(), last.cached, last.state)))
    return turns
