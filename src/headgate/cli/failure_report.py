"""Reports a bug in Headgate in one line: the trace goes to a file that only its owner can read. It loads no library, so it costs a start nothing."""

import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from headgate import __version__

_NAME = "failure-%Y%m%dT%H%M%SZ"


def reports_bugs(command: Callable[[], int], environ: Mapping[str, str] = os.environ) -> int:
    """Run a command and return its exit code: 1 if it fails because of a bug in Headgate, which is reported in one line. This is the only place for that."""
    try:
        return command()
    except Exception as error:  # ruff: ignore[blind-except] the end of the process: whatever it is, a user gets a line and no trace
        sys.stderr.write(failure_line(error, environ))
        return 1


def failure_line(error: BaseException, environ: Mapping[str, str]) -> str:
    """What to print about a bug in Headgate. Writes the trace."""
    file = _written(_trace(error), environ)
    where = f"The trace is in {file}: send it with your report." if file else "The trace could not be written."
    return f"headgate failed because of a bug in it ({type(error).__name__}). {where}\n"


def _trace(error: BaseException) -> str:
    """The trace, and what it was made by. Not the command line, which may hold a secret."""
    made_by = f"headgate {__version__}, Python {platform.python_version()}, {platform.platform()}"
    return "\n".join([made_by, "", *(line.rstrip("\n") for line in traceback.format_exception(error)), ""])


def _written(text: str, environ: Mapping[str, str]) -> str:
    """The file with the text: in the user's state directory (XDG), or where that cannot be written, among temporary files; empty if neither works."""
    state = environ.get("XDG_STATE_HOME", "")
    home = Path(state) if os.path.isabs(state) else Path(environ.get("HOME") or os.path.expanduser("~")) / ".local/state"
    name = f"{time.strftime(_NAME, time.gmtime())}-{os.getpid()}.txt"
    for folder in (home / "headgate", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(folder / name, "x", encoding="utf-8", errors="backslashreplace", opener=_private) as file:
                file.write(text)
        except OSError:
            continue
        return str(folder / name)
    return ""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
