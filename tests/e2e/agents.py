"""The real agents from npm: installs pinned versions once into `.tools/agents`, safe to call from several processes.

Run as `python -m tests.e2e.agents [--all]` to install ahead of the tests.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / ".tools" / "agents"


@dataclass(frozen=True)
class Agent:
    """One npm package at one version, and the program in it."""

    name: str
    package: str
    version: str
    program: str

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return TOOLS / f"{self.name}-{self.version}"

    @property
    def path(self) -> Path:
        """The program's file."""
        return self.folder / "node_modules" / self.program


NODE = Agent("node", "node", "22.23.3", "node/bin/node")
CLAUDE_CODE = Agent("claude-code", "@anthropic-ai/claude-code", "2.1.332", ".bin/claude")
CODEX = Agent("codex", "@openai/codex", "0.171.0", ".bin/codex")
GEMINI_CLI = Agent("gemini-cli", "@google/gemini-cli", "0.61.0", ".bin/gemini")
CLAUDE_CODE_OLDER = Agent("claude-code", "@anthropic-ai/claude-code", "2.1.197", ".bin/claude")
CODEX_OLDER = Agent("codex", "@openai/codex", "0.169.0", ".bin/codex")
CODEX_OF_THE_PAGE = Agent("codex", "@openai/codex", "0.133.0", ".bin/codex")
GEMINI_CLI_OF_THE_PAGE = Agent("gemini-cli", "@google/gemini-cli", "0.28.2", ".bin/gemini")

CURRENT = (NODE, CLAUDE_CODE, CODEX, GEMINI_CLI)
OLD = (CLAUDE_CODE_OLDER, CODEX_OLDER, CODEX_OF_THE_PAGE, GEMINI_CLI_OF_THE_PAGE)


def install(agent: Agent) -> Path:
    """The program's path, after installing it if it is not there. Waits for another process that installs the same one."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    with open(TOOLS / f"{agent.folder.name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not agent.path.exists():
            _install(agent)
    return agent.path


def node_folder() -> str:
    """The folder of Node 22's program, for PATH."""
    return str(install(NODE).parent)


def _install(agent: Agent) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is needed to install the agents")
    under = agent.folder.with_name(f"{agent.folder.name}.part")  # renamed when whole, so that a killed install never looks finished
    shutil.rmtree(under, ignore_errors=True)
    shutil.rmtree(agent.folder, ignore_errors=True)
    # Claude Code's package installs an older version under an older Node, so npm itself runs on Node 22.
    path = os.environ["PATH"] if agent is NODE else f"{node_folder()}:{os.environ['PATH']}"
    command = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(under), f"{agent.package}@{agent.version}"]
    subprocess.run(command, check=True, env={**os.environ, "PATH": path}, timeout=300, stdin=subprocess.DEVNULL)
    under.rename(agent.folder)


if __name__ == "__main__":
    for wanted in (*CURRENT, *(OLD if "--all" in sys.argv[1:] else ())):
        print(f"{wanted.package} {wanted.version}: {install(wanted)}")
