"""The plain blocks of the page on agents, pasted as they are, against the demo: each agent answers at the first try, and nothing is asked or warned of."""

import pytest

from tests.e2e import headless
from tests.e2e.agents import CLAUDE_CODE, CODEX, GEMINI_CLI
from tests.e2e.documented import HOST, TOKEN, block
from tests.e2e.lab import running

PROMPT = "Say hello."
ANSWER = "This is Headgate's demo provider speaking"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A gateway with nothing but the demo provider."""
    with running(tmp_path_factory.mktemp("demo"), None, arguments=("--demo",)) as gateway:
        yield gateway


def pasted(name, gateway):
    """A block of the page with the address and the token of the gateway."""
    return block(name).text.replace(HOST, gateway.url).replace(TOKEN, gateway.token)


@pytest.mark.slow
def test_claude_code(demo, desk):
    """The settings file alone."""
    desk.write(".claude/settings.json", pasted("connect-claude", demo))
    desk.variables = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "IS_SANDBOX": "1"}
    result = desk.run(CLAUDE_CODE, "-p", PROMPT)
    assert (result.code, ANSWER in result.out) == (0, True), result.text


@pytest.mark.slow
@pytest.mark.parametrize("model", ["gpt-5.2", "databricks-gpt-5-2"])
def test_codex(demo, desk, model):
    """The catalogue knows the plain name, and the one of Databricks' page: there is no warning."""
    desk.write(".codex/config.toml", pasted("connect-codex", demo).replace('"gpt-5.2"', f'"{model}"') + headless.QUIET_CODEX)
    desk.variables = {"CODEX_HOME": str(desk.home / ".codex")}
    result = desk.run(CODEX, "exec", "--skip-git-repo-check", PROMPT)
    assert (result.code, ANSWER in result.out) == (0, True), result.text
    assert "Model metadata" not in result.err


@pytest.mark.slow
def test_gemini_cli(demo, desk):
    """With the folder trusted for this one run."""
    desk.write(".gemini/.env", pasted("connect-gemini", demo))
    desk.write(".gemini/settings.json", pasted("connect-gemini-2", demo))
    desk.variables = {"GEMINI_CLI_TRUST_WORKSPACE": "true"}
    result = desk.run(GEMINI_CLI, "-p", PROMPT)
    assert (result.code, ANSWER in result.out) == (0, True), result.text
