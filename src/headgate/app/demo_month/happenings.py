"""What happened in the demo, as its generators say it: agent sessions of steps, each the record of an exchange and what the agent did with the answer."""

import msgspec

from headgate.app.demo_month.cast import Person
from headgate.core.record import Outcome

_AFTER_NS = 1_000_000_000  # what is reported of a session's end comes within a second


class ToolUse(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that the agent used after an answer. `does` is what it is for: read, search, run, edit, write or subagent. `automatic`: no person was asked."""

    does: str
    name: str
    ok: bool = True
    accepted: bool = True
    automatic: bool = False
    duration_ms: int = 0
    added: int = 0
    removed: int = 0
    result_bytes: int = 0


class AgentStep(msgspec.Struct, frozen=True, kw_only=True):
    """One request of an agent. `prompt_chars` is above 0 where a person's prompt began it. `bypassed`: it went past the gateway, so that only telemetry
    has it.
    """

    outcome: Outcome
    prompt_chars: int = 0
    tools: tuple[ToolUse, ...] = ()
    bypassed: bool = False

    @property
    def at_ns(self) -> int:
        """When it was over."""
        return self.outcome.ended_at_ns


class AgentSession(msgspec.Struct, frozen=True, kw_only=True):
    """One session of a person with an agent. `label` is what it is about; `special` names the ones that the month is known for, empty for the others."""

    person: Person
    agent: str
    agent_version: str
    surface: str
    model: str
    session_id: str
    repository: str
    begun_at_ns: int
    steps: tuple[AgentStep, ...]
    label: str = ""
    special: str = ""
    commits: int = 0
    pull_requests: int = 0

    def overlaps(self, after_ns: int, until_ns: int) -> bool:
        """Whether anything of it may have happened in a stretch of time, its last tools included."""
        last = self.steps[-1]
        return self.begun_at_ns <= until_ns and last.at_ns + sum(tool.duration_ms + 1 for tool in last.tools) * 1_000_000 + _AFTER_NS > after_ns


class Identity(msgspec.Struct, frozen=True):
    """Who a person is to the gateway: the ids of its principal and of the token that its agents present."""

    principal_id: str
    token_id: str
