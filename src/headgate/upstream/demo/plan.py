"""Decides what the demo provider says: looks around once with a harmless tool if the user asks what is there, then answers. A pure function of the request."""

import re

from headgate.upstream.demo.question import DemoAnswer, DemoCounts, Json, MadeCall, OfferedTool, Question, tokens
from headgate.upstream.demo.sample import sample, sample_json

# Read-only tools of the agents we know, most harmless first, with the arguments that ask the least of them.
LOOKS: tuple[tuple[str, Json], ...] = (
    ("list_directory", {"dir_path": ".", "path": "."}),
    ("LS", {"path": "."}),
    ("list", {"path": "."}),
    ("exec_command", {"cmd": "ls"}),
    ("shell_command", {"command": "ls"}),
    ("shell", {"command": ["ls"]}),
    ("Bash", {"command": "ls", "description": "List the files here"}),
    ("bash", {"command": "ls", "description": "List the files here"}),
    ("run_shell_command", {"command": "ls", "description": "List the files here"}),
    ("Glob", {"pattern": "*"}),
    ("glob", {"pattern": "*"}),
)
ASKS_TO_LOOK = re.compile(r"\b(?:files?|folders?|director(?:y|ies)|repo|repository|project|code|list|look|read|show)\b", re.IGNORECASE)
# What agents wrap around a tool's own words: notes to the model, and a report that ends in "Output:".
NOTE_START, NOTE_END = "<system-reminder>", "</system-reminder>"
REPORT_STARTS = ("Chunk ID", "Wall time", "Exit code")
REPORT_END = re.compile(r"^Output:$", re.MULTILINE)
PROMPT_SHOWN = 120
RESULT_SHOWN = 160


def plan(question: Question) -> DemoAnswer:
    """The whole answer to a question."""
    tool = _tool_to_call(question)
    calls = (MadeCall(f"call_{question.seed[:20]}", tool, _arguments(tool)),) if tool else ()
    text = _text(question, tool)
    reasoning = _reasoning(tool) if question.reasons else ""
    ended = "tools" if calls else "stop"
    if 0 < question.output_tokens_max < tokens(len(text)):
        text, calls, ended = text[: 4 * question.output_tokens_max], (), "length"
    spoken = len(text) + sum(len(str(call.arguments)) + len(call.tool.name) for call in calls)
    return DemoAnswer(question.seed, question.model, reasoning, text, calls, ended, _counts(question, spoken, len(reasoning)))


def count(question: Question) -> int:
    """The input tokens of a question."""
    return max(1, tokens(question.known_length + question.fresh_length))


def _tool_to_call(question: Question) -> OfferedTool | None:
    if question.choice == "none" or question.results or not question.tools:
        return None
    offered = {tool.name: tool for tool in question.tools if not tool.freeform}
    if question.choice in offered:
        return offered[question.choice]
    harmless = next((offered[name] for name, _ in LOOKS if name in offered), None)
    if question.choice == "any":
        return harmless or next(iter(offered.values()), None)
    return harmless if ASKS_TO_LOOK.search(_unwrapped(question.prompt)) else None


def _arguments(tool: OfferedTool) -> Json:
    known = dict(LOOKS).get(tool.name)
    if known is None:
        return {name: sample(schema) for name, schema in tool.properties.items() if name in tool.schema.get("required", ())}
    fitting = {name: value for name, value in known.items() if name in tool.properties}
    return fitting or dict(known)


def _text(question: Question, tool: OfferedTool | None) -> str:
    if question.answer_schema is not None:
        return sample_json(question.answer_schema)
    if tool is not None:
        return "Let me look around first."
    asked = _shortened(question.prompt, PROMPT_SHOWN) or "nothing in words"
    opening = f"You asked: “{asked}”."
    if question.results:
        found = _shortened(_unwrapped(question.results[-1]), RESULT_SHOWN) or "nothing"
        opening += f" I ran a tool for that, and it answered: “{found}”."
    return (
        f"{opening} This is Headgate's demo provider speaking: no model was asked, and nothing left this machine. The request came in through the gateway, was"
        " authenticated, metered and recorded like any other, so you find it in `headgate usage`. Add a provider to answer with a real model."
    )


def _reasoning(tool: OfferedTool | None) -> str:
    if tool is not None:
        return f"The question is about this place, so I look around with {tool.name} before I answer."
    return "There is enough to answer with."


def _counts(question: Question, spoken: int, reasoned: int) -> DemoCounts:
    """A cache as a provider would keep it: what an earlier request held is read from it, what the client marked is written to it."""
    read = tokens(question.known_length)
    new = max(1, tokens(question.fresh_length))
    write = new - min(new, 12) if question.caches else 0
    return DemoCounts(fresh=new - write, read=read, write=write, output=max(1, tokens(spoken)) + tokens(reasoned), reasoning=tokens(reasoned))


def _unwrapped(text: str) -> str:
    """A tool's own words. Every character is looked at once: one pattern for all of it would look for an end behind each of a million starts."""
    kept, at = [], 0
    while (start := text.find(NOTE_START, at)) >= 0 and (end := text.find(NOTE_END, start)) >= 0:
        kept.append(text[at:start])
        at = end + len(NOTE_END)
    own = "".join((*kept, text[at:]))
    report = REPORT_END.search(own) if own.startswith(REPORT_STARTS) else None
    return own[report.end() :] if report is not None else own


def _shortened(text: str, length: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else f"{flat[:length].rstrip()}…"
