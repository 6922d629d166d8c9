"""The `headgate` command without the start of an interpreter: a process that has loaded every command forks for each call. What a call does is the same.

The tests call hundreds of commands, and most of the time of a short one is the loading of its modules. `up` goes on and starts processes
of its own, and `run` becomes another program, so they are always started anew.
"""

import atexit
import contextlib
import functools
import importlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any, Literal, TextIO

from tests.fakes.tested import TESTED

_ROOT = Path(__file__).resolve().parents[2]
_CALL_BYTES_MAX = 1 << 20
# What a shell finds as `headgate`: it hands its arguments, directory, variables and files over, and ends as the command did.
_COMMAND = f"""\
#!{sys.executable} -ISE
import json, os, socket, sys
if sys.argv[1:2] in (["up"], ["run"]):
    os.execv(sys.executable, [sys.executable, "-m", "headgate", *sys.argv[1:]])
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect(os.path.join(os.path.dirname(os.path.realpath(__file__)), "socket"))
    socket.send_fds(server, [json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()], [0, 1, 2])
    code = server.recv(8)
sys.exit(int(code or b"70"))
"""


@functools.cache
def command_folder() -> Path:
    """A folder for PATH with the `headgate` of this process's server, which is started with the first call and ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="headgate-command-"))
    (folder / "headgate").write_text(_COMMAND, encoding="utf-8")
    (folder / "headgate").chmod(0o755)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    command = [sys.executable, "-m", "tests.e2e.forked_commands", str(folder / "socket")]
    variables = {**kept, "PYTHONPATH": f"{TESTED}:{_ROOT}"}
    server = subprocess.Popen(command, cwd=_ROOT, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout is not None
    assert server.stdout.readline() == b"listening\n"
    atexit.register(server.kill)
    return folder


def _serve(path: str) -> None:
    """Fork for each call, until the process that started this one has ended."""
    from headgate.cli.main import COMMANDS

    for entry in COMMANDS.values():
        entry.app()
    _load_the_rest()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a call's process: its end is seen on its connection
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(path)
        listening.listen(64)
        listening.settimeout(1)
        os.write(1, b"listening\n")
        while os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                connection, _ = listening.accept()
                with connection:
                    if os.fork() == 0:
                        listening.close()
                        _call(connection)


def _load_the_rest() -> None:
    """Load what a command loads only when it runs, most of all what reads its options: a help text needs that too, and no store."""
    from headgate.cli.main import main

    importlib.import_module("headgate.storage.query.usage")
    sys.argv = ["headgate", "token", "list", "--help"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main()


def _call(connection: socket.socket) -> None:
    """One call, in a process of its own. Does not return."""
    from headgate.cli.main import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, files, _, _ = socket.recv_fds(connection, _CALL_BYTES_MAX, 3)
    arguments, folder, variables = json.loads(message)
    for target, source in enumerate(files):
        os.dup2(source, target)
        os.close(source)
    sys.stdin, sys.stdout, sys.stderr = _text(0, "r"), _text(1, "w"), _text(2, "w", buffering=1, errors="backslashreplace")
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    warnings.simplefilter("ignore" if variables.get("PYTHONWARNINGS") == "ignore" else "default")
    sys.argv = ["headgate", *arguments]
    try:
        code = main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:  # ruff: ignore[blind-except] as the interpreter does at its end
        sys.excepthook(*sys.exc_info())
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    connection.send(str(code).encode())
    os._exit(code)


def _text(file: int, mode: Literal["r", "w"], **options: Any) -> TextIO:
    return open(file, mode, encoding="utf-8", closefd=False, **options)


if __name__ == "__main__":
    _serve(sys.argv[1])
