"""Prepares a conversation for a target: what its dialect and model cannot take as the client wrote it is said in another way, or left out with a loss."""

from collections.abc import Sequence

import msgspec

from headgate.core.conversation import Conversation, Turn
from headgate.core.dialect_traits import DialectTraits
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.translation.alternation import alternating, ended
from headgate.translation.call_names import CallNames
from headgate.translation.fingerprint import identity
from headgate.translation.forced_calls import reconciled
from headgate.translation.formats import prepared_format
from headgate.translation.loss_list import LossList
from headgate.translation.output_limit import output_tokens
from headgate.translation.pairing import Pairing
from headgate.translation.prompt_cache import marks_whole
from headgate.translation.reasoning import prepared_reasoning
from headgate.translation.refused_fields import without_refused
from headgate.translation.sampling import prepared_sampling
from headgate.translation.stops import divided
from headgate.translation.system_turns import placed
from headgate.translation.tiers import prepared_tier
from headgate.translation.tool_choice import chosen
from headgate.translation.tool_list import ToolList, prepared_tools
from headgate.translation.turn_parts import TurnParts
from headgate.translation.unsayable import check_sayable, report_beyond


class PreparedConversation(msgspec.Struct, frozen=True):
    """A conversation as the target's encoder takes it, and what is needed to bring the answer back.

    `stop` are the stop sequences that Headgate itself must cut the answer at, because the target takes none or fewer.
    """

    conversation: Conversation
    calls: CallNames
    losses: tuple[Loss, ...]
    stop: tuple[str, ...] = ()


def prepare(conversation: Conversation, traits: DialectTraits, profile: ModelProfile) -> PreparedConversation:
    """The prepared conversation. Raises Untranslatable where leaving something out would change what is asked, BadRequest where the model refuses it.

    The same conversation always gives the same result, and more turns leave the turns before them as they were prepared.
    """
    losses = LossList()
    check_sayable(conversation, traits)
    report_beyond(conversation, losses)
    offered = prepared_tools(conversation, traits, profile, losses)
    choice, tools = chosen(conversation, offered, traits, profile)
    asked = without_refused(conversation, traits, profile, losses)
    limit = output_tokens(asked, traits, profile, losses)
    asked = msgspec.structs.replace(asked, choice=choice, tools=tools, output_tokens_max=limit)
    choice, reasoning = reconciled(choice, prepared_reasoning(asked, traits, profile, losses), profile, losses)
    form, instruction = prepared_format(asked.format, tools, traits, profile, losses)
    turns = _turns(asked.turns if instruction is None else _instructed(asked.turns, instruction), asked, offered, (traits, profile, losses))
    stop, cut = divided(asked, traits, profile)
    prepared = msgspec.structs.replace(
        asked,
        turns=turns,
        choice=choice,
        parallel_calls=asked.parallel_calls if tools else None,
        sampling=prepared_sampling(asked.sampling, reasoning, traits, profile, losses),
        stop=stop,
        reasoning=reasoning,
        format=form,
        cache_key=identity(asked.cache_key),
        cached=marks_whole(asked, turns, tools, traits),
        user=identity(asked.user),
        tier=prepared_tier(asked, traits, profile, losses),
        beyond={},
    )
    return PreparedConversation(prepared, offered.names.raised(), losses.all(), cut)


def _turns(
    turns: Sequence[Turn], conversation: Conversation, offered: ToolList, by: tuple[DialectTraits, ModelProfile, LossList]
) -> tuple[Turn, ...]:
    traits, profile, losses = by
    parts = TurnParts(conversation.model, traits, profile, offered.names, losses)
    left: Sequence[Turn] = [prepared for turn in turns if (prepared := parts.prepared(turn)) is not None]
    left = placed(left, traits, profile)
    if traits.alternates:
        left = alternating(left)
    return tuple(ended(Pairing(traits, profile).paired(left), conversation.model, traits, profile))


def _instructed(turns: Sequence[Turn], instruction: Turn) -> tuple[Turn, ...]:
    """The turns with one more of the system's at the end of the run at the head."""
    head = next((at for at, turn in enumerate(turns) if turn.role != instruction.role), len(turns))
    return (*turns[:head], instruction, *turns[head:])
