"""The wheel installs alone: built from the source, put into a bare environment by pip, it starts and serves its pages, charts and documentation."""

import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, as `make release` builds it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([str(UV), "build", "--quiet", "--wheel", "--out-dir", str(folder)], cwd=ROOT, check=True)
    return next(folder.glob("headgate-*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_everything(wheel):
    """What the build makes is in it, beside what is committed."""
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("web/ui/static/vega.js", "web/ui/static/vega.js.gz", "docs/install.md", "storage/state/migrations/env.py"):
        assert f"headgate/{name}" in names


@pytest.mark.slow
def test_it_installs_alone_and_serves(wheel, tmp_path):
    """With nothing but Python and pip, in a home of its own."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    program = tmp_path / "venv" / "bin"
    subprocess.run([str(program / "pip"), "install", "--quiet", "--disable-pip-version-check", str(wheel)], check=True)
    environment = {"HOME": str(tmp_path), "PATH": f"{program}:/usr/bin:/bin", "HEADGATE_DEMO_FILL": "false"}
    started = subprocess.Popen(["headgate", "up", "--demo", "--port", "0"], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        url = next(found[0] for line in started.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        assert b"# Documentation" in _get(f"{url}/docs")
        assert b"<html" in _get(f"{url}/login")
        data = tmp_path / ".local/share/headgate-demo"
        made = subprocess.run(
            ["headgate", "token", "create", "x", "--data", str(data)], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        asked = urllib.request.Request(f"{url}/v1/models", headers={"authorization": f"Bearer {made.stdout.strip()}"})
        assert b"claude-opus-4-6" not in _get(asked)
        assert b"gpt-5.2" in _get(asked)
    finally:
        started.terminate()
        started.communicate(timeout=60)


def _get(asked) -> bytes:
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return answer.read()


@pytest.mark.slow
def test_the_requirements_of_a_release_are_pinned_with_hashes(tmp_path):
    """As pip's --require-hashes needs them."""
    command = [str(UV), "export", "--frozen", "--quiet", "--no-dev", "--no-emit-project", "--format", "requirements-txt"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ).stdout
    pinned = [entry for entry in re.split(r"\n(?=\S)", text) if re.match(r"[a-z]", entry)]
    assert len(pinned) > 20
    assert all("==" in entry and "--hash=sha256:" in entry for entry in pinned)
    assert "pytest" not in text
