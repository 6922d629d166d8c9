"""What the demo provider decides to say."""

import pytest

from headgate.upstream.demo.plan import count, plan
from headgate.upstream.demo.question import OfferedTool, Question

BASH = OfferedTool("Bash", {"properties": {"command": {"type": "string"}, "description": {"type": "string"}}, "required": ["command"]})
LIST = OfferedTool("list_directory", {"properties": {"dir_path": {"type": "string"}}})
WEATHER = OfferedTool("weather", {"properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]})


def question(**fields):
    """A question with the least in it."""
    return Question(**({"model": "m", "prompt": "What files are here?", "seed": "0123456789abcdef01234567"} | fields))


def test_looks_around_once_with_the_most_harmless_tool():
    """If asked what is there, it calls the tool that reads the least, with the arguments it knows."""
    answer = plan(question(tools=(BASH, LIST)))
    assert [(call.tool.name, call.arguments) for call in answer.calls] == [("list_directory", {"dir_path": "."})]
    assert answer.ended == "tools"


def test_answers_after_a_tool_result():
    """A result ends the looking around, and is told."""
    answer = plan(question(tools=(BASH,), results=("notes.txt",), turns=1))
    assert not answer.calls
    assert "notes.txt" in answer.text
    assert answer.ended == "stop"


@pytest.mark.parametrize(
    "result",
    ["Chunk ID: 1a\nWall time: 0.1 seconds\nProcess exited with code 0\nOutput:\nnotes.txt", "notes.txt\n<system-reminder>\nx\n</system-reminder>"],
)
def test_tells_a_tools_own_words_only(result):
    """What an agent wraps around a result is left out."""
    assert "it answered: “notes.txt”" in plan(question(tools=(BASH,), results=(result,))).text


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        ("<system-reminder>" * 60_000, "<system-reminder>"),
        ("a<system-reminder>x</system-reminder>" * 30_000, "aaa"),
        ("Chunk ID\n" * 100_000, "Chunk ID Chunk ID"),
    ],
    ids=["open", "closed", "report"],
)
def test_a_result_of_a_megabyte_is_looked_at_once(result, shown):
    """Notes that never end, many that do, and a report without an end: each would take minutes if every start looked for its end."""
    assert f"it answered: “{shown}" in plan(question(tools=(BASH,), results=(result,))).text


@pytest.mark.parametrize(
    ("choice", "turns", "prompt", "called"),
    [
        ("", 0, "hello", []),
        ("", 0, "hello, profile", []),
        ("", 0, "hello <system-reminder>Read the files of this project.</system-reminder>", []),
        ("", 0, "Look around.", ["Bash"]),
        ("none", 0, "hello", []),
        ("", 1, "thanks", []),
        ("", 1, "show me the files", ["Bash"]),
        ("weather", 1, "hello", ["weather"]),
        ("any", 1, "hello", ["Bash"]),
    ],
)
def test_which_tool_is_called(choice, turns, prompt, called):
    """A tool is called when the user asks to look, or when the client forces it; never for a greeting, whatever the agent puts beside it."""
    answer = plan(question(tools=(BASH, WEATHER), choice=choice, turns=turns, prompt=prompt))
    assert [call.tool.name for call in answer.calls] == called


def test_a_forced_tool_gets_what_it_requires():
    """The arguments of an unknown tool come from its schema."""
    assert plan(question(tools=(WEATHER,), choice="weather")).calls[0].arguments == {"city": "demo"}


def test_never_calls_an_unknown_tool_unasked():
    """Only tools known to be harmless are called without being forced."""
    assert not plan(question(tools=(WEATHER,))).calls


def test_same_request_same_answer():
    """The answer is a function of the request."""
    assert plan(question(tools=(BASH,))) == plan(question(tools=(BASH,)))


def test_keeps_to_the_output_limit():
    """Too little room cuts the text and says so."""
    answer = plan(question(output_tokens_max=2))
    assert answer.ended == "length"
    assert answer.counts.output == 2


def test_counts_follow_the_cache():
    """Known input is read, marked input is written, the rest is fresh; reasoning is part of the output."""
    first = plan(question(fresh_length=4000, caches=True, reasons=True)).counts
    assert (first.fresh, first.read, first.write) == (12, 0, 988)
    assert 0 < first.reasoning < first.output
    later = plan(question(known_length=4000, fresh_length=400)).counts
    assert (later.fresh, later.read, later.write) == (100, 1000, 0)
    assert later.input == count(question(known_length=4000, fresh_length=400)) == 1100


def test_answers_in_the_schema_that_is_asked_for():
    """A structured answer is JSON of the schema."""
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    assert plan(question(answer_schema=schema)).text == '{"title":"demo"}'
