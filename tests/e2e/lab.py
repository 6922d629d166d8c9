"""A gateway as a process of its own, before a scripted provider: how end-to-end tests start it, ask it, read its books and end it."""

import contextlib
import json
import operator
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headgate.storage.query.usage import read_usage
from headgate.storage.rows.rates import lazy_rates
from tests.e2e import headless
from tests.e2e.forked_commands import command_folder
from tests.e2e.headless import Desk, Door, Result
from tests.fakes.checks import Expected
from tests.fakes.provider import Provider
from tests.fakes.tested import TESTED

KEY = "lab-key-5f0c3a9e71"
USER = "ada@example.com"
CLAUDE, GPT, GEMINI = "databricks-claude-opus-4-6", "databricks-gpt-5-2", "databricks-gemini-2-5-flash"
SENT = {CLAUDE: "claude-opus-4-6", GPT: "gpt-5.2", GEMINI: "gemini-2.5-flash"}
ROOT = Path(__file__).resolve().parents[2]

ALONE = """
[discovery]
environment = false
ollama = false
"""
CONFIG = """
[[providers]]
name = "lab-anthropic"
dialect = "anthropic"
base_url = "{url}"
api_key = "env:LAB_KEY"

[[providers]]
name = "lab-openai"
dialect = "openai"
base_url = "{openai_url}"
api_key = "env:LAB_KEY"

[[providers]]
name = "lab-gemini"
dialect = "gemini"
base_url = "{url}"
api_key = "env:LAB_KEY"

[[endpoints]]
name = "databricks-claude-opus-4-6"
targets = [{{ provider = "lab-anthropic", model = "claude-opus-4-6" }}]

[[endpoints]]
name = "databricks-gpt-5-2"
targets = [{{ provider = "lab-openai", model = "gpt-5.2" }}]

[[endpoints]]
name = "databricks-gemini-2-5-flash"
targets = [{{ provider = "lab-gemini", model = "gemini-2.5-flash" }}]
"""

# What a developer's machine has set once it is configured for the gateway: the gateway itself must never read it.
POINTING_AT_US = {
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9/loop",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/loop",
    "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9/loop",
}


def lab_provider() -> Provider:
    """A scripted provider that insists on its own key and on the models it knows."""
    return Provider(Expected(key=KEY, models=set(SENT.values())))


def free_port() -> int:
    """A port that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def headgate(*arguments: str, timeout_s: float = 120.0, variables: Mapping[str, str] | None = None) -> str:
    """Run a command of Headgate and return what it printed."""
    environ = environment() | dict(variables or {})
    done = subprocess.run(
        [str(command_folder() / "headgate"), *arguments], capture_output=True, text=True, timeout=timeout_s, env=environ, check=False, cwd=ROOT
    )
    if done.returncode != 0:
        raise AssertionError(f"headgate {arguments[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def environment() -> dict[str, str]:
    """The gateway's environment: nothing of the machine's agents or providers."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    ours = {"PYTHONPATH": TESTED, "LAB_KEY": KEY, "HEADGATE_DEMO_FILL": "false", "HEADGATE_SQL_KEEP_READY": "false"}
    return {**kept, **ours, "NO_COLOR": "1", "PYTHONWARNINGS": "default", **POINTING_AT_US}


