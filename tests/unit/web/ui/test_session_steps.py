"""An agent session unfolded: each request shows what is new in it, each call its result."""

import pytest

from headgate.dialects.registry import TRANSCRIPTS
from headgate.dialects.transcript import Transcript
from headgate.web.ui.session_rows import ReportedTool
from headgate.web.ui.session_steps import Unfolding

ROW = {"subagent_id": None, "response_id": None}


def unfolded(dialect, *exchanges, decisions=None, session="s1"):
    """Of each exchange (request, answer, row) the texts of what is new and of the answer, with results in brackets."""
    reader = TRANSCRIPTS[dialect]
    unfolding = Unfolding(session, decisions or {})
    for request, answer, *row in exchanges:
        unfolding.add(ROW | (row[0] if row else {}), reader.request(request), reader.answer(answer))
    return [([_text(each) for each in step.asked], [_text(each) for each in step.answered]) for step in unfolding.steps()]


def _text(spoken):
    return f"{spoken.part.name or spoken.part.text}{f' [{spoken.result.text}]' if spoken.result else ''}"


TOOLS = [{"name": "Read"}]
ANTHROPIC = (
    {"tools": TOOLS, "messages": [{"role": "user", "content": "Fix it"}]},
    {
        "content": [
            {"type": "thinking", "thinking": "Hm"},
            {"type": "text", "text": "Looking."},
            {"type": "tool_use", "id": "t1", "name": "Read", "input": {}},
        ]
    },
    [{"type": "tool_result", "tool_use_id": "t1", "content": "code"}, {"type": "text", "text": "<system-reminder>x</system-reminder>"}],
)
CHAT_CALL = {"id": "c1", "function": {"name": "Read", "arguments": "{}"}}
RESPONSES_CALL = {"type": "function_call", "call_id": "c1", "name": "Read", "arguments": "{}"}
GEMINI_CALL = {"functionCall": {"name": "Read", "args": {}}}
LOOPS = {
    "anthropic": (
        (ANTHROPIC[0], ANTHROPIC[1]),
        (
            {
                "tools": TOOLS,
                "messages": [
                    *ANTHROPIC[0]["messages"],
                    {"role": "assistant", "content": ANTHROPIC[1]["content"][1:]},
                    {"role": "user", "content": ANTHROPIC[2][:1]},
                ],
            },
            {"content": [{"type": "text", "text": "Done."}]},
        ),
    ),
    "openai_chat": (
        (
            {"tools": TOOLS, "messages": [{"role": "user", "content": "Fix it"}]},
            {"choices": [{"message": {"content": "Looking.", "tool_calls": [CHAT_CALL]}}]},
        ),
        (
            {
                "tools": TOOLS,
                "messages": [
                    {"role": "user", "content": "Fix it"},
                    {"role": "assistant", "content": "Looking.", "tool_calls": [CHAT_CALL]},
                    {"role": "tool", "tool_call_id": "c1", "content": "code"},
                ],
            },
            {"choices": [{"message": {"content": "Done."}}]},
        ),
    ),
    "openai_responses": (
        (
            {"tools": TOOLS, "input": "Fix it"},
            {"output": [{"type": "message", "content": [{"type": "output_text", "text": "Looking."}]}, RESPONSES_CALL]},
        ),
        (
            {
                "tools": TOOLS,
                "input": [
                    {"role": "user", "content": "Fix it"},
                    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Looking."}]},
                    RESPONSES_CALL,
                    {"type": "function_call_output", "call_id": "c1", "output": "code"},
                ],
            },
            {"output": [{"type": "message", "content": [{"type": "output_text", "text": "Done."}]}]},
        ),
    ),
    "gemini": (
        (
            {"tools": [{"functionDeclarations": TOOLS}], "contents": [{"role": "user", "parts": [{"text": "Fix it"}]}]},
            {"candidates": [{"content": {"parts": [{"text": "Looking."}, GEMINI_CALL]}}]},
        ),
        (
            {
                "tools": [{"functionDeclarations": TOOLS}],
                "contents": [
                    {"role": "user", "parts": [{"text": "Fix it"}]},
                    {"role": "model", "parts": [{"text": "Looking."}, GEMINI_CALL]},
                    {"role": "user", "parts": [{"functionResponse": {"name": "Read", "response": {"output": "code"}}}]},
                ],
            },
            {"candidates": [{"content": {"parts": [{"text": "Done."}]}}]},
        ),
    ),
}


