"""Tools that a provider runs. Another provider has them only where both know the same: a search of the web."""

import msgspec

from headgate.core.conversation import WEB_SEARCH, Tool
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList

_WHY = "the search of the provider that answers has no such setting"


def kept(tool: Tool, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> Tool | None:
    """The tool as the target's encoder takes it; `None` and a loss where the target has no such tool."""
    if tool.dialect == traits.dialect:
        return tool
    if tool.server_type == WEB_SEARCH and traits.web_search and profile.web_search:
        for name in tool.search.others if tool.search is not None else ():
            losses.add(f"tools.web_search.{name}", _WHY)
        return tool if not tool.dialect and tool.raw is None else msgspec.structs.replace(tool, dialect="", raw=None)
    losses.add(f"tools.{tool.server_type or tool.name}", "the provider that answers does not run this tool")
    return None
