"""The serving process as a whole: what it must not carry, and how it ends."""

import json
import subprocess
import sys

import pytest

from headgate.app.health import unprotected_told
from headgate.app.serving import _Serving
from headgate.storage.journal.writer import JournalWriter
from tests.fakes.ports import FakeClock

# What the supervisor does to start one, with a part of it that fails.
FAILING = """
import os, socket, sys
import msgspec
from headgate.app import serving
from headgate.app.supervisor_link import SupervisorEnd, Start
from headgate.app.options import ServingOptions, UpOptions
from headgate.cli.serving import main
from headgate.config.schema import Log

def fail(*_arguments):
    raise RuntimeError("a mistake")

data, (*holder, part) = sys.argv[1], sys.argv[2].split(".")
setattr(getattr(serving, *holder) if holder else serving, part, fail)
link, listening = SupervisorEnd.pair(), socket.create_server(("127.0.0.1", 0))
link.send(Start({"HOME": data, "HEADGATE_DISCOVERY_ENVIRONMENT": "false", "HEADGATE_DISCOVERY_OLLAMA": "false"}))
options = ServingOptions(up=UpOptions(data_dir=data), listen_fd=listening.detach(), link_fd=os.dup(link.theirs.fileno()),
                         parent_pid=os.getppid(), url="http://127.0.0.1:1", log=Log(format="json"))
sys.argv[1] = msgspec.json.encode(options).decode()
sys.exit(main())
"""
HEAVY = {"deltalake", "pyarrow", "duckdb", "sqlglot", "alembic", "genai_prices", "jinja2", "markdown_it"}


def test_it_loads_no_table_library():
    """Tables are other processes' work: what would cost every start memory and time is not imported here, not even by a detour."""
    program = "import sys, headgate.app.serving; print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not HEAVY & set(ran.stdout.split())


@pytest.mark.parametrize("part", ["TelemetryIngest", "TelemetryIngest.start"])
def test_a_mistake_at_the_start_ends_the_process_in_words(tmp_path, part):
    """After the journal was opened, whose thread must not hold the process up. The log keeps its form, and the journal is free for the next one."""
    ran = subprocess.run([sys.executable, "-c", FAILING, str(tmp_path / "data"), part], capture_output=True, text=True, timeout=60, check=False)
    lines = [json.loads(line) for line in ran.stderr.splitlines()]

    assert ran.returncode == 1
    assert [(line["message"], line["traceback"].splitlines()[-1]) for line in lines] == [
        ("the serving process failed, by a mistake of Headgate's", "RuntimeError: a mistake")
    ]
    JournalWriter.open(str(tmp_path / "data" / "journal")).close()


@pytest.mark.parametrize(
    "broken", ["_regular_work", "_hand_over", "_telemetry", "_upstreams", "_api", "audit", "_control", "_content", "_checkpoints", "_journal"]
)
async def test_whatever_fails_at_the_end_the_rest_is_closed(broken, caplog):
    """The journal above all. The exit code says that something failed."""
    closed = []

    class Part:
        """A part of the process, by its attribute."""

        def __init__(self, name, *, waits):
            self._name = name
            self.stop = self.close = self._wait if waits else self._end

        def _end(self):
            closed.append(self._name)
            if self._name == broken:
                raise OSError("gone")

        async def _wait(self):
            self._end()

    serving = _Serving.__new__(_Serving)
    serving._clock = FakeClock()
    names = ["_regular_work", "_hand_over", "_telemetry", "_upstreams", "_api", "audit", "_control", "_content", "_checkpoints", "_journal"]
    for name in names:
        setattr(serving, name, Part(name, waits=name in {*names[:6], "_checkpoints"}))
    serving._control.audit = serving.audit
    whole = await serving._close()

    assert closed == names
    assert not whole
    assert len(caplog.records) == 1


def test_a_gap_in_the_sandbox_of_queries_is_a_warning():
    """Anyone reads that there is one; which one only administrators do."""
    warned = unprotected_told(("landlock",))

    assert "SQL runs without a part of its sandbox" in warned.told
    assert "landlock" not in warned.told
    assert "It lacks: landlock." in warned.details
