"""The tools that an agent of the demo uses after an answer, and what becomes of them."""

import random

from headgate.app.demo_month.agents import AgentShape
from headgate.app.demo_month.happenings import ToolUse

_KINDS = {"read": 0.38, "search": 0.19, "run": 0.21, "edit": 0.17, "write": 0.05}
_SUBAGENT = 0.06
_USUAL_MS = {"read": 25, "search": 90, "run": 2_600, "edit": 40, "write": 30}
_ASKED = {"edit": 0.55, "write": 0.6, "run": 0.4}  # how often a person is asked first
_REJECTED = 0.07  # of what a person is asked


def tools_of(shape: AgentShape, rng: random.Random, *, subagents: bool) -> tuple[ToolUse, ...]:
    """One tool, or a few at once; of an agent without names for tools, none is known."""
    if not shape.tools:
        return ()
    if subagents and "subagent" in shape.tools and rng.random() < _SUBAGENT:
        return (ToolUse(does="subagent", name=shape.tools["subagent"], automatic=True, duration_ms=40, result_bytes=2_000),)
    count = rng.choices((1, 2, 3), (0.78, 0.15, 0.07))[0]
    return tuple(_tool(shape, rng, does) for does in rng.choices(tuple(_KINDS), tuple(_KINDS.values()), k=count))


def _tool(shape: AgentShape, rng: random.Random, does: str) -> ToolUse:
    asked = rng.random() < _ASKED.get(does, 0.0)
    accepted = not asked or rng.random() >= _REJECTED
    changes = does in {"edit", "write"} and accepted
    return ToolUse(
        does=does,
        name=shape.tools[does],
        ok=accepted and rng.random() >= (0.08 if does == "run" else 0.03),
        accepted=accepted,
        automatic=not asked,
        duration_ms=int(_USUAL_MS[does] * rng.lognormvariate(0.0, 0.8)) + (rng.randrange(1_500, 20_000) if asked else 0),
        added=int(rng.lognormvariate(2.2 if does == "edit" else 3.4, 0.9)) if changes else 0,
        removed=int(rng.lognormvariate(1.3, 0.9)) if changes and does == "edit" else 0,
        result_bytes=int(rng.lognormvariate(8.7 if does in {"read", "run"} else 7.0, 0.9)),
    )
