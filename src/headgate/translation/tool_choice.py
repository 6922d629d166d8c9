"""Prepares which tools the model may or must call."""

from typing import Final

import msgspec

from headgate.core.conversation import Conversation, Tool, ToolChoice
from headgate.core.dialect_traits import DialectTraits
from headgate.core.errors import Untranslatable
from headgate.core.model_profile import ModelProfile
from headgate.translation.tool_list import ToolList

_AUTO = ToolChoice()
_SHARED: Final = "openai_chat"  # spoken by many servers, which know less of it than OpenAI


def chosen(conversation: Conversation, tools: ToolList, traits: DialectTraits, profile: ModelProfile) -> tuple[ToolChoice, tuple[Tool, ...]]:
    """The choice by the names that are sent, and the tools that are left with it. Raises Untranslatable where a tool that must be called is gone.

    A dialect that cannot choose among some of the tools is offered these alone.
    """
    choice = conversation.choice
    if choice.mode in {"named", "allowed"} and choice.names:
        among = traits.allowed_tools and (profile.openai_fields or traits.dialect != _SHARED)
        return _among(choice, tools, among=among)
    if not tools.tools and choice.mode == "auto":
        return _AUTO, ()
    return choice, tools.tools


def _among(choice: ToolChoice, tools: ToolList, *, among: bool) -> tuple[ToolChoice, tuple[Tool, ...]]:
    left = [name for name in choice.names if name not in tools.dropped]
    if not left and (choice.mode == "named" or choice.must_call):
        raise Untranslatable(f"The model must call {choice.names[0]}, a tool of a provider that does not answer this request.")
    sent = tuple(_sent(name, tools) for name in left)
    if choice.mode == "named" or among:
        return (choice if sent == choice.names else msgspec.structs.replace(choice, names=sent)), tools.tools
    allowed_names = frozenset(sent)
    allowed = tuple(tool for tool in tools.tools if tool.name in allowed_names)
    return (ToolChoice("required") if choice.must_call else _AUTO), allowed


def _sent(name: str, tools: ToolList) -> str:
    found = tools.names.of_choice(name)
    return found[1] if found else name
