"""The gateways that are measured: how each is installed and started before the same provider. One that cannot be had is left out by name."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from filecmp import cmp
from functools import cache, partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools" / "bench"
COMPILED = ROOT / ".compiled" / "venv"
TOKEN = "bench-token-0123456789"


@dataclass
class Peer:
    """A started gateway: where it is asked, with which token, and its process. Of Headgate also a token for its metrics, and when it was ready."""

    name: str
    version: str
    url: str
    token: str
    process: subprocess.Popen[bytes]
    headers: dict[str, str] = field(default_factory=dict)
    admin_token: str = ""
    ready_s: float = 0.0

    def stop(self) -> None:
        """End it and all that it started."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass(frozen=True)
class Serves:
    """What a gateway is configured for: its provider's dialect and model, the path that it is asked at, and what more Headgate's file has."""

    dialect: str = "anthropic"
    model: str = "claude-opus-4-6"
    path: str = "/anthropic/v1/messages"
    more: str = ""

    @property
    def version(self) -> str:
        """What OpenAI's base URL ends with, as its SDK takes it."""
        return "/v1" if self.dialect.startswith("openai") else ""


ANTHROPIC = Serves()
LITELLM_ANTHROPIC = Serves(path="/v1/messages")


class Missing(Exception):
    """Raised for a peer that cannot be had on this machine; the text says why."""


