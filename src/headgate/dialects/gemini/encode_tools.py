"""The tools of a prepared conversation in a request to Gemini, and the choice of them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from headgate.core.conversation import SERVER, Conversation, Location, Tool, WebSearch
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.dialects.gemini.schemas import cleaned
from headgate.dialects.gemini.seals import FAMILY
from headgate.dialects.lenient import decoded

_SERVER_TOOLS: Final = {"web_search": "googleSearch", "web_fetch": "urlContext", "code_execution": "codeExecution"}
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


class EncodedTools(msgspec.Struct, frozen=True):
    """What a request says of its tools: its members `tools` and `toolConfig`, and what could not be said."""

    fields: dict[str, object]
    losses: tuple[Loss, ...] = ()


def encode_tools(conversation: Conversation, profile: ModelProfile) -> EncodedTools:
    """The functions in one entry, in the client's order, then what runs at the provider."""
    losses: list[Loss] = []
    functions = [_function(tool, losses) for tool in conversation.tools if tool.kind != SERVER]
    servers = [entry for tool in conversation.tools if tool.kind == SERVER for entry in _server(tool, profile, losses)]
    if functions and servers and not profile.server_tools_with_functions:
        losses += [Loss(f"tools.{name}", "This model takes either functions or tools of its provider.") for entry in servers for name in entry]
        servers = []
    entries = [*([{"functionDeclarations": functions}] if functions else []), *servers]
    config: dict[str, object] = {}
    if functions:
        config |= _calling(conversation)
    if functions and servers:
        config["includeServerSideToolInvocations"] = True  # else the two are refused together
    fields: dict[str, object] = {"tools": entries} if entries else {}
    if config:
        fields["toolConfig"] = config
    return EncodedTools(fields, tuple(losses))


def _function(tool: Tool, losses: list[Loss]) -> dict[str, object]:
    declared: dict[str, object] = {"name": tool.name}
    if tool.description:
        declared["description"] = tool.description
    if tool.schema is not None:
        clean = cleaned(tool.schema)
        declared["parametersJsonSchema"] = clean.schema
        _report(losses, "tools.parameters", clean.lost)
    if tool.strict:
        losses.append(Loss("tools.strict", "Gemini does not promise arguments that keep to a schema."))
    return declared


def _report(losses: list[Loss], what: str, lost: Sequence[str]) -> None:
    losses += [loss for name in lost if (loss := Loss(what, f"Gemini's schemas do not have {name}.")) not in losses]


def _server(tool: Tool, profile: ModelProfile, losses: list[Loss]) -> list[dict[str, object]]:
    """A tool of the provider: as Gemini's client wrote it, or the one that does the same."""
    if tool.dialect == FAMILY and tool.raw is not None:
        definition = decoded(_OBJECT, tool.raw)
        return [dict(definition)] if definition else []
    name = _SERVER_TOOLS.get(tool.server_type)
    if name is not None and (name != "googleSearch" or profile.web_search):
        losses += _unset(tool.search)
        return [{name: {}}]
    losses.append(Loss(f"tools.{tool.server_type or tool.name}", "This model does not have it."))
    return []


def _unset(search: WebSearch | None) -> list[Loss]:
    """A loss for each setting of a search: Google's has none of them in the Gemini API (type `GoogleSearch` of the google-genai SDK 3.4)."""
    if search is None:
        return []
    settings = {
        "allowed_domains": search.allowed_domains,
        "blocked_domains": search.blocked_domains,
        "user_location": search.location != Location(),
        "search_context_size": search.context,
        "max_uses": search.uses_max,
    }
    return [Loss(f"tools.web_search.{name}", "Google's search has no such setting.") for name, value in settings.items() if value]


def _calling(conversation: Conversation) -> dict[str, object]:
    choice = conversation.choice
    match choice.mode:
        case "none":
            calling: dict[str, object] = {"mode": "NONE"}
        case "required":
            calling = {"mode": "ANY"}
        case "named":
            calling = {"mode": "ANY", "allowedFunctionNames": list(choice.names)}
        case "allowed":
            calling = {"mode": "ANY" if choice.must_call else "VALIDATED", "allowedFunctionNames": list(choice.names)}
        case _:
            return {}
    return {"functionCallingConfig": calling}
