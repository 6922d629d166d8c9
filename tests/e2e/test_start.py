"""Starting, changing and ending a gateway: what an administrator does on the first day."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from tests.e2e.lab import ALONE, ROOT, Gateway, environment, headgate, running

THE_FILE_OF_THE_README = """
[[providers]]
name = "lab"
dialect = "anthropic"                      # anthropic | openai | openai_chat | openai_responses | gemini
base_url = "http://127.0.0.1:9000"         # OpenAI's formats: with /v1; the others without a version
api_key = "env:LAB_KEY"

[[endpoints]]
name = "databricks-claude-opus-4-6"
targets = [{ provider = "lab", model = "claude-opus-4-6" }]
"""


def _models(gateway: Gateway, mount: str = "anthropic/v1", token: str = "") -> tuple[int, list[str]]:
    request = urllib.request.Request(f"{gateway.url}/{mount}/models", headers={"authorization": f"Bearer {token or gateway.token}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, [model["id"] for model in json.load(answer)["data"]]
    except urllib.error.HTTPError as refused:
        return refused.code, []


def _until(holds, timeout_s: float = 60.0) -> bool:
    deadline = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _opened(link: str, method: str = "GET", opener: urllib.request.OpenerDirector | None = None) -> tuple[int, str]:
    """A one-time link as it is opened or, with POST, as its button is pressed."""
    address, _, secret = link.partition("?t=")
    request = urllib.request.Request(link if method != "POST" else address, f"t={secret}".encode() if method == "POST" else None, method=method)
    try:
        with (opener or urllib.request.build_opener()).open(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, ""


def test_the_first_start_shows_an_administrators_token_and_a_link_once(tmp_path) -> None:
    """On a terminal an empty machine gets a store, a token that works and a link that signs in one browser; the next start shows neither."""
    gateway = Gateway(tmp_path, ALONE, arguments=("--demo",), token="-", terminal=True)
    gateway.start()
    try:
        assert _until(lambda: re.search(r"login\?t=\S+\s", gateway.log) and re.search(r"hg_[0-9A-Za-z]{49}", gateway.log))
        token = re.search(r"hg_[0-9A-Za-z]{49}", gateway.log)
        link = re.search(r"http://\S+/login\?t=\S+", gateway.log)
        assert token
        assert link
        assert _models(gateway, token=token[0])[0] == 200

        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        assert _opened(link[0], "HEAD")[0] == 200
        assert "<button" in _opened(link[0])[1]
        status, page = _opened(link[0], "POST", opener)
        assert status == 200
        assert "Sign out" in page
        assert _opened(link[0], "POST")[0] == 401
        first_log = gateway.log
        assert gateway.stop() == 0
        gateway.start()
        assert "hg_" not in gateway.log[len(first_log) :]
    finally:
        gateway.kill_all()
    for file in ("state.db", "pepper"):
        assert oct(os.stat(f"{gateway.data}/{file}").st_mode)[-3:] == "600"
    assert token[0].encode() not in b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())


def test_the_first_start_of_a_service_prints_no_secret(tmp_path) -> None:
    """Where the output is no terminal it ends in a log: the first start names the command that makes a link, and that command works."""
    gateway = Gateway(tmp_path, ALONE, arguments=("--demo",), token="-")
    gateway.start()
    try:
        assert _until(lambda: "What is there" in gateway.log)
        assert not re.search(r"hg_[0-9A-Za-z]{49}|login\?t=", gateway.log)
        assert _until(lambda: "token sign-in" in gateway.log)
        link = headgate("token", "sign-in", "--url", gateway.url, "--data", gateway.data).strip()
        assert _opened(link, "POST", urllib.request.build_opener(urllib.request.HTTPCookieProcessor()))[0] == 200
    finally:
        gateway.kill_all()


def test_the_readmes_file_works_as_it_stands(tmp_path) -> None:
    """The written example starts, is valid, and lists its endpoint to Claude Code."""
    with running(tmp_path, None, THE_FILE_OF_THE_README) as gateway:
        checked = subprocess.run(
            [sys.executable, "-m", "headgate", "check", "--config", str(tmp_path / "headgate.toml")], env=environment(), cwd=ROOT, check=False
        )
        status, models = _models(gateway)

    assert checked.returncode == 0
    assert (status, models) == (200, ["databricks-claude-opus-4-6"])


def _readiness(gateway) -> dict[str, Any]:
    """What `/readyz` says."""
    with urllib.request.urlopen(f"{gateway.url}/readyz", timeout=60) as answer:
        return dict(json.load(answer))


def test_a_change_of_the_file_is_taken_whole_or_refused(tmp_path) -> None:
    """A good change is in use within seconds; a bad one is refused with file, line and reason, and the old configuration goes on."""
    with running(tmp_path, None, THE_FILE_OF_THE_README) as gateway:
        file = tmp_path / "headgate.toml"
        written = file.read_text(encoding="utf-8")
        file.write_text(written + '\n[[endpoints]]\nname = "second"\ntargets = [{ provider = "lab" }]\n', encoding="utf-8")
        assert _until(lambda: "second" in _models(gateway)[1])

        file.write_text(written + '\n[[endpoints]]\nname = "third"\ntargts = [{ provider = "lab" }]\n', encoding="utf-8")
        assert _until(lambda: "refused" in gateway.log)

        assert "second" in _models(gateway)[1]
        assert _until(lambda: re.search(r"headgate\.toml:\d+.*targets", gateway.log, re.DOTALL))
        told = _readiness(gateway)
        assert told["ready"]
        assert "refused" in told["warnings"][0]
        assert "/" not in told["warnings"][0]


def test_a_refused_change_does_not_stop_a_serving_process_from_being_replaced(tmp_path) -> None:
    """However often it ends: the next one goes on with the configuration that was accepted last, warns as before, and accepts the mended file."""
    with running(tmp_path, None, THE_FILE_OF_THE_README) as gateway:
        file = tmp_path / "headgate.toml"
        second = file.read_text(encoding="utf-8") + '\n[[endpoints]]\nname = "second"\ntargets = [{ provider = "lab" }]\n'
        file.write_text(second, encoding="utf-8")
        assert _until(lambda: "second" in _models(gateway)[1])
        file.write_text(second + "targts = []\n", encoding="utf-8")
        assert _until(lambda: "refused" in gateway.log)

        for _ in range(2):
            ended = gateway.serving_pid()
            os.kill(ended, signal.SIGKILL)
            assert _until(lambda ended=ended: gateway.is_ready() and gateway.serving_pid() != ended)
            assert "second" in _models(gateway)[1]
            assert any("refused" in warning for warning in _readiness(gateway)["warnings"])

        file.write_text(second.replace('"second"', '"third"'), encoding="utf-8")
        assert _until(lambda: "third" in _models(gateway)[1])
        assert not any("refused" in warning for warning in _readiness(gateway)["warnings"])


def test_a_file_that_is_wrong_does_not_start(tmp_path) -> None:
    """The command ends with the reason, and nothing listens."""
    file = tmp_path / "headgate.toml"
    file.write_text("[server]\nprot = 1\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "headgate", "up", "--data", str(tmp_path / "data"), "--config", str(file), "--port", "0"],
        env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert done.returncode != 0
    assert "headgate.toml:2" in done.stderr
    assert "port" in done.stderr


def test_a_token_works_at_once_and_is_refused_soon_after_it_is_revoked(tmp_path) -> None:
    """A token made while the gateway runs needs no restart; a revoked one is refused within seconds, also on an open connection."""
    with running(tmp_path, None, THE_FILE_OF_THE_README) as gateway:
        token, token_id = gateway.create_token("second", "bob@example.com")
        assert _models(gateway, token=token)[0] == 200

        headgate("token", "revoke", token_id, "--data", gateway.data)

        assert _until(lambda: _models(gateway, token=token)[0] == 401, 5.0)
        assert _models(gateway)[0] == 200


def test_a_second_gateway_on_the_same_data_says_so(tmp_path) -> None:
    """Two gateways never write to one journal."""
    with running(tmp_path, None, THE_FILE_OF_THE_README) as gateway:
        done = subprocess.run(
            [sys.executable, "-m", "headgate", "up", "--data", gateway.data, "--config", str(tmp_path / "headgate.toml"), "--port", "0"],
            env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert "another Headgate" in done.stderr


def test_a_journal_that_cannot_be_opened_is_told_in_words(tmp_path) -> None:
    """As every reason why a start is refused, with exit code 1 and without a traceback."""
    (tmp_path / "headgate.toml").write_text(ALONE)
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "journal").touch()
    done = subprocess.run(
        [sys.executable, "-m", "headgate", "up", "--data", str(tmp_path / "data"), "--config", str(tmp_path / "headgate.toml"), "--port", "0"],
        env=environment(), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith(f"headgate: {tmp_path}/data/journal cannot be opened: File exists.\n")
    assert "Traceback" not in done.stderr


def test_a_killed_serving_process_is_replaced(tmp_path) -> None:
    """The supervisor starts another one on the same socket; no connection is refused meanwhile."""
    with running(tmp_path, None, THE_FILE_OF_THE_README) as gateway:
        first = gateway.serving_pid()
        os.kill(first, signal.SIGKILL)

        assert _until(lambda: gateway.is_ready() and gateway.serving_pid() != first)
        assert _models(gateway)[0] == 200


def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path) -> None:
    """`kill -9` of the command alone takes its children with it, and the next start succeeds at once."""
    with running(tmp_path, None, THE_FILE_OF_THE_README) as gateway:
        assert gateway.process is not None
        os.kill(gateway.process.pid, signal.SIGKILL)
        gateway.process.wait(10)
        gateway.start()

        assert _models(gateway)[0] == 200
