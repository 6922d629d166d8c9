"""One agent session of the demo, from its first prompt to its last answer: prompts that lead to rounds of answers and tools, at the pace of people.

Pure: a session is a function of its beginning and a seeded generator.
"""

import msgspec

from headgate.app.demo_month import caching, records, refusals, seeded, weather
from headgate.app.demo_month.caching import Context
from headgate.app.demo_month.cast import CLAUDE_CODE, PROVIDERS, TASKS
from headgate.app.demo_month.happenings import AgentSession, AgentStep, ToolUse
from headgate.app.demo_month.records import MS, Asking, Thread, Trouble
from headgate.app.demo_month.tools import tools_of
from headgate.app.demo_month.weather import Incident
from headgate.core.record import Outcome

S = 1_000 * MS
_NO_THREAD = Thread()
_SIDE = 0.9  # how often a session asks the small model for a title


class SessionStart(msgspec.Struct, frozen=True, kw_only=True):
    """How a session begins, and what is special about it. `prompts` 0: as many as usual. `breaks_at`: the requests at which its cached prefix changes."""

    asking: Asking
    model: str
    at_ns: int
    seed: str
    incident: Incident | None = None
    prompts: int = 0
    rounds_mean: float = 6.0
    rounds_max: int = 41
    pause_s: tuple[float, float] = (18.0, 260.0)
    breaks_at: tuple[int, ...] = ()
    subagents: bool = False
    refused_first: Trouble | None = None  # what the request for `asks_first` meets, before the session's own requests
    asks_first: str = ""
    stop: Trouble | None = None  # refuses everything from `stop_after` requests on
    stop_after: int = 0
    special: str = ""
    tireless: bool = False  # goes on after every failure
    bypassed: bool = False


def session(start: SessionStart) -> AgentSession:
    """The session."""
    return _Walk(start).run()


