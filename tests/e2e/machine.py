"""A machine of its own on which the documentation is typed as it is printed: a home, a gateway, an agent that only says where it would ask, an empty folder."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.asking import ANTHROPIC, Asking
from tests.e2e.documented import HOST, TOKEN, Block, blocks
from tests.e2e.forked_commands import command_folder
from tests.e2e.lab import ALONE, Gateway, environment

_COMMANDS = ("headgate", "curl", "HEADGATE_TOKEN=")


class HomeGateway(Gateway):
    """A gateway whose data lies where it lies by default: below the home of whoever runs it."""

    @property
    def home(self) -> Path:
        """The home that commands run in."""
        return self.folder / "home"

    @property
    def data(self) -> str:
        """The default data directory of that home."""
        return str(self.home / ".local" / "share" / "headgate")


@dataclass
class Machine:
    """A home with a running demo gateway, and an empty folder to type commands in."""

    gateway: HomeGateway
    work: Path

    def run(self, command: list[str], timeout_s: float = 180.0, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            command, cwd=self.work, env=self._environment(variables), capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def start(self, command: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command that goes on."""
        return subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.work,
            env=self._environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def filled(self, text: str) -> str:
        """A documented text with this gateway's address and token in it."""
        return text.replace(HOST, self.gateway.url).replace(TOKEN, self.gateway.token)

    def ask(self, gateway: Gateway | None = None) -> None:
        """One exchange."""
        asked = gateway or self.gateway
        with Asking(asked.url, asked.token, ANTHROPIC.path(stream=False), ANTHROPIC.body(stream=False)) as asking:
            assert asking.status == 200
            asking.rest()

    def wait_for_the_table(self) -> None:
        """Until the flusher has carried everything that was asked."""
        log = Path(self.gateway.data) / "warehouse" / "system" / "ai_gateway" / "usage" / "_delta_log" / "00000000000000000001.json"
        deadline = time.monotonic() + 90
        while not log.exists():
            assert time.monotonic() < deadline, self.gateway.log[-2000:]
            time.sleep(0.1)

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        path = f"{command_folder()}:{self.work.parent / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        ours = {"PATH": path, "HOME": str(self.gateway.home), "PYTHONWARNINGS": "ignore"}
        return {**environment(), **ours, **variables}


@contextlib.contextmanager
def machine(folder: Path, config: str = "") -> Generator[Machine]:
    """A machine with a demo gateway, ended afterwards."""
    gateway = HomeGateway(folder, ALONE + config, arguments=("--demo",))
    work = folder / "work"
    work.mkdir(parents=True)
    agent = folder / "bin" / "claude"  # for the commands that find and start agents
    agent.parent.mkdir()
    agent.write_text('#!/bin/sh\necho "2.1.332 $ANTHROPIC_BASE_URL"\n', encoding="utf-8")
    agent.chmod(0o755)
    gateway.token = "-"
    try:
        gateway.start()
        gateway.token, gateway.token_id = gateway.create_token("the documentation")
        yield Machine(gateway, work)
    finally:
        gateway.kill_all()


def commands(page: str) -> list[tuple[Block, str]]:
    """Each command of a page, in order, with the block it stands in. A block of SQL is a file that is run; one with a name is run by the page itself."""
    found = []
    for each in blocks(page):
        if each.language == "sql" and not each.name:
            found.append((each, f"headgate sql -f {_script(each)}"))
        if each.language == "sh" and each.text.startswith(_COMMANDS):
            lines = each.text.replace("\\\n", " ").splitlines()
            assert all(line.startswith(_COMMANDS) for line in lines), each
            found += [(each, line) for line in lines]
    return found


def _script(each: Block) -> str:
    """The file that a block of SQL is, for those who type the page's commands."""
    return f"{each.name or f'line-{each.line}'}.sql"


def write_scripts(page: str, folder: Path) -> None:
    """Every block of SQL of a page as a file."""
    for each in blocks(page):
        if each.language == "sql":
            (folder / _script(each)).write_text(each.text, encoding="utf-8")


def type_commands(page: str, folder: Path) -> None:
    """Each command of a page succeeds, in the order of the page, on a machine of its own."""
    with machine(folder) as ready:
        type_page(ready, page)


def type_page(ready: Machine, page: str) -> None:
    """Each command of a page succeeds, in the order of the page, with something in the tables."""
    ready.ask()
    ready.wait_for_the_table()
    write_scripts(page, ready.work)
    for where, command in commands(page):
        typed = ready.filled(command)
        if typed.startswith("headgate up"):
            check_start(ready, typed, where)
            continue
        done = ready.run(["bash", "-c", re.sub(r"^curl ", "curl --fail-with-body ", typed)])
        assert done.returncode == 0, f"{where}: {command}\n{done.stdout}\n{done.stderr}"
        assert done.stdout or done.stderr, f"{where}: {command}"


def check_start(ready: Machine, command: str, where: Block) -> None:
    """`headgate up` starts, says so, and ends well. It gets a port and a directory of its own."""
    process = ready.start(f"{command.partition('#')[0]} --port 0", HEADGATE_DATA=str(ready.work / "another"))
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "What is there" in line:
                break
        assert "listening" in "".join(said), f"{where}: {command}\n{''.join(said)}"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
