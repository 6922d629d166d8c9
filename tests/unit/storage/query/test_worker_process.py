"""The process that answers queries."""

import os
import subprocess
import sys

import msgspec
import pyarrow as pa

from headgate.storage.query.frames import LENGTH, Hello, encode
from headgate.storage.query.worker_messages import Job, JobAnswer, WorkerSettings


def _frames(data):
    while data:
        (length,) = LENGTH.unpack(data[: LENGTH.size])
        yield data[LENGTH.size : LENGTH.size + length]
        data = data[LENGTH.size + length :]


def test_it_says_hello_and_answers_until_its_input_ends(tmp_path):
    """Three jobs, three answers, a clean end, and nothing of our environment in it. A sum of 900 terms, which DuckDB takes, is not too deep for us either."""
    settings = WorkerSettings(readable=(str(tmp_path),), parent_pid=os.getpid(), memory_mb=128, threads=1)
    texts = ("SELECT 1 AS a", "SELECT CAST(0" + " + 1" * 900 + " AS INT) AS a", "SELECT 1 AS a")
    run = subprocess.run(
        [sys.executable, "-I", "-m", "headgate.storage.query.worker_process", msgspec.json.encode(settings).decode()],
        input=b"".join(encode(Job(sql=text, views=(), paths=(), row_limit=1, byte_limit=100)) for text in texts),
        capture_output=True,
        check=True,
        timeout=60,
        env={},
        cwd="/",
    )

    hello, *answers = _frames(run.stdout)

    assert "limits" in msgspec.msgpack.decode(hello, type=Hello).protections
    assert [pa.ipc.open_stream(msgspec.msgpack.decode(answer, type=JobAnswer).arrow).read_all().to_pylist() for answer in answers] == [
        [{"a": 1}],
        [{"a": 900}],
        [{"a": 1}],
    ]
