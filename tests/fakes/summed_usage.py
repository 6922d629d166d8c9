"""A usage table with sums, asked through the real compiler, gateway and engine in the test's own process; rows that are in no file yet are a list."""

import types

import msgspec
import pyarrow as pa

from headgate.admin.relations import CatalogRelations
from headgate.admin.statement_ports import Query
from headgate.app.usage_summing import UsageSumming
from headgate.catalog.usage_table import USAGE
from headgate.core.usage import Usage, UsageLine
from headgate.storage.delta import delta_table
from headgate.storage.query.compile_memory import CompileMemory
from headgate.storage.query.engine import Engine
from headgate.storage.query.gateway import QueryGateway
from headgate.storage.query.open_tables import OpenTables
from headgate.storage.rows.usage_rows import UsageRows
from headgate.web.ui.relations import RowScope, compose
from tests.fakes.catalog_state import MemoryCatalog
from tests.fakes.object_store import fetching
from tests.fakes.parsers import HereParsers
from tests.fakes.principals import administrator
from tests.fakes.records import AT_NS, intent, outcome, rates_of

ROOT = administrator("root")
# Rows may be deleted, as retention does.
_TABLE = msgspec.structs.replace(USAGE, properties={})
_ADVICE = Usage(
    input_tokens=10, output_tokens=5, beside=(UsageLine(kind="advisor_message", model="claude-sonnet-4-6", input_tokens=7, output_tokens=1),)
)
# Kinds from 1000 on: an agent's long prompt, as caches see it. The last digit is the session, the one before it which of these usages.
_CACHED = (
    Usage(input_tokens=10, cache_read_tokens=5000, cache_write_5m_tokens=2000, output_tokens=5),
    Usage(input_tokens=10, cache_write_1h_tokens=8000, output_tokens=5),
    Usage(input_tokens=9000, cache_read_tokens=20, output_tokens=5),
    Usage(input_tokens=3000, cache_read_tokens=900, cache_write_5m_tokens=1200, cache_write_1h_tokens=5000, output_tokens=5),
)
_USAGES = (None, Usage(input_tokens=10, cache_read_tokens=1000, output_tokens=50), Usage(output_tokens=3), _ADVICE)


def passed(number, at_s, kind):
    """An exchange that began at a second. `kind` is any number: it decides who asked for what, and how it ended."""
    about = {
        "requester": ("ada@example.com", "bob@example.com")[kind % 2],
        "agent": ("claude-code", "codex", "")[kind % 3],
        "session_id": ("s-1", "s-2", "")[kind // 2 % 3],
        "model_sent": ("claude-opus-4-6", "unknown-model")[kind // 3 % 2],
        "request_tags": ({"team": "tools"}, {}, {"team": "web", "repo": "x"})[kind // 5 % 3],
        "started_at_ns": AT_NS + at_s * 10**9,
    }
    if kind >= 1000:
        about |= {"session_id": f"c-{kind % 5}", "agent": "codex", "model_sent": "claude-opus-4-6", "request_tags": {"team": "tools"}}
    ended, status_code = (("completed", 200), ("failed", 529), ("refused", 429))[0 if kind >= 1000 else kind // 7 % 3]
    asked = intent(f"r-{number}", **about)
    return outcome(
        f"r-{number}",
        intent=asked,
        usage=_CACHED[kind // 10 % 4] if kind >= 1000 else _USAGES[kind // 11 % 4],
        ended=ended,
        status_code=status_code,
        model_served=asked.model_sent,
    )


class SummedUsage:
    """The table of one folder. `compiler` may be one that has compiled the same texts for the same folder before."""

    def __init__(self, folder, compiler=None):
        self.folder = str(folder)
        self.path = delta_table.table_path(self.folder, USAGE)
        self.waiting = []
        self._rows = UsageRows(rates_of)
        self._seq = 0
        self._catalog = MemoryCatalog(["root"], f"{self.folder}/warehouse")
        self._compiler = compiler or CompileMemory(HereParsers())
        self._fetching = fetching(folder)
        self._tables = OpenTables(self.folder, f"{self.folder}/sums")
        self.cases = types.SimpleNamespace(catalog=types.SimpleNamespace(snapshot=self._snapshot))
        self._engine = Engine(512, 1)
        self.asked = 0

    def append(self):
        """Write what waits to a file."""
        self._seq += 1
        delta_table.append(delta_table.ensure_table(self.path, _TABLE), self._rows.fitting(self.waiting)[0], "journal", self._seq)
        self.waiting = []

    async def sum(self):
        """Make the sums that are missing."""
        return await UsageSumming(self, self.folder).run()

    async def query(self, query, relations):
        """A query of the process that makes sums."""
        self.asked += 1
        return await self._gateway().run(query, relations)

    async def ask(self, sql, filters):
        """The rows of a tile's SQL, in a fixed order; amounts and times as texts."""
        composed = compose(sql, RowScope(filters=filters, everyone=True))
        query = Query(text=composed.text, parameters=composed.parameters, principal=ROOT)
        result = await self._gateway().run(query, CatalogRelations(self._catalog.load(), ROOT))
        return sorted(map(repr, pa.ipc.open_stream(result.arrow).read_all().to_pylist()))

    def begin(self, source):
        """Implements `Tails`."""
        assert source.name == USAGE.name
        return lambda _committed, _opened: self._tail()

    async def run(self, job, timeout_s, principal):
        """Implements the pool of workers."""
        del timeout_s, principal
        self._engine.prepare()
        return self._engine.answer(job)

    def _gateway(self):
        return QueryGateway(self._compiler, self, self, self._fetching, self._tables)

    async def _snapshot(self):
        return self._catalog.load()

    def _tail(self):
        if not self.waiting:
            return None
        rows = self._rows.fitting(self.waiting)[0]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write_table(rows)
        return sink.getvalue().to_pybytes()
