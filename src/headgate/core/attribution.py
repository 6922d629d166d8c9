"""What the headers and the body of a request say about the agent that sent it. Kept in rows; never a reason to trust anyone."""

import msgspec


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """Which agent asked, as its headers and body say. Empty where unknown. Never used for identity or permission."""

    agent: str = ""
    agent_version: str = ""
    surface: str = ""
    session_id: str = ""
    subagent_id: str = ""
    parent_subagent_id: str = ""
    turn_id: str = ""
    client_request_id: str = ""
    user_agent: str = ""
