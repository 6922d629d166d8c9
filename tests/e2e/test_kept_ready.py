"""What answers queries, before anything is asked."""

import time
from pathlib import Path

import pytest

from tests.e2e.lab import ALONE, Gateway, descendants

_PARTS = (b"statement_process", b"parser_process", b"worker_process")


def _running(gateway):
    """Which of its parts there are."""
    assert gateway.process is not None
    commands = [Path(f"/proc/{pid}/cmdline") for pid in descendants(gateway.process.pid)]
    told = b"\n".join(path.read_bytes() for path in commands if path.exists())
    return {part for part in _PARTS if part in told}


@pytest.mark.slow
def test_what_answers_queries_is_started_ahead(tmp_path):
    """A gateway that keeps it ready starts it by itself, a while after it serves; at its end all are gone."""
    gateway = Gateway(tmp_path, ALONE, token="-", variables={"HEADGATE_SQL_KEEP_READY": "true"})
    gateway.start()
    try:
        assert _running(gateway) == set()
        deadline = time.monotonic() + 120
        while _running(gateway) != set(_PARTS):
            assert time.monotonic() < deadline, gateway.log
            time.sleep(0.2)
    finally:
        assert gateway.stop() == 0
