"""What a gateway's processes do when something around them fails: it is told, it is got over, and nothing stops for good."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from headgate.core.build_kind import build_kind
from tests.e2e.asking import ANTHROPIC, CLOSING, Asking
from tests.e2e.books import check_books
from tests.e2e.lab import KEY, Gateway, descendants, environment, headgate, lab_provider, running
from tests.e2e.scraped import READABLE, metrics
from tests.e2e.workspace import user
from tests.fakes.turns import Text, Tokens, Turn, say


def until(holds, timeout_s: float = 60.0) -> bool:
    """Whether it comes true in time."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def status(gateway: Gateway, token: str) -> int:
    """What a token is answered."""
    request = urllib.request.Request(f"{gateway.url}/anthropic/v1/models", headers={"authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_tokens_are_followed_although_the_working_directory_is_gone(tmp_path) -> None:
    """Started without a file in a folder that is deleted later: a revoked token is refused all the same, and the end is clean.

    The terminal is an old one besides, which has no sign for half of what is printed.
    """
    gateway, folder = Gateway(tmp_path, ""), tmp_path / "checkout"
    folder.mkdir()
    alone = {
        "HEADGATE_DISCOVERY_ENVIRONMENT": "false",
        "HEADGATE_DISCOVERY_OLLAMA": "false",
        "XDG_CONFIG_HOME": str(tmp_path / "none"),
        "PYTHONIOENCODING": "cp1252",
    }
    with open(tmp_path / "gateway.log", "ab") as log:
        gateway.process = subprocess.Popen(
            [sys.executable, "-m", "headgate", "up", "--data", gateway.data, "--port", str(gateway.port)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment() | alone, start_new_session=True, cwd=folder,
        )  # fmt: skip
    try:
        assert until(gateway.is_ready)
        token, token_id = gateway.create_token()
        before = status(gateway, token)
        shutil.rmtree(folder)
        headgate("token", "revoke", token_id, "--data", gateway.data)

        assert before == 200
        assert until(lambda: status(gateway, token) == 401)
        assert gateway.stop() == 0
    finally:
        gateway.kill_all()
    assert "Traceback" not in gateway.log


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A gateway whose serving process may stand still for three seconds, before a provider that insists on its key."""
    with lab_provider() as provider, running(tmp_path_factory.mktemp("watched"), provider, f"[server]\nwatchdog_s = 3\n{READABLE}") as gateway:
        yield SimpleNamespace(gateway=gateway, provider=provider)
        provider.check()
        check_books(gateway.rows(len(provider.ledger.entries)), provider.ledger.entries)


def ask(watched) -> None:
    """One exchange to its end; the provider answers only to its key."""
    watched.provider.play(say("Hello."))
    with Asking(watched.gateway.url, watched.gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
        assert asking.status == 200, asking.rest()
        assert CLOSING["anthropic"] in asking.rest()


def told(gateway: Gateway) -> dict[str, Any]:
    """What `/readyz` says; empty while nothing answers."""
    try:
        with urllib.request.urlopen(f"{gateway.url}/readyz", timeout=1) as answer:
            return dict(json.load(answer))
    except OSError:
        return {}


def environments(gateway: Gateway) -> dict[int, bytes]:
    """What the system shows of each process' environment."""
    assert gateway.process is not None
    return {pid: Path(f"/proc/{pid}/environ").read_bytes() for pid in (gateway.process.pid, *descendants(gateway.process.pid))}


def test_no_process_has_the_providers_key_in_its_environment(watched) -> None:
    """Neither the supervisor, which was given it, nor a child of it or a child's child; and the key is used all the same."""
    ask(watched)
    gateway = watched.gateway
    assert user(gateway, "ben").rows("SELECT 1") == [["1"]]
    found = environments(gateway)

    assert len(found) >= 4  # with the statement process
    assert not [pid for pid, shown in found.items() if KEY.encode() in shown or b"LAB_KEY=l" in shown]
    assert b"PATH=" in found[gateway.serving_pid()]


def test_every_process_may_open_as_many_files_as_the_system_allows(watched) -> None:
    """The supervisor raises its soft limit to the hard one, and its children inherit that."""
    gateway = watched.gateway
    assert gateway.process is not None
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_NOFILE) for pid in (gateway.process.pid, *descendants(gateway.process.pid))}

    assert len(limits) >= 3
    assert all(soft == hard for soft, hard in limits.values()), limits


def test_a_process_that_stands_still_is_told_and_waited_for(watched) -> None:
    """For a while: it goes on by itself, with the answer that was under way, and says afterwards that it was blocked."""
    gateway, provider = watched.gateway, watched.provider
    pid = gateway.serving_pid()
    provider.play(Turn((Text("word " * 20, pieces=20),), Tokens(fresh=5, output=9), pace_s=0.05))
    with Asking(gateway.url, gateway.token, ANTHROPIC.path(), ANTHROPIC.body()) as asking:
        first = next(asking.pieces())
        os.kill(pid, signal.SIGSTOP)
        assert until(lambda: f"the serving process {pid} has been blocked for 1." in gateway.log)
        os.kill(pid, signal.SIGCONT)
        received = first + asking.rest()

    assert received == bytes(provider.ledger.entries[-1].sent)
    assert until(lambda: f"the serving process {pid} answers again, after " in gateway.log)
    assert gateway.serving_pid() == pid
    assert any("was blocked for" in warning for warning in told(gateway)["warnings"])


def test_a_process_that_stands_still_for_long_is_replaced(watched) -> None:
    """It is killed and started again, with the providers' keys; the exchanges that it has acknowledged are in the books."""
    ask(watched)
    gateway = watched.gateway
    pid, before = gateway.serving_pid(), told(gateway)["restarts"]["serving"]
    os.kill(pid, signal.SIGSTOP)
    assert until(lambda: told(gateway).get("restarts", {}).get("serving") == before + 1, 30)
    assert told(gateway)["build"] == build_kind()
    ask(watched)

    assert until(lambda: f"serving process {pid} ended with signal 9, started again as {gateway.serving_pid()}" in gateway.log)
    assert any("started again" in warning for warning in told(gateway)["warnings"])
    assert not [shown for shown in environments(gateway).values() if KEY.encode() in shown]


def test_a_flusher_that_was_killed_is_told(watched) -> None:
    """In the log, on `/readyz` and in the metrics of the serving process, which knows nothing else of it. The next one goes on with its rounds."""
    gateway = watched.gateway
    assert gateway.process is not None
    (flusher,) = [pid for pid in descendants(gateway.process.pid) if b"storage.flusher" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(flusher, signal.SIGKILL)

    assert until(lambda: told(gateway).get("restarts", {}).get("flusher") == 1)
    assert until(lambda: f"flusher process {flusher} ended with signal 9, started again as" in gateway.log)
    assert metrics(gateway.url)["headgate_process_restarts_total"]["flusher",] == 1
    assert until(lambda: metrics(gateway.url)["headgate_process_resident_memory_bytes"].get(("flusher",), 0) > 0)
    assert metrics(gateway.url)["headgate_flusher_age_seconds"][()] < 60


def test_many_serving_processes_can_follow_each_other(watched) -> None:
    """Each says what it found; none waits for somebody to read it."""
    gateway = watched.gateway
    for _ in range(3):
        pid = gateway.serving_pid()
        assert until(gateway.is_ready)
        os.kill(pid, signal.SIGKILL)
        assert until(lambda pid=pid: gateway.is_ready() and gateway.serving_pid() != pid)
    ask(watched)


def test_the_log_can_be_json_in_every_process(tmp_path) -> None:
    """One object a line on standard error and on standard output, from start to end; a clean end has no warning."""
    folder, config = tmp_path / "data", tmp_path / "headgate.toml"
    written = '[log]\nformat = "json"\n[discovery]\nenvironment = false\nollama = false\n'
    config.write_text(written, encoding="utf-8")
    with open(tmp_path / "err", "wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "headgate", "up", "--data", str(folder), "--config", str(config), "--port", "0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment(), start_new_session=True, text=True,
        )  # fmt: skip
    gateway = Gateway(tmp_path, "", process=process)  # type: ignore[arg-type]
    try:
        assert process.stdout is not None
        printed = [process.stdout.readline()]
        assert until(lambda: len(descendants(process.pid)) == 2)
        config.write_text("[log]\nformat = 1\n", encoding="utf-8")
        assert until(lambda: "refused" in (tmp_path / "err").read_text(encoding="utf-8"))
        config.write_text(written, encoding="utf-8")
        os.kill(gateway.serving_pid(), signal.SIGKILL)
        assert until(lambda: "started again" in (tmp_path / "err").read_text(encoding="utf-8"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        printed += process.stdout.readlines()
    finally:
        process.kill()
        process.stdout.close()
        gateway.kill_all()
    lines = [json.loads(line) for line in (tmp_path / "err").read_text(encoding="utf-8").splitlines()]

    assert [json.loads(line)["event"] for line in printed] == ["listening"]
    assert {line["logger"] for line in lines} >= {"headgate.supervisor", "headgate.app"}
    assert [line["level"] for line in lines if line["logger"] == "headgate.supervisor"] == ["WARNING"]
