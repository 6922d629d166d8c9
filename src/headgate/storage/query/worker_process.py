"""The process that answers queries and nothing else: `python -m headgate.storage.query.worker_process`. Started by the pool with an environment of its own.

It loads what it needs, gives up everything else (`sandbox`), says hello, and then answers jobs from its standard input until that closes.
"""

import sys

import duckdb
import msgspec
import pyarrow as pa

from headgate.storage.query import frames, sandbox
from headgate.storage.query.engine import Engine
from headgate.storage.query.worker_messages import Job, View, WorkerSettings

# DuckDB takes expressions of 1000 levels, each of which is two or three in the JSON of its tree.
_LEVELS_MAX = 6000


def main(settings: WorkerSettings) -> None:
    """Answer jobs until the pool closes the pipe."""
    sys.setrecursionlimit(_LEVELS_MAX)
    _warm_up()
    held = sandbox.enter(settings.readable, (settings.memory_mb + settings.overhead_mb) << 20, settings.parent_pid)
    frames.send(frames.Hello(held))
    decoder = msgspec.msgpack.Decoder(Job)
    engine = Engine(settings.memory_mb, settings.threads)
    while True:
        engine.prepare()
        try:
            job = decoder.decode(frames.receive())
        except EOFError:
            return
        frames.send(engine.answer(job))


def _warm_up() -> None:
    """Run one query of every kind of part once: after the sandbox closes nothing can be loaded any more."""
    sink = pa.BufferOutputStream()
    table = pa.table({"a": [1]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    view = View("headgate_t0", "t", 'SELECT * FROM "tail"', "", "tail", sink.getvalue().to_pybytes())
    sql = "SELECT a, now(), uuid(), strftime(CAST(now() AS TIMESTAMP), '%Y'), CAST('{\"a\":1}' AS JSON), sum(a) FROM headgate_t0 GROUP BY ALL"
    Engine(64, 1).answer(Job(sql=sql, views=(view,), paths=(), row_limit=1, byte_limit=1))
    duckdb.connect().execute("SELECT CAST(CAST('2026-01-01 00:00:00+01' AS TIMESTAMPTZ) AS VARCHAR)").fetchall()


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=WorkerSettings))
