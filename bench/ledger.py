"""Measures the joined ledger's views over millions of usage rows: `python -m bench.ledger [--rows 5000000]`, before and after the days are settled.

CPU of four questions of a dashboard over thirty days, and of settling: how long a day takes and how much memory. Prints only.
"""

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa

from bench import usage_rows
from headgate.admin.relations import CatalogRelations
from headgate.admin.statement_ports import Query
from headgate.app.options import StatementProcessOptions
from headgate.app.statement_runner import StatementRunner
from headgate.catalog import otel_tables
from headgate.catalog.entries import MANAGED, Entry, TableFacts
from headgate.catalog.holders import group
from headgate.catalog.names import Name
from headgate.catalog.otel_tables import LOGS
from headgate.catalog.statements import CreateTable
from headgate.catalog.types import to_delta_json
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings, Sql
from headgate.core.clock import SystemClock
from headgate.core.ids import new_uuid
from headgate.core.principal import ADMINS, Principal
from headgate.core.scopes import ADMIN, SQL
from headgate.storage.delta import delta_table
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.settling.standing import read_settled

_ROOT = Principal(id="root", name="root", scopes=frozenset({ADMIN, SQL}))
_LATELY = "current_timestamp() - INTERVAL 30 DAYS"
_PLACE = "system.ai_gateway"
QUERIES = {
    "sessions by agent": f"SELECT agent, outcome, count(*), sum(charge), sum(turns) FROM {_PLACE}.sessions WHERE started_at >= {_LATELY} GROUP BY ALL",
    "coverage by day": f"SELECT day, sum(gateway_tokens), sum(client_tokens_bypassed) FROM {_PLACE}.coverage WHERE day >= {_LATELY} GROUP BY day",
    "tools by name": f"SELECT tool, count(*) FROM {_PLACE}.client_tools WHERE called_at >= {_LATELY} GROUP BY tool",
    "accept rate by day": f"SELECT date(called_at), avg(CASE WHEN decision = 'accepted' THEN 1.0 ELSE 0 END) FROM {_PLACE}.client_tools "
    f"WHERE called_at >= {_LATELY} AND decision IS NOT NULL GROUP BY 1",
}
_LOGS = CreateTable(name=Name(("main", "default", "agents_otel_logs")), schema=otel_tables.schema(LOGS, "v1"))
# A report of each request that Claude Code made, and of every fourth a tool call.
_RECORDS = """
SELECT epoch_us(event_time) * 1000 AS time_unix_nano, epoch_us(event_time) * 1000 AS observed_time_unix_nano, name AS event_name,
  MAP(['session.id', 'request_id', 'model', 'input_tokens', 'cache_read_tokens', 'output_tokens', 'cost_usd', 'tool_use_id', 'tool_name', 'decision', 'success'],
    [session_id, request_id, model_served, fresh_input_tokens::VARCHAR, cache_read_tokens::VARCHAR, output_tokens::VARCHAR, charge::VARCHAR,
     'call-' || request_id, ['Edit', 'Bash', 'Read'][1 + (hash(request_id) % 3)::INTEGER], 'accept', 'true']) AS attributes
FROM read_parquet({file}), (VALUES ('api_request', 1), ('tool_decision', 4), ('tool_result', 4)) AS kinds(name, every)
WHERE agent = 'claude-code' AND status_code = 200 AND hash(request_id || 'tool') % every = 0
ORDER BY event_time
"""


def _write_records(data_dir: Path) -> int:
    """Telemetry in proportion to the usage rows, a commit for each of their files."""
    schema = arrow_schema(_LOGS.schema)
    path = delta_table.table_path(str(data_dir), _LOGS)
    usage = delta_table.open_table(str(data_dir / "warehouse" / "system" / "ai_gateway" / "usage"))
    written = 0
    with duckdb.connect(config={"threads": 2}) as database:
        for number, file in enumerate(sorted(usage.file_uris() if usage is not None else []), start=1):
            made = database.sql(_RECORDS.format(file=f"'{file.removeprefix('file://')}'")).to_arrow_table()
            scope = pa.array([{"name": "com.anthropic.claude_code.events"}] * made.num_rows, schema.field("instrumentation_scope").type)
            known = {**{name: made[name] for name in made.column_names}, "instrumentation_scope": scope}
            columns = [known[field.name].cast(field.type) if field.name in known else pa.nulls(made.num_rows, field.type) for field in schema]
            rows = pa.Table.from_arrays(columns, schema=schema).combine_chunks()
            delta_table.append(delta_table.ensure_table(path, _LOGS), rows, "bench", number)
            written += rows.num_rows
    return written


def _runner(data_dir: Path) -> StatementRunner:
    return StatementRunner(DataDirectory(data_dir), Settings(sql=Sql(workers=1)), SystemClock())


async def _declare(runner: StatementRunner, data_dir: Path) -> None:
    """Put the telemetry table into the catalog."""
    facts = TableFacts(table_type=MANAGED, columns=to_delta_json(_LOGS.schema))
    path = delta_table.table_path(str(data_dir), _LOGS)
    runner.cases.catalog.state.add(Entry(id=new_uuid(SystemClock().wall_ns()), name=_LOGS.name, owner=group(ADMINS), location=path, table=facts))


async def _ask(data_dir: Path) -> dict[str, str]:
    """CPU and wall time of each question, warm; the workers of one runner end before the next one is asked, so that theirs is counted."""
    found = {}
    for name, text in QUERIES.items():
        took = []
        for rounds in (1, 4):
            before_s, begun_s = _cpu_s(), time.perf_counter()
            runner = _runner(data_dir)
            try:
                for _ in range(rounds):
                    relations = CatalogRelations(await runner.cases.catalog.snapshot(), _ROOT, read_settled(str(data_dir)))
                    await runner.query(Query(text=text, principal=_ROOT, timeout_s=300), relations)
            except Exception as error:  # ruff: ignore[blind-except] - what fails is a finding too
                found[name] = f"{type(error).__name__}: {error}"[:90]
                break
            finally:
                await runner.close()
            took.append((_cpu_s() - before_s, time.perf_counter() - begun_s))
        else:
            found[name] = f"{(took[1][0] - took[0][0]) / 3:.2f} s of CPU, {(took[1][1] - took[0][1]) / 3:.2f} s"
    return found


def _cpu_s() -> float:
    return sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


async def _settle(data_dir: Path) -> None:
    options = StatementProcessOptions(data_dir=str(data_dir), parent_pid=os.getpid(), sql=Sql(workers=1))
    before_s = _cpu_s()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "headgate.app.settling_process", msgspec.json.encode(options).decode())
    await process.wait()
    print(f"settled in {_cpu_s() - before_s:.0f} s of CPU; largest process {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10} MB")


async def _measure(data_dir: Path, rows: int) -> None:
    usage_rows.write(data_dir, rows)
    print(f"{rows} usage rows over {usage_rows.DAYS} days, {_write_records(data_dir)} log records")
    runner = _runner(data_dir)
    await _declare(runner, data_dir)
    await runner.close()
    for when in ("before", "after"):
        for name, took in (await _ask(data_dir)).items():
            print(f"{when:7} {name:20} {took}", flush=True)
        if when == "before":
            await _settle(data_dir)


def main() -> None:
    """Make the tables, measure, settle, measure again."""
    options = argparse.ArgumentParser(prog="python -m bench.ledger")
    options.add_argument("--rows", type=int, default=5_000_000)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), options.parse_args().rows))


if __name__ == "__main__":
    main()
