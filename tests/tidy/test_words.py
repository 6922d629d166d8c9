"""The project speaks of itself alone: no path of a machine, no address of a registry, in what people read."""

import re
import subprocess

from tests.tidy.source import ROOT

FORBIDDEN = re.compile(r"/work/|/root/\.pyenv|files\.pythonhosted|registry\.npmjs|proxy\.golang", re.IGNORECASE)


def test_nothing_names_a_machine() -> None:
    """No tracked text but the lock file, whose format needs it, names a machine's path or a registry's address."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    bad = []
    for file in tracked:
        path = ROOT / file
        if file == "uv.lock" or file.endswith("test_words.py") or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if FORBIDDEN.search(text):
            bad.append(file)

    assert not bad
