"""What a gateway's processes do when something around them fails: it is told, it is got over, and nothing stops for good."""

import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request

from tests.e2e.lab import Gateway, environment, headgate


def until(holds, timeout_s: float = 15.0) -> bool:
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
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_tokens_are_followed_although_the_working_directory_is_gone(tmp_path) -> None:
    """Started without a file in a folder that is deleted later: a revoked token is refused all the same, and the end is clean."""
    gateway, folder = Gateway(tmp_path, ""), tmp_path / "checkout"
    folder.mkdir()
    alone = {"HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false", "XDG_CONFIG_HOME": str(tmp_path / "none")}
    with open(tmp_path / "gateway.log", "ab") as log:
        gateway.process = subprocess.Popen(
            [sys.executable, "-m", "headgate", "up", "--data", gateway.data, "--port", str(gateway.port)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment() | alone, start_new_session=True, cwd=folder,
        )  # fmt: skip
    try:
        assert until(gateway.is_ready, 30)
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
