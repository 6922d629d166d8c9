"""Finds the agents on this machine and their versions: in the package that npm installed, else by `<agent> --version`.

That is the second choice because it is slow, and Gemini CLI writes files of its own when it is asked.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from headgate.agents.setting import Agent, Version

_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)[\w.+-]*")
_TIMEOUT_S: Final = 15.0
_VARIABLES: Final = ("PATH", "HOME", "TMPDIR", "LANG", "TERM")


class Installed(NamedTuple):
    """An agent that is on this machine: its program, and its version as it prints it, empty if it prints none."""

    program: str
    version_text: str

    @property
    def version(self) -> Version:
        """The version as numbers."""
        found = _VERSION.match(self.version_text)
        return tuple(int(part) for part in found.groups()) if found else ()


def installed_agents(agents: Iterable[Agent], environ: Mapping[str, str] = os.environ) -> dict[str, Installed]:
    """Those of the agents that are in PATH, by their words."""
    programs = {agent.word: shutil.which(agent.program, path=environ.get("PATH")) for agent in agents}
    found = {word: program for word, program in programs.items() if program is not None}
    with ThreadPoolExecutor(max_workers=8) as pool:
        versions = pool.map(lambda word: _packaged_version(found[word], word) or _printed_version(found[word], environ), found)
        return {word: Installed(program, version) for (word, program), version in zip(found.items(), versions, strict=True)}


def _packaged_version(program: str, word: str) -> str:
    """The version in the `package.json` of the package that the program is in; empty if it is in none."""
    folder = Path(os.path.realpath(program)).parent
    for each in (folder, *folder.parents):
        try:
            package = json.loads((each / "package.json").read_bytes())
            commands = package.get("bin", {})
            return str(package["version"]) if isinstance(commands, str) or word in commands else ""
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return ""
    return ""


def _printed_version(program: str, environ: Mapping[str, str]) -> str:
    """What `--version` prints. No token and no proxy of the shell's reaches the program for that."""
    variables = {name: environ[name] for name in _VARIABLES if name in environ} | {"DISABLE_AUTOUPDATER": "1", "NO_COLOR": "1"}
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=_TIMEOUT_S, env=variables, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = _VERSION.search(done.stdout.decode("utf-8", "replace"))
    return found[0] if found else ""
