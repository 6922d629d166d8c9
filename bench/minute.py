"""Times the first minute of a new user on a machine with nothing of Headgate: install from the local wheel, start, make a token, connect agents, ask.

Each command runs with a home, a cache and an environment of its own. Prints the transcript, which README shows, with the time of each command.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AGENTS = ROOT / ".tools" / "agents"
PORT = 8484
TO_READY_S = 60.0
ANSWER = 'curl -s http://127.0.0.1:8484/v1/messages -H "x-api-key: $TOKEN" -d \'{"model":"claude-opus-4-6","max_tokens":50,"messages":[{"role":"user","content":"Say hello."}]}\' -H content-type:application/json'
SHOWN_LINES = 24
SHOWN_CHARS = 118


def main() -> int:
    """Run the minute. Returns 1 if a command failed."""
    wheel = max((ROOT / "dist").glob("headgate-*.whl"), key=lambda path: path.stat().st_mtime, default=None)
    if wheel is None:
        sys.stderr.write("There is no wheel in dist: run `make release` first.\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="headgate-minute-") as folder:
        return _minute(Path(folder), wheel)


def _minute(home: Path, wheel: Path) -> int:
    shutil.copy(wheel, home)
    environment = _environment(home)
    begun_s = time.monotonic()
    if not _typed(f"uv tool install --quiet --compile-bytecode ./{wheel.name}", environment, home):
        return 1
    with _Started("headgate up --demo", environment, home):
        if not _typed("export TOKEN=$(headgate token create laptop --data ~/.local/share/headgate-demo)", environment, home, shown="token"):
            return 1
        environment["TOKEN"] = (home / "token").read_text(encoding="utf-8").strip()
        done = _typed(ANSWER, environment, home)
        print(f"# the first governed answer after {time.monotonic() - begun_s:.1f} s\n")
        if _agents():
            done = _typed("headgate connect all --data ~/.local/share/headgate-demo", environment, home) and done
        done = _typed("headgate usage --by agent --data ~/.local/share/headgate-demo --since 1h", environment, home) and done
    return 0 if done else 1


def _environment(home: Path) -> dict[str, str]:
    """What a new shell has: no variable of this one but the proxies and certificates by which packages are fetched."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if name.lower().endswith(("_proxy", "_ca_bundle", "_cert_file")) or name.startswith(("UV_INDEX", "UV_DEFAULT_INDEX", "PIP_"))
    }
    own = {"HOME": str(home), "UV_CACHE_DIR": str(home / ".cache/uv"), "UV_PYTHON_DOWNLOADS": "never", "TERM": "dumb", "LANG": "C.UTF-8"}
    path = [home / ".local/bin", ROOT / ".tools/uv/bin", *_agents(), "/usr/local/bin", "/usr/bin", "/bin", Path(sys.base_prefix) / "bin"]
    return {**passed, **own, "PATH": os.pathsep.join(map(str, path))}


def _agents() -> list[Path]:
    """The folders of the programs of the agents that tests have installed, if they have."""
    return sorted({path.parent for path in AGENTS.glob("*/node_modules/.bin/*") if path.name in {"claude", "codex", "gemini", "node"}})


def _typed(command: str, environment: dict[str, str], home: Path, shown: str = "") -> bool:
    """Type a command, and print what it says and how long it takes. With `shown`, what it exports is written to a file of this name."""
    script = f'{command}; status=$?; printf %s "$TOKEN" > {shown}; exit $status' if shown else command
    begun_s, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(["bash", "-c", script], env=environment, cwd=home, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    print(f"$ {command}")
    lines = [line for line in (ran.stdout + ran.stderr).strip().splitlines() if not line.startswith("    ")]  # without single settings
    for line in lines[:SHOWN_LINES]:
        print(line if len(line) <= SHOWN_CHARS else f"{line[:SHOWN_CHARS]}…")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"# {time.monotonic() - begun_s:.1f} s, {cpu_s:.1f} s of it CPU{'' if ran.returncode == 0 else f', exit code {ran.returncode}'}\n")
    return ran.returncode == 0


class _Started:
    """The gateway while the block runs."""

    def __init__(self, command: str, environment: dict[str, str], home: Path) -> None:
        self._command, self._environment, self._home = command, environment, home

    def __enter__(self) -> None:
        begun_s = time.monotonic()
        self._process = subprocess.Popen(
            ["bash", "-c", f"exec {self._command}"], env=self._environment, cwd=self._home, stdout=subprocess.PIPE, text=True
        )
        print(f"$ {self._command} &")
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "listening" in line or "store" in line or "providers" in line:
                print(line.rstrip())
            if "listening" in line:
                break
        else:
            raise SystemExit("The gateway did not start: is another one on its port?")
        print(f"# ready after {time.monotonic() - begun_s:.1f} s\n")

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=TO_READY_S)


if __name__ == "__main__":
    sys.exit(main())
