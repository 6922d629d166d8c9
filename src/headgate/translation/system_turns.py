"""Places what the system says: the run at the head stays there, what comes later goes where the target can read it, and never back to the head.

A later instruction that moved to the head would change the prefix of every request after it, and with it the prompt cache and the proof of thoughts.
"""

from collections.abc import Sequence
from typing import Final

from headgate.core.conversation import ASSISTANT, SYSTEM, USER, Part, Text, Turn
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile

_REMINDER: Final = "<system-reminder>\n{}\n</system-reminder>"


def placed(turns: Sequence[Turn], traits: DialectTraits, profile: ModelProfile) -> Sequence[Turn]:
    """The turns with each later system turn where the target takes it: in place (right after the user's turn where turns alternate), or as the user's text."""
    head = 0
    while head < len(turns) and turns[head].role == SYSTEM:
        head += 1
    if traits.system_in_place or all(turn.role != SYSTEM for turn in turns[head:]):
        return turns
    if profile.system_in_place:
        return [*turns[:head], *_after_users(turns[head:])] if traits.alternates else turns
    return [*turns[:head], *(_reminding(turn) if turn.role == SYSTEM else turn for turn in turns[head:])]


def _reminding(turn: Turn) -> Turn:
    """The user's turn that says it."""
    return Turn(USER, tuple(Text(_REMINDER.format(part.text), part.cached) if isinstance(part, Text) else part for part in turn.parts))


def _after_users(turns: Sequence[Turn]) -> list[Turn]:
    """One system turn at the end of what is between two turns of the assistant's: Anthropic takes one there alone, right after a user's turn.

    Source: https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages, seen 2026-11-30.
    """
    out: list[Turn] = []
    said: list[Part] = []
    follows = False
    for turn in (*turns, Turn(ASSISTANT, ())):
        if turn.role == SYSTEM:
            said += turn.parts
            continue
        if turn.role == ASSISTANT and said:
            system = Turn(SYSTEM, tuple(said))
            out.append(system if follows else _reminding(system))
            said = []
        follows = turn.role == USER
        out.append(turn)
    return out[:-1]
