"""Random conversations and random answers, for properties of translation. They may be odd, but are such as a decoder may make."""

import msgspec
from hypothesis import strategies as st

from headgate.core.conversation import Conversation, Foreign, Media, Part, Reasoning, Text, Thinking, Tool, ToolCall, ToolChoice, ToolResult, Turn
from headgate.core.event import Cited, Event, Failed, Finished, PartClosed, PartGrew, PartOpened, Started, UsageSeen
from headgate.core.opaque_state import OpaqueState
from headgate.core.usage import Usage

_SHORT = st.text(st.sampled_from('ab .:"{}\nü'), max_size=6)
_NAMES = st.sampled_from(["read", "write file", "mcp.read", "mcp_read", "x" * 70, "ls"])
_IDS = st.sampled_from(["", "c1", "c2", "call:3", "i" * 70])
_KINDS = st.sampled_from(["function", "custom", "local_shell", "tool_search", "server"])
STATES = st.none() | st.builds(
    OpaqueState,
    st.sampled_from(["anthropic", "openai", "gemini"]),
    st.sampled_from(["signature", "encrypted"]),
    _SHORT,
    st.sampled_from(["", "gpt-5.6", "grok-4", "claude-opus-5"]),
)
TEXTS = st.builds(Text, _SHORT, st.booleans(), STATES)
_MEDIA = st.builds(Media, st.sampled_from(["image", "document"]), st.just("image/jpg"), st.just("AAAA"))
_FOREIGN = st.builds(Foreign, st.sampled_from(["anthropic", "gemini", "openai_responses"]), st.just("odd"), st.just(msgspec.Raw(b"{}")))
_ARGUMENTS = st.sampled_from(["", "{}", '{"a": 1.0}', '{"a', "ls -l"])
CALLS = st.builds(ToolCall, _IDS, _NAMES, _ARGUMENTS, _KINDS, st.sampled_from(["", "ns"]), state=STATES)
_FOUND = st.builds(Tool, st.sampled_from(["found.a", "found_a", "found b"]), namespace=st.sampled_from(["", "ns"]))  # before that no model calls them
TOOLS = st.lists(st.builds(Tool, _NAMES, st.sampled_from(["function", "custom", "tool_search"]), namespace=st.sampled_from(["", "ns"])), max_size=4)
RESULTS = st.builds(
    ToolResult,
    _IDS,
    st.lists(TEXTS | _MEDIA, max_size=2).map(tuple),
    st.sampled_from(["", "read"]),
    st.booleans(),
    _KINDS,
    st.lists(_FOUND, max_size=2).map(tuple),
)
_THOUGHTS = st.builds(Thinking, _SHORT, st.booleans(), STATES, st.booleans())


def _turns(role: str, parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Turn]:
    return st.builds(Turn, st.just(role), st.lists(parts, min_size=1, max_size=4).map(tuple))


SYSTEM = _turns("system", TEXTS)
USER = _turns("user", st.one_of(TEXTS, _MEDIA, RESULTS, _FOREIGN))
ASSISTANT = _turns("assistant", st.one_of(TEXTS, CALLS, _THOUGHTS, _FOREIGN, RESULTS))
SAID = Turn("user", (Text("Go on."),))


def _round(turns: tuple[list[Turn], Turn, list[Turn]]) -> list[Turn]:
    """Turns of any order that end as a request does: with something that the user says."""
    before, assistant, after = turns
    return [*before, assistant, *after, SAID]


ROUNDS = st.lists(st.tuples(st.lists(SYSTEM | USER, max_size=3), ASSISTANT, st.lists(SYSTEM | USER, max_size=3)).map(_round), min_size=1, max_size=4)
"""Turns in rounds, each of which may be the last of a request; the next begins with an answer."""
CONVERSATIONS = st.builds(
    Conversation,
    model=st.sampled_from(["claude-opus-5-5", "gpt-5.6", "m"]),
    turns=st.lists(SYSTEM | USER | ASSISTANT, max_size=7).map(tuple),
    tools=TOOLS.map(tuple),
    choice=st.sampled_from([ToolChoice(), ToolChoice("required"), ToolChoice("allowed", ("read",)), ToolChoice("named", ("mcp.read",))]),
    output_tokens_max=st.sampled_from([0, 1, 4096, 1_000_000]),
    stop=st.lists(_SHORT, max_size=6).map(tuple),
    reasoning=st.builds(
        Reasoning,
        mode=st.sampled_from(["", "off", "adaptive", "on"]),
        effort=st.sampled_from(["", "minimal", "high", "max"]),
        budget_tokens=st.sampled_from([None, 0, 100, 50_000]),
    ),
    cache_key=_SHORT,
    user=_SHORT,
)


@st.composite
def answers(draw: st.DrawFn) -> list[Event]:
    """The events of one answer by the laws of a decoder: parts may overlap, counts may come anywhere."""
    events: list[Event] = [Started("r1", "m")]
    open_parts: list[tuple[int, str]] = []
    opened = 0
    for step in draw(st.lists(st.sampled_from(["open", "grow", "close", "usage", "cite"]), max_size=20)):
        if step == "open" or not open_parts:
            kind = draw(st.sampled_from(["text", "thinking", "call"]))
            name = draw(st.sampled_from(["exec", "a_b", "unheard"])) if kind == "call" else ""
            events.append(PartOpened(opened * 2, kind, f"c{opened}" if name else "", name))
            open_parts.append((opened * 2, kind))
            opened += 1
            continue
        index, kind = draw(st.sampled_from(open_parts))
        if step == "grow":
            events.append(PartGrew(index, draw(st.text('ab{":', max_size=4))))
        elif step == "cite" and kind == "text":
            events.append(Cited(index, "https://a.example"))
        elif step == "usage":
            events.append(UsageSeen(Usage()))
        elif step == "close":
            events.append(PartClosed(index, draw(STATES)))
            open_parts.remove((index, kind))
    events += [PartClosed(index) for index, _ in open_parts]
    events.append(draw(st.sampled_from([Finished("stop", "stop"), Failed("overloaded", "Later.")])))
    return [*events, *([UsageSeen(Usage())] if isinstance(events[-1], Finished) else [])]
