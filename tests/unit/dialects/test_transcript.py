"""What every dialect's transcript shares: bounded text, calls with their arguments, names of tools, and no exception whatever comes."""

import pytest

from headgate.dialects.registry import CLIENTS, TRANSCRIPTS
from headgate.dialects.transcript import CHARS_MAX, PARTS_MAX, bounded, called, failure, json_text, names_of, said, texts

DEEP: object = None
for _ in range(400):
    DEEP = {"content": [DEEP], "type": "x"}

ODD = [
    None,
    0,
    "text",
    [],
    [None, 1, "a", {}],
    {},
    DEEP,
    {"messages": "hello", "system": 4, "tools": "none", "input": 3.5, "contents": {"parts": "x"}, "output": None, "choices": {}, "candidates": "y"},
    {
        "messages": [
            None,
            "a",
            {"role": ["user"], "content": 3},
            {"role": "user", "content": [None, 4, "b", {"type": 7}, {"type": "tool_result", "content": DEEP}]},
        ]
    },
    {"messages": [{"role": "assistant", "tool_calls": [None, {"function": "f"}, {"id": 3, "function": {"name": {}, "arguments": "{"}}]}]},
    {"input": [None, 1, {"type": "message", "content": [None, {"type": "input_text", "text": 4}]}, {"type": "function_call", "arguments": []}, DEEP]},
    {"contents": [None, {"parts": [None, 3, {"functionCall": "x"}, {"functionResponse": {"response": DEEP}}, {"text": 4}]}]},
    {"content": [{"type": "text"}, {"type": "tool_use", "input": DEEP}, None]},
    {"choices": [{"message": {"content": [DEEP], "tool_calls": [DEEP]}}], "error": ["odd"]},
    {"output": [{"type": "reasoning", "summary": DEEP}, {"type": "web_search_call", "action": DEEP}], "error": {"message": 3}},
    {"candidates": [{"content": {"parts": [{"codeExecutionResult": {}}, DEEP]}}]},
]


@pytest.mark.parametrize("dialect", list(TRANSCRIPTS))
@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
def test_odd_bodies_raise_nothing(dialect, body):
    """Requests and answers of any shape; every text is a text."""
    reader = TRANSCRIPTS[dialect]
    parts = (*reader.request(body).parts, *reader.answer(body))
    assert all(isinstance(part.text, str) and isinstance(part.name, str) for part in parts)


def test_every_dialect_of_clients_is_read():
    """A logged body is in the format of its client."""
    assert set(TRANSCRIPTS) == set(CLIENTS)


def test_text_is_bounded_and_printable():
    """What is cut is counted; characters that would control a reader are written out, line ends and tabs stay."""
    assert said("user", "text", "x" * (CHARS_MAX + 7)).cut == 7
    assert said("user", "text", "a\tb\r\nc\x1b[31m\u2028\u202e").text == "a\tb\nc\\x1b[31m\\u2028\\u202e"
    assert said("user", "text", "", name="n" * 999 + "\n").name == "n" * 200
    assert len(bounded(said("user", "text", "") for _ in range(PARTS_MAX + 5))) == PARTS_MAX


def test_arguments_are_read_where_they_are_json():
    """A text of JSON, a value, or a text that is none; half of one stays a text."""
    assert called("Edit", "c1", '{"a": [1]}').given == {"a": [1]}
    assert called("Edit", "c1", {"a": 1}).text == '{\n  "a": 1\n}'
    assert (called("patch", "c1", "*** Begin").text, called("patch", "c1", '{"a":').given) == ("*** Begin", None)
    assert not called("none", "", None).text


def test_results_and_names():
    """A result is a text or blocks of them; a tool has its name at the top or in its function."""
    assert texts([{"type": "text", "text": "a"}, {"type": "image"}, "b", {"output": "c"}]) == "a\n[image]\nb\nc"
    assert names_of([{"name": "Read"}, {"function": {"name": "f"}}, {"custom": {"name": "g"}}, {"type": "web_search"}, {"name": "Read"}]) == (
        "Read",
        "f",
        "g",
        "web_search",
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [({"type": "overloaded_error", "message": "Try later"}, "Try later"), ("plain", "plain"), (None, ""), ({}, ""), ({"code": 5}, "5")],
)
def test_errors(error, words):
    """An error is a part of the answer; none where there is none."""
    found = failure(error)
    assert bool(found) is bool(words)
    assert words in "".join(part.text for part in found)


def test_what_is_no_json_value_is_nothing():
    """It raises nothing."""
    assert not json_text(object())
