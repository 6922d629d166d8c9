"""The views of the joined ledger over rows in memory, asked through the real compiler and the real engine, in this process."""

import functools

import msgspec
import pyarrow as pa

from headgate.admin.statement_ports import TableSource, ViewSource
from headgate.catalog import otel_tables
from headgate.catalog.ledger.live import live_relations
from headgate.catalog.ledger.own_views import OWN_VIEWS
from headgate.catalog.ledger.part_texts import part_texts, whole_text
from headgate.catalog.ledger.settled import SETTLED_TABLES, WHOLE_SESSIONS, SettledTime
from headgate.catalog.ledger.sources import OtelTable
from headgate.catalog.ledger.views import ledger_views
from headgate.catalog.names import Defaults, Name
from headgate.catalog.system import VIEWS
from headgate.catalog.usage_table import USAGE
from headgate.core.usage import Usage
from headgate.storage.delta.arrow_types import arrow_schema
from headgate.storage.query import view_sql
from headgate.storage.query.engine import Engine
from headgate.storage.query.table_files import TableVersion
from headgate.storage.query.worker_messages import Job, View
from headgate.storage.rows.usage_rows import UsageRows
from headgate.storage.settling.settled_files import made_rows
from tests.fakes.agent_telemetry import ns
from tests.fakes.principals import user
from tests.fakes.records import intent, outcome, rates_of
from tests.fakes.relations import compile_text

AI_GATEWAY = Name(("system", "ai_gateway"))
OBSERVED = Name(("main", "observed"))
_AGENTS = {
    "claude-code": {"endpoint": "databricks-claude-opus-4-6", "model_sent": "claude-opus-4-6", "api_type": "anthropic/v1/messages"},
    "codex": {"endpoint": "databricks-gpt-5-2", "model_sent": "gpt-5.2", "api_type": "openai/v1/responses"},
    "gemini-cli": {
        "endpoint": "databricks-gemini-2-5-flash",
        "model_sent": "gemini-2.5-flash",
        "api_type": "gemini/v1/generateContent",
        "session_id": "",
    },
    "opencode": {"endpoint": "databricks-gpt-5-2", "model_sent": "gpt-5.2", "api_type": "openai/v1/chat/completions", "session_id": ""},
    "": {},
}
_OUTCOME = ("ended", "status_code", "response_id", "upstream_request_id", "finish_reason", "error_code", "attempts")


def exchange(request_id, at_s=0.0, tokens=(10, 0, 0, 50), agent="claude-code", *, latency_s=2.0, estimated=False, **changes):
    """An exchange that ended at `at_s`: fresh input, cache reads, cache writes, output; `tokens=None` where nothing was counted,
    a `Usage` where more was.
    """
    about = {"ended": "completed", "status_code": 200, "response_id": f"answer-{request_id}"} | {
        key: changes.pop(key) for key in _OUTCOME if key in changes
    }
    model = _AGENTS[agent].get("endpoint", "databricks-claude-opus-4-6")
    asked = intent(request_id, started_at_ns=ns(at_s - latency_s), **({"agent": agent, "model_asked": model, **_AGENTS[agent]} | changes))
    usage = tokens if isinstance(tokens, Usage) else None
    if tokens is not None and usage is None:
        fresh, read, write, output = tokens
        usage = Usage(input_tokens=fresh, cache_read_tokens=read, cache_write_5m_tokens=write, output_tokens=output, estimated=estimated)
    return outcome(
        request_id, intent=asked, usage=usage, latency_ms=round(latency_s * 1000), ended_at_ns=ns(at_s), model_served=asked.model_sent, **about
    )


class _Relations:
    """Views of ours, and tables of which the name and the columns matter."""

    def __init__(self, views, schemas):
        self._views = views
        self._schemas = schemas

    def resolve(self, name):
        """A view of ours or a table."""
        return ViewSource(name, self._views[name]) if name in self._views else TableSource(name, "nowhere", self._schemas[name])

    def resolve_inside(self, view, name):
        """The same inside of a view."""
        del view
        return self.resolve(name)


@functools.lru_cache(maxsize=256)
def _compiled(text, tables, days, known):
    live = live_relations(USAGE.name, tables, days, known) if known.until_us else ()
    views = {view.name: view.text for view in (*VIEWS, *OWN_VIEWS, *ledger_views(USAGE.name, tables, days, known), *live)}
    schemas = {table.name: otel_tables.schema(table.kind.signal, table.kind.version) for table in tables}
    schemas |= {table.name: table.schema for table in (USAGE, *SETTLED_TABLES)}
    return compile_text(text, user("ana"), _Relations(views, schemas), defaults=Defaults("system", "ai_gateway"))


class Ledger:
    """The views over these exchanges and this telemetry."""

    def __init__(self, exchanges=(), telemetry=None, version="v1", days=0):
        tables = telemetry.tables(version) if telemetry is not None else {}
        self._tables = tuple(OtelTable(OBSERVED.child(name), kind) for name, kind in tables)
        self._days = days
        self.known = SettledTime()
        self._rows = {USAGE.name: (USAGE.schema, UsageRows(rates_of).table(list(exchanges)))}
        for (name, kind), rows in tables.items():
            self._rows[OBSERVED.child(name)] = (otel_tables.schema(kind.signal, kind.version), rows)
        for table in SETTLED_TABLES:
            self._rows[table.name] = (table.schema, arrow_schema(table.schema).empty_table())

    def settle(self, step, *, whole=False):
        """Settle a stretch, as the process does that settles: each table gets its rows, and views read them from then on. With a draft, `whole` sessions
        are settled too.
        """
        edition = step.afterwards.edition
        for table, text in part_texts(USAGE.name, self._tables, step.stretch, self.known.days_alone):
            self._add(table, self.ask(text), step)
        self.known = step.afterwards
        if edition and whole:
            self._add(WHOLE_SESSIONS, self.ask(whole_text(step.afterwards, self._days)), step)
            self.known = msgspec.structs.replace(step.afterwards, whole=True)

    def _add(self, table, found, step):
        schema, rows = self._rows[table.name]
        self._rows[table.name] = (schema, pa.concat_tables([rows, made_rows(table, found, step.last_day, step.afterwards.edition)]))

    def ask(self, text):
        """The answer as an Arrow table."""
        compiled = _compiled(text, self._tables, self._days, self.known)
        job = Job(sql=compiled.sql, views=tuple(self._view(read) for read in compiled.reads), paths=(), row_limit=100_000, byte_limit=1 << 28)
        answer = Engine(512, 1).answer(job)
        assert not answer.failure, answer.message
        return pa.ipc.open_stream(answer.arrow).read_all()

    def rows(self, view):
        """Every row of a view."""
        return self.ask(f"SELECT * FROM {view}").to_pylist()

    def one(self, view):
        """The only row of a view."""
        [row] = self.rows(view)
        return row

    def pairs(self):
        """How each exchange was known, by request id; what was reported alone stands under its `via` and input."""
        found = {}
        for row in self.ask("SELECT request_id, via, client_input_tokens, match_kind FROM exchanges").to_pylist():
            key = row["request_id"] or (row["via"], row["client_input_tokens"])
            assert key not in found, f"{key} is there twice"
            found[key] = row["match_kind"]
        return found

    def _view(self, read):
        schema, rows = self._rows[read.source.name]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write_table(rows)
        text = view_sql.view_text(TableVersion(0, schema, ()), f"{read.view}_tail")
        return View(read.view, str(read.source.name), text, text, f"{read.view}_tail", sink.getvalue().to_pybytes())
