"""The scripts that set up agents where Headgate is not installed, run by every shell that is here."""

import json
import os
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

from headgate.agents.registry import AGENTS
from headgate.core.errors import BadRequest
from headgate.web.ui.setup_scripts import checked, powershell_script, setup_text, shell_script

URL, TOKEN = "http://gate.example:8484", "hg_canary-1.x"
SHELLS = [shell for shell in (["dash"], ["bash", "--posix"], ["busybox", "sh"], ["sh"]) if shutil.which(shell[0])]
OLD = {
    ".claude/settings.json": '{"model": "opus", "env": {"A": "1", "ANTHROPIC_MODEL": "old"}}',
    ".gemini/.env": "# mine\nexport GEMINI_MODEL='old'\nGOOGLE_CLOUD_PROJECT=p\n",
    ".gemini/settings.json": '\ufeff{"security": {"auth": {"selectedType": "oauth-personal", "x": 1}}}',
    ".codex/config.toml": 'model = "o3"\n',
}


def run(shell: list[str], home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script as a user would run it: piped into a shell, with no terminal."""
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], **variables}
    command = [*shell, "-s", "--", *arguments]
    return subprocess.run(command, input=shell_script(URL), text=True, capture_output=True, env=environ, check=False, start_new_session=True)


def contents(home: Path) -> dict[str, tuple[bytes, int]]:
    """Each file below a home with its mode."""
    return {str(each.relative_to(home)): (each.read_bytes(), stat.S_IMODE(each.stat().st_mode)) for each in home.rglob("*") if each.is_file()}


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_files_that_exist_are_merged_and_come_back(shell, tmp_path):
    """Other settings stay, files become private, no token is printed; `--undo` gives every byte and mode back."""
    for name, text in OLD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = contents(tmp_path)
    for _ in range(2):
        done = run(shell, tmp_path, "claude", "codex", "gemini", HEADGATE_TOKEN=TOKEN)
        assert done.returncode == 0, done.stderr
        assert TOKEN not in done.stdout + done.stderr
        claude = json.loads((tmp_path / ".claude/settings.json").read_text(encoding="utf-8"))
        assert claude["model"] == "opus"
        assert claude["env"] == {
            "A": "1",
            "ANTHROPIC_MODEL": "claude-opus-4-6",
            "ANTHROPIC_BASE_URL": f"{URL}/anthropic",
            "ANTHROPIC_AUTH_TOKEN": TOKEN,
        }
        gemini = (tmp_path / ".gemini/.env").read_text(encoding="utf-8").splitlines()
        assert gemini[:2] == ["# mine", "GOOGLE_CLOUD_PROJECT=p"]
        assert sorted(gemini[2:]) == sorted([
            "GEMINI_MODEL=gemini-2.5-flash",
            f"GOOGLE_GEMINI_BASE_URL={URL}/gemini",
            "GEMINI_API_KEY_AUTH_MECHANISM=bearer",
            f"GEMINI_API_KEY={TOKEN}",
        ])
        auth = json.loads((tmp_path / ".gemini/settings.json").read_text(encoding="utf-8"))["security"]["auth"]
        assert auth == {"selectedType": "gemini-api-key", "x": 1}
        profile = tomllib.loads((tmp_path / ".codex/headgate.config.toml").read_text(encoding="utf-8"))
        assert profile["model_providers"]["headgate"]["experimental_bearer_token"] == TOKEN
        assert (tmp_path / ".claude/settings.json").stat().st_mode & 0o077 == 0
    assert run(shell, tmp_path, "--undo").returncode == 0
    assert contents(tmp_path) == before


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_new_files(shell, tmp_path):
    """All agents on an empty home, and none of it left afterwards."""
    words = [agent.word for agent in AGENTS if agent.word not in {"cursor", "copilot"}]
    done = run(shell, tmp_path, *words, HEADGATE_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    found = contents(tmp_path)
    assert {mode for _, mode in found.values()} == {0o600}
    assert sum(TOKEN.encode() in content for content, _ in found.values()) == len(words)
    assert b"<token>" not in b"".join(content for content, _ in found.values())
    run(shell, tmp_path, "--undo")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["claude"], {}, "Set HEADGATE_TOKEN to your token"),
        (["claude"], {"HEADGATE_TOKEN": "a b"}, "That is no token"),
        (["aider"], {"HEADGATE_TOKEN": TOKEN}, "aider is no agent that this script connects"),
    ],
)
def test_refusals(shell, arguments, variables, said, tmp_path):
    """Each in a sentence, and nothing is written."""
    done = run(shell, tmp_path, *arguments, **variables)
    assert done.returncode != 0
    assert said in done.stderr
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_json_with_comments_is_left_alone(shell, tmp_path):
    """A shell cannot keep them; the text says where to look."""
    path = tmp_path / ".gemini" / "settings.json"
    path.parent.mkdir()
    path.write_text('{ // mine\n"a": 1}', encoding="utf-8")
    done = run(shell, tmp_path, "gemini", HEADGATE_TOKEN=TOKEN)
    assert done.returncode != 0
    assert f"{URL}/setup.md by hand" in done.stderr
    assert path.read_text(encoding="utf-8") == '{ // mine\n"a": 1}'


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing(tmp_path):
    """Not even a style remark."""
    script = tmp_path / "connect.sh"
    script.write_text(shell_script(URL), encoding="utf-8")
    done = subprocess.run(["shellcheck", "-s", "sh", "-S", "style", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_script_for_powershell_holds_every_file():
    """Its data can be read, and names each agent that has files."""
    script = powershell_script(URL)
    described = json.loads(script.partition("@'\n")[2].partition("\n'@")[0])
    assert {each["agent"] for each in described} == {"claude", "codex", "gemini", "opencode", "qwen", "pi"}
    assert all(each["place"].startswith("~/") and each["text"] for each in described)
    assert "hg_" not in script


@pytest.mark.parametrize("agent", AGENTS, ids=[agent.word for agent in AGENTS])
def test_instructions_for_an_agent(agent):
    """One agent's alone, with the command of Headgate first and no token."""
    text = setup_text(URL, agent.word)
    assert f"headgate connect {agent.word} --url {URL}" in text
    assert f"## {agent.name}" in text
    assert text.count("\n## ") == 2
    assert agent.name in setup_text(URL, "")
    with pytest.raises(BadRequest, match="is no agent"):
        setup_text(URL, "aider")


@pytest.mark.parametrize("url", ["http://a b", "http://a'b", "http://a$(x)", "http://a`x`", 'http://a"b', "http://a;b", "ftp://a"])
def test_an_address_that_a_shell_would_act_on(url):
    """It is never written into a script."""
    for make in (checked, shell_script, powershell_script):
        with pytest.raises(BadRequest, match=r"server.public_url"):
            make(url)