@pytest.mark.parametrize("dialect", LOOPS)
def test_a_loop_with_a_tool(dialect):
    """The prompt, an answer with a call that has its result, and an answer: nothing is there twice, in any format."""
    steps = unfolded(dialect, *LOOPS[dialect])
    assert steps[0][0] == ["Fix it"]
    assert [each for each in steps[0][1] if each != "Hm"] == ["Looking.", "Read [code]"]
    assert steps[1] == ([], ["Done."])


def test_the_same_prompt_again_is_new():
    """Each time that it is said, and not each time that it is sent."""
    first = [{"role": "user", "content": "continue"}]
    second = [*first, {"role": "assistant", "content": "a"}, *first]
    steps = unfolded(
        "anthropic",
        ({"tools": TOOLS, "messages": first}, {"content": [{"type": "text", "text": "a"}]}),
        ({"tools": TOOLS, "messages": second}, {"content": [{"type": "text", "text": "b"}]}),
        ({"tools": TOOLS, "messages": second}, {"content": [{"type": "text", "text": "b"}]}),
    )
    assert [asked for asked, _ in steps] == [["continue"], ["continue"], []]


def test_a_request_beside_the_conversation_is_marked():
    """It offers no tools, and changes nothing in what is new in the conversation."""
    reader, unfolding = TRANSCRIPTS["anthropic"], Unfolding("s1", {})
    main = {"tools": TOOLS, "messages": [{"role": "user", "content": "Fix it"}]}
    for body in (
        main,
        {"messages": [{"role": "user", "content": "Name this"}]},
        main | {"messages": [*main["messages"], {"role": "user", "content": "and that"}]},
    ):
        unfolding.add(ROW, reader.request(body), ())
    assert [([each.part.text for each in step.asked], step.beside, step.gone) for step in unfolding.steps()] == [
        (["Fix it"], False, 0),
        (["Name this"], True, 0),
        (["and that"], False, 0),
    ]


def test_a_shortened_conversation():
    """What is not sent any more is counted, and what takes its place is new."""
    reader, unfolding = TRANSCRIPTS["anthropic"], Unfolding("s1", {})
    long = [{"role": "user", "content": f"part {number}"} for number in range(12)]
    for messages in (long, [{"role": "user", "content": "Summary"}, long[-1]]):
        unfolding.add(ROW, reader.request({"tools": TOOLS, "messages": messages}), ())
    step = unfolding.steps()[1]
    assert ([each.part.text for each in step.asked], step.gone) == (["Summary"], 11)


def test_sub_agents_have_conversations_of_their_own():
    """The same words in two of them are new in both; the thread of a session's own id is the main one."""
    body = {"tools": TOOLS, "messages": [{"role": "user", "content": "Look"}]}
    steps = unfolded("anthropic", (body, {}), (body, {}, {"subagent_id": "a"}), (body, {}, {"subagent_id": "b"}), (body, {}, {"subagent_id": "s1"}))
    assert [asked for asked, _ in steps] == [["Look"], ["Look"], ["Look"], []]


def test_decisions_belong_to_their_calls():
    """By the id of the call, as the agent reported it."""
    unfolding = Unfolding("s1", {"t1": ReportedTool(decision="rejected")})
    unfolding.add(ROW, TRANSCRIPTS["anthropic"].request(ANTHROPIC[0]), TRANSCRIPTS["anthropic"].answer(ANTHROPIC[1]))
    assert unfolding.steps()[0].answered[2].decision.decision == "rejected"


def test_exchanges_without_bodies():
    """They are steps without words; what is not shown only says what is new in those after it."""
    reader, unfolding = TRANSCRIPTS["anthropic"], Unfolding("s1", {})
    unfolding.add(ROW, reader.request(ANTHROPIC[0]), (), shown=False)
    unfolding.add(ROW, None, ())
    unfolding.add(ROW, Transcript(), ())
    unfolding.add(ROW, reader.request(ANTHROPIC[0]), ())
    assert [(step.asked, step.read) for step in unfolding.steps()] == [((), False), ((), True), ((), True)]


def test_calls_without_an_id_find_their_results_in_order():
    """Two calls of one tool, two results."""
    calls = {"candidates": [{"content": {"parts": [GEMINI_CALL, GEMINI_CALL]}}]}
    results = [{"functionResponse": {"name": "Read", "response": {"output": each}}} for each in ("one", "two")]
    steps = unfolded(
        "gemini",
        ({"contents": [{"parts": [{"text": "go"}]}]}, calls),
        ({"contents": [{"parts": [{"text": "go"}]}, {"role": "model", "parts": [GEMINI_CALL, GEMINI_CALL]}, {"parts": results}]}, {}),
    )
    assert steps == [(["go"], ["Read [one]", "Read [two]"]), ([], [])]
