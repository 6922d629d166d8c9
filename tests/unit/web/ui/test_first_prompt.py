"""The title of a session."""

import pytest

from headgate.dialects.transcript import Transcript, said
from headgate.web.ui.first_prompt import TITLE_MAX, first_prompt


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (["fix  the\nlogin"], "fix the login"),
        (["<system-reminder>As you work</system-reminder>", "fix it"], "fix it"),
        (["<system-reminder>a</system-reminder>fix it"], "fix it"),
        (["<environment_context><cwd>/x</cwd></environment_context>", "# AGENTS.md instructions for /x", "fix it"], "fix it"),
        (["This is the Gemini CLI. We are setting up the context for our chat.", "fix it"], "fix it"),
        (["<user_query>fix it</user_query>"], "fix it"),
        (["<script>alert(1)</script>"], "<script>alert(1)</script>"),
        (["<system-reminder>never closed"], ""),
        ([], ""),
        (["x" * 500], "x" * (TITLE_MAX - 1) + "…"),
    ],
)
def test_the_first_thing_a_person_asked(texts, title):
    """Without what the agent puts around it, in one line."""
    assert first_prompt(Transcript(parts=tuple(said("user", "text", text) for text in texts))) == title


def test_only_users_have_prompts():
    """System prompts, answers and results are none."""
    parts = (said("system", "text", "s"), said("assistant", "text", "a"), said("user", "result", "r"))
    assert not first_prompt(Transcript(parts=parts))
