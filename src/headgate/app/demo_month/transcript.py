"""What is said in an agent session of the demo, whatever the wire format: prompts, answers, tool calls with their arguments and results, sub-agents.

Each request of a session has all that was said before it. Texts are made from a seed; they fit the tools that the session used.
"""

import random
from collections.abc import Iterator

import msgspec

from headgate.app.demo_month import seeded
from headgate.app.demo_month.happenings import AgentSession, AgentStep, ToolUse
from headgate.app.demo_month.moments import tool_moments

_FILES = (
    "src/orders/list.ts",
    "src/orders/totals.ts",
    "src/checkout/discount.ts",
    "src/shared/dates.ts",
    "tests/checkout.test.ts",
    "src/api/client.ts",
)
_FOLLOWING = (
    "run the tests again",
    "that is not quite it, the empty list still fails",
    "please keep the old name as an alias",
    "now do the same for the other caller",
    "looks good. Commit it with a short message",
    "explain the change in two sentences",
)
_SAYING = (
    "I'll look at how this is done today.",
    "That explains it: the value is read before it is set.",
    "I'll change this in one place and run the tests.",
    "The tests show one more case. Looking at it.",
    "Two callers depend on the old behaviour, so I'll keep it for them.",
)
_CLOSING = (
    "Done. The list is paged now, and all tests pass.",
    "The cause was a date without a time zone. It is fixed, and a test covers it.",
    "I changed three files; nothing else depends on the old name.",
    "It is committed. The message says why the alias stays.",
)
_WORDS = ("amount", "discount", "order", "customer", "page", "cursor", "retry", "limit")
_LINES_MAX = 14


class CalledTool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call with what came of it. `before` and `after` are the lines that an edit replaces and puts there."""

    use: ToolUse
    id: str
    file: str
    command: str
    before: str
    after: str
    result: str


class Said(msgspec.Struct, frozen=True):
    """A prompt (of a person, or of the agent to its sub-agent), or an answer with its tool calls."""

    text: str
    prompt: bool = False
    calls: tuple[CalledTool, ...] = ()


class Moment(msgspec.Struct, frozen=True):
    """A request with all that was said before it, and what was answered; `None` where nothing was. `changes` counts how often its prefix had changed."""

    step: AgentStep
    before: tuple[Said, ...]
    answer: Said | None
    changes: int = 0


def moments(session: AgentSession) -> Iterator[Moment]:
    """The requests of a session, in their order. A sub-agent has a conversation of its own, and so has a question beside the session."""
    rng = seeded.generator(f"{session.session_id}:transcript")
    threads: dict[str, list[Said]] = {}
    prompts, changes, cached = 0, 0, 0
    for step in session.steps:
        intent, usage = step.outcome.intent, step.outcome.usage
        beside = not intent.turn_id and intent.model_asked != session.model
        said = (
            [Said(f"Name this conversation in a few words: {session.label}", prompt=True)] if beside else threads.setdefault(intent.subagent_id, [])
        )
        if step.prompt_chars:
            prompts += 1
            said.append(Said(session.label if prompts == 1 else rng.choice(_FOLLOWING), prompt=True))
        elif not said:
            said.append(Said(f"Find every caller that {session.label} concerns, and list them.", prompt=True))
        if usage is not None and not intent.subagent_id and not beside:
            changes += int(cached > 0 and not usage.cache_read_tokens and bool(usage.cache_write_5m_tokens))
            cached = usage.all_input_tokens or 0
        answer = Said(session.label.capitalize()) if beside else _answer(step, rng)
        yield Moment(step, tuple(said), answer, changes)
        if answer is not None and not beside:
            said.append(answer)


def _answer(step: AgentStep, rng: random.Random) -> Said | None:
    if step.outcome.ended != "completed":
        return None
    calls = tuple(_call(tool, use_id, rng) for tool, _, _, use_id in tool_moments(step))
    return Said(rng.choice(_SAYING if calls else _CLOSING), calls=calls)


def _call(tool: ToolUse, use_id: str, rng: random.Random) -> CalledTool:
    file, word = rng.choice(_FILES), rng.choice(_WORDS)
    before, after = _lines(word, "old", tool.removed, rng), _lines(word, "new", tool.added, rng)
    return CalledTool(
        use=tool,
        id=use_id,
        file=file,
        command=rng.choice(("npm test", "npm run lint", f"git diff {file}", "git status --short", f"rg -n {word} src")),
        before=before or f"const {word} = read({word}Id)",
        after=after or f"const {word} = await read({word}Id)",
        result=_result(tool, file, word, rng),
    )


def _lines(word: str, kind: str, count: int, rng: random.Random) -> str:
    return "\n".join(f"  const {word}{number} = {kind}{word.capitalize()}({rng.randrange(100)})" for number in range(min(count, _LINES_MAX)))


def _result(tool: ToolUse, file: str, word: str, rng: random.Random) -> str:
    if not tool.accepted:
        return "The user doesn't want to proceed with this tool use."
    if not tool.ok:
        return f"Error: {file}: {word} is not defined"
    if tool.does == "read":
        return "\n".join(f"{number:>5}  export const {word}{number} = {rng.randrange(1000)}" for number in range(1, rng.randrange(8, 30)))
    if tool.does == "search":
        return "\n".join(f"{rng.choice(_FILES)}:{rng.randrange(3, 240)}:  {word}" for _ in range(rng.randrange(2, 9)))
    if tool.does == "run":
        return f"{rng.randrange(20, 90)} passing ({rng.randrange(2, 20)} s)\n0 failing"
    if tool.does == "subagent":
        return f"{rng.randrange(2, 7)} callers: {', '.join(rng.sample(_FILES, 3))}"
    return f"The file {file} has been updated."