def _run(command: list[str], **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise Missing(f"{command[0]}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")
    return (done.stdout or done.stderr).strip()


def _wait(url: str, process: subprocess.Popen[bytes], timeout_s: float = 90.0) -> None:
    end_s = time.monotonic() + timeout_s
    while time.monotonic() < end_s:
        if process.poll() is not None:
            raise Missing(f"it ended with {process.returncode} at start")
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    process.kill()
    raise Missing("it did not answer in time")


def _spawn(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    log = (folder / "log").open("wb")
    return subprocess.Popen(command, cwd=folder, env={**os.environ, **(environment or {})}, stdout=log, stderr=log)


def nginx(port: int, provider_port: int, folder: Path) -> Peer:
    """The floor: relays, checks nothing, counts nothing."""
    if shutil.which("nginx") is None:
        raise Missing("nginx is not installed")
    text = (ROOT / "bench" / "nginx.conf").read_text(encoding="utf-8")
    (folder / "nginx.conf").write_text(text.replace("PROVIDER_PORT", str(provider_port)).replace("LISTEN_PORT", str(port)), encoding="utf-8")
    process = _spawn(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], folder)
    url = f"http://127.0.0.1:{port}/v1/messages"
    _wait(url, process)
    return Peer("nginx", _run(["nginx", "-v"]).split("/")[-1], url, TOKEN, process)


def go(port: int, provider_port: int, folder: Path) -> Peer:
    """Forty lines on Go's ReverseProxy: token checked, model read; no record."""
    if shutil.which("go") is None:
        raise Missing("Go is not installed")
    binary = folder / "goproxy"
    _run(["go", "build", "-o", str(binary), "."], cwd=ROOT / "bench" / "goproxy")
    process = _spawn([str(binary), f"127.0.0.1:{port}", f"http://127.0.0.1:{provider_port}", TOKEN], folder)
    url = f"http://127.0.0.1:{port}/v1/messages"
    _wait(url, process)
    return Peer("go", _run(["go", "version"]).split()[2].removeprefix("go"), url, TOKEN, process)


def headgate(port: int, provider_port: int, folder: Path, serves: Serves = ANTHROPIC, python: Path | None = None) -> Peer:
    """Ours, of the build that this interpreter or the one at `python` finds: authentication, metering and durable records on."""
    (folder / "headgate.toml").write_text(
        f'[discovery]\nenvironment = false\nollama = false\n[sql]\nkeep_ready = false\n[[providers]]\nname = "bench"\ndialect = "{serves.dialect}"\n'
        f'base_url = "http://127.0.0.1:{provider_port}{serves.version}"\napi_key = "env:BENCH_KEY"\nmodels = ["{serves.model}"]\n{serves.more}'
    )
    program = [str(python or sys.executable), "-m", "headgate"]
    data = ["--data", str(folder / "data")]
    began_s = time.perf_counter()
    process = _spawn(
        [*program, "up", *data, "--config", str(folder / "headgate.toml"), "--port", str(port)],
        folder,
        {"BENCH_KEY": "bench-provider-key-0123456789"},
    )
    _wait(f"http://127.0.0.1:{port}/readyz", process)
    ready_s = time.perf_counter() - began_s
    created = json.loads(_run([*program, "token", "create", "bench", "--user", "bench@example.com", "--json", *data]))
    admin = json.loads(_run([*program, "token", "create", "look", "--admin", "--json", *data]))
    version = _run([*program, "--version"]).strip().removeprefix("headgate ")  # with the kind of its build
    url = f"http://127.0.0.1:{port}{serves.path}"
    return Peer("headgate", version, url, created["token"], process, admin_token=admin["token"], ready_s=ready_s)


def _build(kind: str, port: int, provider_port: int, folder: Path, serves: Serves = ANTHROPIC) -> Peer:
    """Headgate of one kind of build. Raises Missing where this is not the build that would be measured."""
    python = compiled_python() if kind == "compiled" else Path(sys.executable)
    keep_bytecode(python)
    peer = headgate(port, provider_port, folder, serves, python)
    if f"({kind})" not in peer.version:
        peer.stop()
        raise Missing(f"its build is {peer.version}" + ("; `make compile` needs a C compiler" if kind == "compiled" else ""))
    return peer


@cache
def keep_bytecode(python: Path) -> None:
    """Compile its modules to bytecode once: compiling them at each start takes seconds, and leaves 80 MB in the process."""
    where = [str(ROOT / "src"), *map(str, python.parents[1].glob("lib/python3*/site-packages"))]
    subprocess.run([str(python), "-m", "compileall", "-q", "-j", "0", *where], capture_output=True, check=False)  # some packages have templates


def compiled_python() -> Path:
    """The interpreter that finds the compiled build. Raises Missing where there is none of these sources."""
    python = COMPILED / "bin" / "python"
    installed = next(COMPILED.glob("lib/python3*/site-packages/headgate"), None)
    if installed is None or not python.exists():
        raise Missing("not built: `make compile` builds it")
    source = ROOT / "src" / "headgate"
    for file in source.rglob("*.py"):
        built = installed / file.relative_to(source)
        if not built.exists() or not cmp(file, built, shallow=False):
            raise Missing(f"built of other sources ({file.relative_to(source)} differs): `make compile` builds it anew")
    return python


def best_headgate(port: int, provider_port: int, folder: Path, serves: Serves = ANTHROPIC) -> Peer:
    """The compiled build, or the pure one where there is none."""
    try:
        return _build("compiled", port, provider_port, folder, serves)
    except Missing as missing:
        print(f"The compiled build is not measured: {missing}", file=sys.stderr)
        return _build("pure", port, provider_port, folder, serves)


def litellm(port: int, provider_port: int, folder: Path, serves: Serves = LITELLM_ANTHROPIC) -> Peer:
    """LiteLLM's proxy from PyPI, with a master key and no database."""
    venv = TOOLS / "litellm"
    if not (venv / "bin" / "litellm").exists():
        _run([sys.executable, "-m", "venv", str(venv)])
        _run([str(venv / "bin" / "pip"), "install", "-q", "litellm[proxy]"])
    (folder / "config.yaml").write_text(
        f"model_list:\n  - model_name: {serves.model}\n    litellm_params:\n      model: {serves.dialect.partition('_')[0]}/{serves.model}\n"
        f"      api_base: http://127.0.0.1:{provider_port}{serves.version}\n      api_key: key\ngeneral_settings:\n  master_key: sk-{TOKEN}\n"
        # It asks OpenAI's models by Responses unless this says otherwise.
        f"litellm_settings:\n  use_chat_completions_url_for_anthropic_messages: {str(serves.dialect == 'openai_chat').lower()}\n"
    )
    environment = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "LITELLM_LOG": "ERROR"}
    command = [str(venv / "bin" / "litellm"), "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    process = _spawn(command, folder, environment)
    _wait(f"http://127.0.0.1:{port}/health/liveliness", process, 180)
    listed = _run([str(venv / "bin" / "pip"), "show", "litellm"])
    version = next(line.split()[-1] for line in listed.splitlines() if line.startswith("Version"))
    return Peer("litellm", version, f"http://127.0.0.1:{port}{serves.path}", f"sk-{TOKEN}", process)


# Portkey allows any 1.x of its HTTP server. Later ones (1.19) hand on the read-only headers of fetch, and Portkey answers each stream with 500,
# `TypeError: immutable`. With 1.14 streams work.
_PORTKEY = {
    "private": True,
    "dependencies": {"@portkey-ai/gateway": "1.15.2"},
    "overrides": {"@hono/node-server": "1.14.0"},
}


def portkey(port: int, provider_port: int, folder: Path) -> Peer:
    """Portkey's gateway from npm. Headers name its provider."""
    if shutil.which("npm") is None:
        raise Missing("npm is not installed")
    home = TOOLS / "portkey"
    package = home / "node_modules" / "@portkey-ai" / "gateway"
    wanted = json.dumps(_PORTKEY)
    if not package.exists() or (home / "package.json").read_text(encoding="utf-8") != wanted:
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "package.json").write_text(wanted, encoding="utf-8")
        _run(["npm", "install", "--prefix", str(home), "--silent", "--legacy-peer-deps"])
        (home / "package.json").write_text(wanted, encoding="utf-8")  # as it was, whatever npm did to it
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    entry = about["bin"] if isinstance(about["bin"], str) else next(iter(about["bin"].values()))
    environment = {"TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}
    process = _spawn(["node", str(package / entry), f"--port={port}", "--headless"], folder, environment)
    _wait(f"http://127.0.0.1:{port}/", process)
    headers = {"x-portkey-provider": "anthropic", "x-portkey-custom-host": f"http://127.0.0.1:{provider_port}/v1"}
    return Peer("portkey", about["version"], f"http://127.0.0.1:{port}/v1/messages", TOKEN, process, headers)


PEERS: dict[str, Callable[[int, int, Path], Peer]] = {
    "nginx": nginx,
    "pure": partial(_build, "pure"),
    "compiled": partial(_build, "compiled"),
    "go": go,
    "litellm": litellm,
    "portkey": portkey,
}
TITLES = {"pure": "headgate (pure)", "compiled": "headgate (compiled)"}  # what others are named is their name
