"""Runs a real agent headless: a home of its own, the documented configuration in it, no outside host asked, nothing left running afterwards."""

import contextlib
import json
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.agents import CLAUDE_CODE, CODEX, GEMINI_CLI, Agent, install, node_folder
from tests.e2e.documented import filled
from tests.fakes.tasks import NOTE, PROMPT


@dataclass(frozen=True)
class Door:
    """What an agent is told about where it may ask: the address before `/anthropic` and its like, the token, the model's name."""

    url: str
    token: str
    model: str


@dataclass(frozen=True)
class Result:
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All that a person would have seen."""
        return f"{self.out}\n{self.err}"


@dataclass
class Desk:
    """A folder with a home and a work folder for one run."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in (self.home, self.work, self.root / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        (self.work / "notes.txt").write_text(NOTE, encoding="utf-8")

    @property
    def home(self) -> Path:
        """HOME of the run."""
        return self.root / "home"

    @property
    def work(self) -> Path:
        """The folder the agent works in."""
        return self.root / "work"

    def write(self, path: str, text: str) -> None:
        """A file below HOME."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, agent: Agent, *arguments: str, timeout_s: float = 90.0) -> Result:
        """Run the agent to its end. On time-out what it said so far is kept and the code is -1. Its process group is ended in any case."""
        environment = {
            "PATH": f"{node_folder()}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "TMPDIR": str(self.root / "tmp"),
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "NO_COLOR": "1",
            **self.variables,
        }
        process = subprocess.Popen(
            [str(install(agent)), *arguments],
            cwd=self.work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=timeout_s)
            code = process.returncode
        except subprocess.TimeoutExpired:
            end_group(process.pid, signal.SIGINT)
            try:
                out, err = process.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                end_group(process.pid, signal.SIGKILL)
                out, err = process.communicate()
            code = -1
        finally:
            end_group(process.pid, signal.SIGKILL)
        return Result(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def end_group(group: int, how: signal.Signals) -> None:
    """Signal a process group that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, how)


def claude_code(
    desk: Desk, door: Door, prompt: str = PROMPT, timeout_s: float = 90.0, settings: str = "", agent: Agent = CLAUDE_CODE, **variables: str
) -> Result:
    """Claude Code with the documented `settings.json`, or another one; the variables only keep it from asking outside hosts."""
    desk.write(".claude/settings.json", settings or filled("claude-code", door.url, door.token, door.model))
    desk.variables = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "IS_SANDBOX": "1"} | variables
    arguments = ("-p", prompt, "--permission-mode", "acceptEdits", "--allowedTools", "Read,Write,Bash")
    return desk.run(agent, *arguments, timeout_s=timeout_s)


QUIET_CODEX = """
[analytics]
enabled = false

[features]
plugins = false
apps = false
"""


def codex(desk: Desk, door: Door, form: str = "top", agent: Agent = CODEX, prompt: str = PROMPT, timeout_s: float = 90.0, extra: str = "") -> Result:
    """Codex with its configuration in one of four forms, `extra` at the end of it.

    `page` is the integration page's own (`profile` in one file, up to 0.133); `top` has the two keys at the top level, which every version takes;
    `split` is what current versions make of the page's: the two keys in `default.config.toml`, asked for by `--profile default`; `catalog` is `top` with
    our list of models as its catalogue.
    """
    page, top, head, catalogue = (
        filled(name, door.url, door.token, door.model) for name in ("codex-page", "codex", "codex-profile", "codex-catalogue")
    )
    files = {
        "page": {"config.toml": f"{page}{QUIET_CODEX}"},
        "top": {"config.toml": f"{top}{QUIET_CODEX}{extra}"},
        "catalog": {"config.toml": f"{top}{catalogue}{QUIET_CODEX}"},
        "split": {"config.toml": f"{top.removeprefix(head)}{QUIET_CODEX}", "default.config.toml": head},
    }[form]
    for name, text in files.items():
        desk.write(f".codex/{name}", text)
    variable, _, token = filled("codex-token", door.url, door.token).removeprefix("export ").strip().partition("=")
    desk.variables = {"CODEX_HOME": str(desk.home / ".codex"), variable: token}
    profile = ("--profile", "default") if form == "split" else ()
    arguments = ("exec", *profile, "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", prompt)
    return desk.run(agent, *arguments, timeout_s=timeout_s)


# Beside what is documented, what keeps it from asking outside hosts.
QUIET_GEMINI = {"privacy": {"usageStatisticsEnabled": False}, "general": {"disableAutoUpdate": True, "disableUpdateNag": True}}


def gemini_cli(
    desk: Desk,
    door: Door,
    agent: Agent = GEMINI_CLI,
    prompt: str = PROMPT,
    timeout_s: float = 90.0,
    settings: dict[str, Any] | None = None,
    extra_env: str = "",
) -> Result:
    """Gemini CLI with the documented `.env`; the current version needs the settings beside it, the page's version does without.

    `settings` and `extra_env` are laid over them.
    """
    desk.write(".gemini/.env", filled("gemini-env", door.url, door.token, door.model) + extra_env)
    if agent is GEMINI_CLI or settings:
        documented = json.loads(filled("gemini-settings", door.url, door.token)) if agent is GEMINI_CLI else {}
        desk.write(".gemini/settings.json", json.dumps(documented | QUIET_GEMINI | (settings or {})))
    return desk.run(agent, "-p", prompt, "--approval-mode", "yolo", timeout_s=timeout_s)
