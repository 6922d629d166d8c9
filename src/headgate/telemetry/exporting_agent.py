"""Which agent an export comes from, by the `service.name` of its first resource. Reads a few bytes, never the whole message, and may not know."""

from headgate.telemetry.agents.registry import agent_of

_SEARCHED_BYTES = 4096
# A `KeyValue` of opentelemetry/proto/common/v1/common.proto: field 1 is the key, field 2 an `AnyValue`, whose field 1 is a text.
_KEY = b"\x0a\x0cservice.name\x12"
_TEXT = 0x0A
_SHORT_MAX = 0x7F  # a length in one byte


def exporting_agent(payload: bytes) -> str:
    """The agent's name as records have it; empty where it is not one that is known."""
    begin = payload.find(_KEY, 0, _SEARCHED_BYTES)
    value = payload[begin + len(_KEY) : begin + len(_KEY) + 3 + _SHORT_MAX]
    if begin < 0 or len(value) < 3 or value[1] != _TEXT or value[2] > _SHORT_MAX:
        return ""
    agent = agent_of(value[3 : 3 + value[2]].decode("utf-8", "replace"))
    return agent.agent if agent is not None else ""
