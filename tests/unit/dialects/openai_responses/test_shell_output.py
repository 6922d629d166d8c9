"""The output of OpenAI's shell tool as text."""

import json

import msgspec

from headgate.dialects.openai_responses.shell_output import shell_chunks, shell_text


def test_each_command_is_shown_with_its_end():
    """An exit code of 0 needs no words."""
    chunks = [
        {"stdout": "a\n", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}},
        {"stdout": "", "stderr": "bad\n", "outcome": {"type": "exit", "exit_code": 2}},
        {"stdout": "b", "stderr": "", "outcome": {"type": "timeout"}},
    ]
    assert shell_text(msgspec.Raw(json.dumps(chunks).encode())) == "a\nbad\nExit code: 2\nb\nThe command ran out of time."


def test_anything_is_text():
    """Other shapes are read as far as they have one."""
    assert [shell_text(msgspec.Raw(value)) for value in (b'"plain"', b"null", b"[1]", b"{}")] == ["plain", "", "", ""]


def test_a_text_becomes_the_output_of_one_command():
    """And is read back as it was."""
    assert shell_text(msgspec.Raw(msgspec.json.encode(shell_chunks("out", 0)))) == "out"