class _Walk:
    """A session while it goes on."""

    def __init__(self, start: SessionStart) -> None:
        self._start = start
        self._asking = start.asking
        self._shape = start.asking.shape
        self._rng = seeded.generator(start.seed)
        self._now_ns = start.at_ns
        self._steps: list[AgentStep] = []
        shared = int(self._shape.first_context * self._rng.uniform(0.96, 1.12))
        warm = shared if self._rng.random() < 0.7 else 0
        self._context = Context(tokens=shared, cached=warm, shared=shared)

    def run(self) -> AgentSession:
        """All of it."""
        start, rng = self._start, self._rng
        prompts = start.prompts or 1 + min(14, int(rng.expovariate(1 / 3.9)))
        if self._shape.side_model and rng.random() < _SIDE:
            self._ask_beside()
        if start.refused_first is not None:
            sent = records.intent(self._asking, _NO_THREAD, start.asks_first, self._now_ns, rng)
            self._add(records.troubled(sent, start.refused_first, rng), 0)
            self._now_ns += int(rng.uniform(4, 30) * S)
        for _ in range(prompts):
            if not self._turn():
                break
            self._now_ns += int(rng.uniform(*start.pause_s) * S)
        edits = sum(tool.does in {"edit", "write"} and tool.ok for step in self._steps for tool in step.tools)
        commits = min(4, edits // 5) if rng.random() < 0.75 else 0
        asking = self._asking
        return AgentSession(
            person=asking.person,
            agent=asking.agent,
            agent_version=asking.agent_version,
            surface=asking.surface,
            model=start.model,
            session_id=asking.session_id,
            repository=asking.tags.get("repository", ""),
            begun_at_ns=start.at_ns,
            steps=tuple(self._steps),
            label=rng.choice(TASKS),
            special=start.special,
            commits=commits,
            pull_requests=int(commits > 1 and rng.random() < 0.5),
        )

    def _turn(self) -> bool:
        """A prompt and what it leads to. False where the session ends with it."""
        rng, start = self._rng, self._start
        thread = Thread(seeded.session_uuid(rng) if self._shape.names_turns else "")
        chars = int(rng.lognormvariate(4.6, 0.8)) + 12
        self._context.grow(chars // 4 + 40)
        rounds = 1 + min(start.rounds_max - 1, int(rng.expovariate(1 / start.rounds_mean)))
        for position in range(rounds):
            last = position == rounds - 1
            if self._context.tokens > self._shape.context_max:
                self._context.compact(rng.randrange(4_000, 9_000))
            step = self._round(thread, chars if position == 0 else 0, last=last)
            if step is None:
                return False
            if step.tools and step.tools[0].does == "subagent":
                self._delegate(thread)
        return True

    def _round(self, thread: Thread, prompt_chars: int, *, last: bool) -> AgentStep | None:
        """A request with its answer, asked again until one comes. `None`: the person gave up, or the agent was stopped."""
        rng, start = self._rng, self._start
        for attempt in range(100 if start.tireless else 4):
            if start.stop is not None and len(self._steps) >= start.stop_after:
                self._refuse(thread, start.stop)
                return None
            limited = refusals.own_limit(rng)
            if limited is not None:
                self._add(records.troubled(records.intent(self._asking, thread, start.model, self._now_ns, rng), limited, rng), prompt_chars)
                self._now_ns += int(rng.uniform(9, 16) * S)
                continue
            met = weather.trouble(rng, PROVIDERS[start.model][0], self._now_ns, start.incident)
            if met is None or rng.random() < 0.4:
                return self._answer(thread, prompt_chars, met, last=last)
            sent = records.intent(self._asking, thread, start.model, self._now_ns, rng)
            self._add(records.troubled(sent, met, rng), prompt_chars)
            self._now_ns += int(min(30.0, 1.2 * 2 ** min(attempt, 5)) * rng.uniform(0.8, 1.6) * S)
            prompt_chars = 0
        return None

    def _answer(self, thread: Thread, prompt_chars: int, met: Trouble | None, *, last: bool) -> AgentStep | None:
        """A request that is answered, after a first try that met trouble, or rarely not to its end."""
        rng, start = self._rng, self._start
        if len(self._steps) in start.breaks_at:
            self._context.break_prefix()
        output = int(rng.lognormvariate(5.9 if last else 5.25, 0.75)) + 14
        used = caching.usage(self._context, self._shape, start.model, rng, at_ns=self._now_ns, output=output)
        tools = () if last else tools_of(self._shape, rng, subagents=start.subagents)
        sent = records.intent(self._asking, thread, start.model, self._now_ns, rng)
        outcome = records.answered(sent, used, rng, calls_tools=bool(tools))
        if met is not None:
            outcome = records.retried(outcome, met.status, met.error_code, rng.randrange(300, 2_600))
        luck = 1.0 if start.tireless else rng.random()
        if luck < 0.009:
            outcome = records.cut_short(outcome, "client_gone" if luck < 0.0065 else "cut", rng)
            self._add(outcome, prompt_chars)
            return None if luck < 0.004 else AgentStep(outcome=outcome)
        self._context.grow(output + sum(tool.result_bytes for tool in tools) // 4)
        return self._add(outcome, prompt_chars, tools)

    def _refuse(self, thread: Thread, stop: Trouble) -> None:
        """Requests that Headgate refuses, until the agent gives up."""
        for attempt in range(3):
            sent = records.intent(self._asking, thread, self._start.model, self._now_ns, self._rng)
            self._add(records.troubled(sent, stop, self._rng), 0)
            self._now_ns += int((2.0 + 9.0 * attempt) * S)

    def _delegate(self, thread: Thread) -> None:
        """A sub-agent works by itself, with a context of its own, and returns a summary."""
        rng, start = self._rng, self._start
        named = Thread(thread.turn_id, f"agent-{seeded.hex_id(rng, 12)}" if self._asking.agent == CLAUDE_CODE else seeded.session_uuid(rng), "")
        if self._asking.agent != CLAUDE_CODE:
            named = msgspec.structs.replace(named, parent_subagent_id=self._asking.session_id)
        context = Context(tokens=self._context.shared // 2, cached=0, shared=self._context.shared // 2)
        for _ in range(rng.randrange(3, 12)):
            context.grow(rng.randrange(300, 3_200))
            output = int(rng.lognormvariate(5.1, 0.6)) + 10
            used = caching.usage(context, self._shape, start.model, rng, at_ns=self._now_ns, output=output)
            sent = records.intent(self._asking, named, start.model, self._now_ns, rng)
            context.grow(output)
            self._add(records.answered(sent, used, rng, calls_tools=True), 0, tools_of(self._shape, rng, subagents=False))
        self._context.grow(rng.randrange(300, 1_400))

    def _ask_beside(self) -> None:
        """The small question that an agent asks a small model at the start of a session."""
        rng = self._rng
        context = Context(tokens=rng.randrange(280, 900), cached=0, shared=0)
        used = caching.usage(context, self._shape, self._shape.side_model, rng, at_ns=self._now_ns, output=rng.randrange(8, 40))
        if self._asking.agent == CLAUDE_CODE:  # too small for a cache
            used = msgspec.structs.replace(used, input_tokens=used.all_input_tokens, cache_read_tokens=0, cache_write_5m_tokens=0)
        sent = records.intent(self._asking, _NO_THREAD, self._shape.side_model, self._now_ns, rng)
        self._add(records.answered(sent, used, rng, calls_tools=False), 0)

    def _add(self, outcome: Outcome, prompt_chars: int, tools: tuple[ToolUse, ...] = ()) -> AgentStep:
        step = AgentStep(outcome=outcome, prompt_chars=prompt_chars, tools=tools, bypassed=self._start.bypassed)
        self._steps.append(step)
        self._now_ns = outcome.ended_at_ns + sum(tool.duration_ms for tool in tools) * MS + self._rng.randrange(20, 180) * MS
        return step