@dataclass
class Gateway:
    """`headgate up` on a data folder of its own. It can be ended in every way and started again on the same data and port."""

    folder: Path
    config: str
    port: int = field(default_factory=free_port)
    token: str = ""
    token_id: str = ""
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    terminal: bool = False  # whether its output is a terminal
    files_max: int = 0  # how many files its processes may open; 0: as many as the system lets them

    @property
    def data(self) -> str:
        """The data folder."""
        return str(self.folder / "data")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it printed so far."""
        file = self.folder / "gateway.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def door(self, model: str) -> Door:
        """How an agent reaches it."""
        return Door(self.url, self.token, model)

    def create_token(self, name: str = "laptop", user: str = USER) -> tuple[str, str]:
        """A token for a user, and its id."""
        made = json.loads(headgate("token", "create", name, "--user", user, "--json", "--data", self.data))
        return made["token"], made["token_id"]

    def start(self, timeout_s: float = 90.0) -> None:
        """Start it and wait until it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "headgate.toml"
        config.write_text(self.config, encoding="utf-8")
        command = [sys.executable, "-m", "headgate", "up", "--data", self.data, "--config", str(config), "--port", str(self.port), *self.arguments]
        if self.files_max:
            command = ["sh", "-c", f'ulimit -n {self.files_max}; exec "$@"', "sh", *command]
        output = self._output()
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment() | dict(self.variables),
                start_new_session=True,
                cwd=ROOT,
            )
        finally:
            os.close(output)
        deadline = time.monotonic() + timeout_s
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"headgate up is not ready (exit {self.process.poll()}):\n{self.log[-4000:]}")
            time.sleep(0.05)
        if not self.token:
            self.token, self.token_id = self.create_token()

    def _output(self) -> int:
        """Where it prints: the log, or a terminal that is copied into the log. The caller closes it."""
        log = os.open(self.folder / "gateway.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if not self.terminal:
            return log
        screen, terminal = os.openpty()
        threading.Thread(target=_copy, args=(screen, log), daemon=True).start()
        return terminal

    def is_ready(self) -> bool:
        """Whether `/readyz` says so."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, timeout_s: float = 60.0) -> int:
        """End it with SIGTERM and wait."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout_s)
        finally:
            self.kill_all()

    def kill_all(self) -> None:
        """`kill -9` for all its processes at once."""
        if self.process is not None:
            for pid in [self.process.pid, *descendants(self.process.pid)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def serving_pid(self) -> int:
        """The process that holds the agents' connections: the child whose command line says so."""
        assert self.process is not None
        for pid in descendants(self.process.pid):
            if b"serving" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        raise AssertionError("no serving process")

    def rows(self, count: int = 0, timeout_s: float = 90.0) -> list[dict[str, Any]]:
        """The usage rows in order of arrival, once there are at least `count`: what `headgate usage --rows --json` prints, without the start of a process."""
        deadline, pause_s = time.monotonic() + timeout_s, 0.02
        while True:
            found: list[dict[str, Any]] = json.loads(json.dumps(read_usage(self.data, lazy_rates(self.data)).rows()))
            if len(found) >= count or time.monotonic() > deadline:
                return sorted(found, key=operator.itemgetter("event_time", "request_id"))
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, 0.25)


def say_hello(agent: str, desk: Desk, gateway: Gateway) -> Result:
    """What an agent (`claude-code`, `codex` or `gemini-cli`) makes of a short question."""
    question = "Say hello."
    if agent == "claude-code":
        return headless.claude_code(desk, gateway.door(CLAUDE), question, timeout_s=60)
    if agent == "codex":
        return headless.codex(desk, gateway.door(GPT), prompt=question, timeout_s=60)
    return headless.gemini_cli(desk, gateway.door(GEMINI), prompt=question, timeout_s=60)


def until(look: Callable[[], object], wanted: object = True, within_s: float = 90.0) -> None:
    """Look again until that is what there is. The bound is for a machine that is busy with other work."""
    deadline, pause_s = time.monotonic() + within_s, 0.02
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"still {seen}"
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 0.25)


@contextlib.contextmanager
def running(
    folder: Path, provider: Provider | None, extra: str = "", arguments: tuple[str, ...] = (), variables: Mapping[str, str] | None = None
) -> Generator[Gateway]:
    """A gateway before the provider (or none), ended afterwards. Its token is a secret that the provider must never see."""
    written = CONFIG.format(url=provider.url, openai_url=provider.openai_url) if provider else ""
    gateway = Gateway(folder, extra + ALONE + written, arguments=arguments, variables=variables or {})
    try:
        gateway.start()
        if provider:
            provider.expected.canaries.add(gateway.token)
        yield gateway
    finally:
        gateway.kill_all()
    secrets_left = [secret[:8] for secret in (KEY, gateway.token) if secret in gateway.log]
    assert not secrets_left, f"the gateway printed {secrets_left}"
    assert "Traceback" not in gateway.log, gateway.log[-4000:]


def _copy(source: int, target: int) -> None:
    """Copy what a terminal shows until nobody writes to it any more."""
    with contextlib.suppress(OSError):
        while data := os.read(source, 65536):
            os.write(target, data)
    os.close(source)
    os.close(target)


def descendants(pid: int) -> list[int]:
    """The processes below one, found in /proc."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    left = [pid]
    while left:
        children = parents.get(left.pop(), [])
        found += children
        left += children
    return found
