"""What keeps an agent from using its connection."""

import msgspec
import pytest

from headgate.agents.traps import Machine, traps

MACHINE = Machine(version=(), variables={}, own={}, managed={}, model="gemini-2.5-flash", token="hg_mine", url="http://gate")


@pytest.mark.parametrize(
    ("word", "change", "problem", "fix"),
    [
        ("claude", {"variables": {"ANTHROPIC_API_KEY": "sk-1"}}, "ANTHROPIC_API_KEY is set in this shell", "unset ANTHROPIC_API_KEY"),
        ("claude", {"variables": {"CLAUDE_CODE_USE_BEDROCK": "1"}}, "sends Claude Code to another cloud", "unset CLAUDE_CODE_USE_BEDROCK"),
        ("claude", {"own": {"~/s": {"apiKeyHelper": "x"}}}, "apiKeyHelper in ~/s hides the token", "remove apiKeyHelper"),
        ("claude", {"managed": {"/etc/m": {"env": {"ANTHROPIC_BASE_URL": "x"}}}}, "/etc/m is managed and wins", "--scope managed"),
        ("claude", {"own": {"~/s": {"env": {"ANTHROPIC_BASE_URL": "x"}}}, "launched": True}, "wins over the environment", "headgate connect claude"),
        ("codex", {"own": {"~/c": {"profile": "x"}}}, "ends Codex 0.134 and later", "remove that line"),
        ("codex", {"own": {"~/c": {"profile": "x"}}, "version": (0, 133, 0)}, "may choose another provider", "remove that line"),
        ("codex", {"managed": {"/etc/c": {"model": "x"}}}, "/etc/c is managed: it sets model", "administrator"),
        (
            "gemini",
            {"variables": {"GEMINI_API_KEY": "AIza", "GOOGLE_API_KEY": "AIzb"}},
            "wins over ~/.gemini/.env",
            "unset GEMINI_API_KEY GOOGLE_API_KEY",
        ),
        ("gemini", {"managed": {"/etc/g": {"security": {"auth": {"selectedType": "vertex-ai"}}}}}, "another way to sign in", "administrator"),
        ("gemini", {"model": "house"}, "asks for Gemini's own models beside house", "gemini-*"),
        ("qwen", {"variables": {"OPENAI_API_KEY": "sk-1"}}, "wins over the file", "unset OPENAI_API_KEY"),
    ],
)
def test_each_is_named_with_its_fix(word, change, problem, fix):
    """And no value of a variable is in it."""
    (found,) = traps(word, msgspec.structs.replace(MACHINE, **change))
    assert problem in found.problem
    assert fix in found.fix
    assert "sk-1" not in found.problem + found.fix


@pytest.mark.parametrize("word", ["claude", "codex", "gemini", "qwen", "pi", "cursor"])
def test_nothing_is_in_the_way(word):
    """On a plain machine, or where a variable holds the same token."""
    variables = {"GEMINI_API_KEY": "hg_mine", "OPENAI_API_KEY": "hg_mine", "ANTHROPIC_API_KEY": "hg_mine"}
    own = {"~/s": {"env": {"ANTHROPIC_BASE_URL": "http://gate/anthropic"}}}
    assert traps(word, msgspec.structs.replace(MACHINE, variables=variables, own=own)) == []
    assert traps(word, msgspec.structs.replace(MACHINE, version=(0, 44, 0), model="house")) == []


def test_headgates_own_helper_is_in_nothings_way():
    """It gives Claude Code a token of the same user."""
    machine = Machine(
        version=(), variables={}, own={"~/s": {"apiKeyHelper": "/bin/headgate token get"}}, managed={}, model="m", token="t", url="http://h"
    )
    assert traps("claude", machine) == []
