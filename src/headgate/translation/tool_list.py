"""Prepares the tools that a request offers: those that the target lacks as functions, flat where it has no namespaces, each under a legal name."""

from collections.abc import Iterable

import msgspec

from headgate.core.conversation import ASSISTANT, CUSTOM, SERVER, Conversation, Tool, ToolResult
from headgate.core.dialect_traits import DialectTraits
from headgate.core.errors import Untranslatable
from headgate.core.model_profile import ModelProfile
from headgate.translation import custom_tools, openai_tools, server_tools
from headgate.translation.call_names import Called
from headgate.translation.loss_list import LossList
from headgate.translation.sent_names import SentNames


class ToolList(msgspec.Struct, frozen=True):
    """The tools as they are sent and their names. `dropped` are the names of those that were left out."""

    tools: tuple[Tool, ...]
    names: SentNames
    dropped: frozenset[str] = frozenset()


def lowers(kind: str, traits: DialectTraits, profile: ModelProfile) -> bool:
    """Whether tools of this kind, and calls and results of them, are functions at the target."""
    if kind == CUSTOM:
        return not (traits.custom_tools and profile.custom_tools)
    return kind in openai_tools.OWN_TOOLS and not traits.openai_tools


def prepared_tools(conversation: Conversation, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> ToolList:
    """The tools of a conversation, then those that its tool searches found: more turns add tools at the end and change none.

    Raises Untranslatable where every tool of the request was left out: the answer would be another one.
    """
    names = SentNames(traits)
    sent: list[Tool] = []
    dropped: set[str] = set()
    seen: set[tuple[str, str]] = set()
    for tool in _offered(conversation, traits):
        if tool.kind == SERVER:
            left = server_tools.kept(tool, traits, profile, losses)
            if left is None:
                dropped.update((tool.name, tool.server_type))
            else:
                sent.append(left)
            continue
        named = _prepared(tool, names, traits, profile)
        if tool.namespace_description and not named.namespace:
            losses.add("tools.namespace.description", "the provider that answers has no namespaces of tools")
        if (named.namespace, named.name) not in seen:
            seen.add((named.namespace, named.name))
            sent.append(named)
    if dropped and not sent:
        raise Untranslatable(
            f"The request's only tool ({', '.join(sorted(filter(None, dropped)))}) is run by its provider, and the provider that would answer has none such. "
            "Ask for a model of the dialect that has it."
        )
    return ToolList(tuple(sent), names, frozenset(dropped))


def _offered(conversation: Conversation, traits: DialectTraits) -> Iterable[Tool]:
    yield from conversation.tools
    if traits.openai_tools:
        return
    for turn in conversation.turns:
        if turn.role != ASSISTANT:
            for part in turn.parts:
                if type(part) is ToolResult and part.tools:
                    yield from part.tools


def _prepared(tool: Tool, names: SentNames, traits: DialectTraits, profile: ModelProfile) -> Tool:
    name = openai_tools.name_of(tool.kind, tool.name)
    namespace, sent = names.issue(Called(name, tool.kind, tool.namespace))
    if lowers(tool.kind, traits, profile):
        tool = (custom_tools if tool.kind == CUSTOM else openai_tools).as_function(tool)
    if tool.name == sent and tool.namespace == namespace:
        return tool
    return msgspec.structs.replace(tool, name=sent, namespace=namespace, namespace_description=tool.namespace_description if namespace else "")
