"""SQL over tables in object storage: the same rows as over a local disk, from copies that are bounded, shared and fetched once; a store that fails is told in words."""

import asyncio
import os
import socket
import time

import msgspec
import pyarrow as pa
import pytest
from deltalake import DeltaTable, Field, write_deltalake
from deltalake.fs import DeltaStorageHandler
from deltalake.schema import PrimitiveType

from headgate.admin.statements import StatementRequest
from headgate.app.statement_runner import StatementRunner
from headgate.catalog import otel_tables
from headgate.catalog.names import Name
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings, Sql, Storage
from headgate.core.clock import SystemClock
from headgate.core.errors import GatewayError
from headgate.storage.delta import object_store
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace
from tests.fakes.object_store import BUCKET, Store
from tests.fakes.principals import administrator

ROOT = administrator("root")

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture(scope="module")
def store():
    """One for all tests of the module."""
    with Store() as made:
        yield made


@pytest.fixture
def environment(store, monkeypatch):
    """How it is reached, and an end to it when it hangs."""
    for name, value in store.variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(object_store, "OPTIONS", {"connect_timeout": "2s", "timeout": "3s", "max_retries": "0", "retry_timeout": "3s"})


class House(LandingPlace):
    """A data directory with a service for statements, and where its tables lie: here, or in the bucket."""

    def __init__(self, root, warehouse, **sql):
        super().__init__(root)
        self.warehouse = warehouse or f"{root}/warehouse"
        settings = Settings(storage=Storage(warehouse=warehouse), sql=msgspec.structs.replace(Sql(workers=1, memory_mb=256), **sql))
        self.runner = StatementRunner(DataDirectory(root), settings, SystemClock())

    def location(self, table):
        """Where a table lies."""
        return f"{self.warehouse}/main/default/{table}"

    async def rows(self, text):
        """What a statement gives."""
        result = await self.runner.statements.result(StatementRequest(statement=text), ROOT)
        return result.table.to_pylist(maps_as_pydicts="lossy")

    async def refusal(self, text):
        """The code and the words of a statement that fails."""
        with pytest.raises(GatewayError) as raised:
            await self.rows(text)
        return raised.value.code, raised.value.message

    def copies(self):
        """What lies in the folder of copies."""
        return sorted(os.path.join(folder, name) for folder, _, names in os.walk(f"{self.data_dir}/cache/files") for name in names)

    async def end(self):
        """Everything is gone."""
        self.close()
        await self.runner.close()


@pytest.fixture
async def house(environment, tmp_path):
    """Makes houses: `local`, or in the bucket."""
    made = []

    def build(*, local=False, name="house", **sql):
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        made.append(House(root, "" if local else f"{BUCKET}/{tmp_path.name}-{name}", **sql))
        return made[-1]

    yield build
    for one in made:
        await one.end()


async def test_the_same_statements_give_the_same_rows(house):
    """Joins, partitions with any text in their values, a column that was added, versions, times, files that were merged, and the ledger."""
    answers = []
    for local in (True, False):
        one = house(local=local, name="here" if local else "there")
        await one.rows("CREATE TABLE t (a BIGINT, m STRING) PARTITIONED BY (m)")
        await one.rows("CREATE TABLE u (a BIGINT, b STRING)")
        await one.rows("CREATE TABLE empty (a BIGINT)")
        values = ["gpt/5 =%", "x[1]*?", None, "ü", "long" * 60]
        for number in range(2):
            write_deltalake(one.location("t"), pa.table({"a": range(number * 5, number * 5 + 5), "m": values}), mode="append")
        write_deltalake(one.location("u"), pa.table({"a": [1], "b": ["one"]}), mode="append")
        DeltaTable(one.location("u")).alter.add_columns([Field("c", PrimitiveType("integer"))])
        write_deltalake(one.location("u"), pa.table({"a": [2], "b": ["two"], "c": pa.array([7], pa.int32())}), mode="append")
        found = [
            await one.rows(text)
            for text in (
                "SELECT * FROM t ORDER BY a",
                "SELECT count(*) AS n FROM t WHERE m = 'gpt/5 =%'",
                "SELECT t.m, u.b, u.c FROM t JOIN u ON t.a = u.a ORDER BY u.a",
                "SELECT a FROM t VERSION AS OF 1 ORDER BY a",
                "SELECT count(*) AS n FROM t@v0",
                "SELECT count(*) AS n FROM t TIMESTAMP AS OF '2100-01-01T00:00:00Z'",
                "SELECT * FROM empty",
                "OPTIMIZE t",
                "SELECT * FROM t ORDER BY a",
                "SELECT count(*) AS n FROM system.ai_gateway.sessions",
            )
        ]
        found[7] = []  # names of files
        answers.append([*found, await one.refusal("SELECT * FROM u VERSION AS OF 9"), await one.refusal("SELECT nosuch FROM u")])

    assert answers[0] == answers[1]
    assert len(answers[1][0]) == 10


async def test_the_tail_is_read_with_the_files(house):
    """Rows that the journal has and the table has not, once each, before and after they are carried; the ledger's views see the table."""
    one = house()
    await one.runner.cases.commands.run(otel_tables.creation(Name(("main", "default", "m")), "metrics", "v1"), ROOT)
    marks = "SELECT sum.attributes['mark'] AS mark FROM m ORDER BY 1"
    one.put(*(one.batch(exports.metrics(mark, 1)) for mark in "ab"))
    before = await one.rows(marks)
    one.carrier().round()
    one.put(one.batch(exports.metrics("c", 1)))
    after = await one.rows(marks)

    assert [row["mark"] for row in before] == ["a", "b"]
    assert [row["mark"] for row in after] == ["a", "b", "c"]
    assert await one.rows("SELECT name FROM m VERSION AS OF 0") == []
    assert await one.rows("SELECT count(*) AS n FROM system.ai_gateway.sessions") == [{"n": 1}]


async def test_a_copy_is_fetched_once_and_survives_what_it_was_copied_from(house):
    """Files never change: a second query asks the store for none. One that is neither here nor there is told."""
    one = house()
    await one.rows("CREATE TABLE t (a BIGINT)")
    write_deltalake(one.location("t"), pa.table({"a": [1]}), mode="append")
    first = await one.rows("SELECT a FROM t")
    [path] = one.copies()
    written = os.stat(path).st_ino
    for uri in DeltaTable(one.location("t")).file_uris():
        DeltaStorageHandler(one.location("t")).delete_file(uri.removeprefix(f"{one.location('t')}/"))
    again = await one.rows("SELECT a FROM t")
    kept = os.stat(path).st_ino == written
    os.unlink(path)

    assert first == again == [{"a": 1}]
    assert kept
    assert await one.refusal("SELECT a FROM t") == (
        "DELTA_FILE_NOT_FOUND",
        "[DELTA_FILE_NOT_FOUND] A file of main.default.t is missing in object storage: it was deleted, or vacuumed while it was read.",
    )
    assert os.listdir(f"{one.data_dir}/cache/leases") == []


async def test_copies_stay_within_their_bound(house):
    """What was read longest ago goes; a query that needs more than all of it is refused in words that name the setting."""
    one = house(cache_mb=1)
    for name in "abc":
        await one.rows(f"CREATE TABLE {name} (a BINARY)")
        write_deltalake(one.location(name), pa.table({"a": [os.urandom(400_000)]}), mode="append")
    for name in "abac":
        await one.rows(f"SELECT count(a) AS n FROM {name}")
    kept = one.copies()
    code, words = await one.refusal("SELECT count(a.a) + count(b.a) + count(c.a) AS n FROM a, b, c")

    assert len(kept) == 2
    assert sum(os.path.getsize(path) for path in kept) < 1 << 20
    assert code == "QUERY_CACHE_EXCEEDED"
    assert "sql.cache_mb" in words
    assert one.copies() == kept


async def test_a_store_that_refuses_or_is_away_is_told_without_secrets(house, store, monkeypatch):
    """Wrong credentials, none, no bucket, nobody there; for a query and for a description. No address, key or signature is in the words."""
    one = house()
    await one.rows("CREATE TABLE t (a BIGINT)")
    write_deltalake(one.location("t"), pa.table({"a": [1]}), mode="append")
    told = []
    texts = ("SELECT a FROM t", "DESCRIBE DETAIL t")
    store.check_credentials(after=0)
    told += [await one.refusal(text) for text in texts]
    store.check_credentials(after=1 << 40)
    with monkeypatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        told += [await one.refusal(text) for text in texts]
    await one.rows("SELECT a FROM t")

    assert [code for code, _ in told] == ["STORAGE_ACCESS_DENIED"] * 2 + ["STORAGE_UNAVAILABLE"] * 2
    assert told[0][1] == "[STORAGE_ACCESS_DENIED] Object storage refuses Headgate's credentials for main.default.t (403, InvalidAccessKeyId)."
    assert told[2][1] == "[STORAGE_UNAVAILABLE] The object storage of main.default.t cannot be reached: the connection is refused."
    assert not any(secret in words for _, words in told for secret in ("hush-hush", "127.0.0.1", "http", "RequestId", "\x1b"))


async def test_the_time_limit_holds_for_a_store_that_hangs(house, monkeypatch):
    """The query ends with its time, not with the store's; a table of this machine is read meanwhile."""
    one = house(timeout_s=4.0)
    await one.rows("CREATE TABLE t (a BIGINT)")
    with socket.create_server(("127.0.0.1", 0)) as silent, monkeypatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        patched.setattr(object_store, "OPTIONS", {"connect_timeout": "60s", "timeout": "60s", "max_retries": "0", "retry_timeout": "60s"})
        begun = time.monotonic()
        hanging = asyncio.ensure_future(one.refusal("SELECT a FROM t"))
        await asyncio.sleep(0.1)
        meanwhile = await one.rows("SELECT count(*) AS n FROM system.ai_gateway.usage")
        code, _ = await hanging

    assert meanwhile == [{"n": 0}]
    assert code == "QUERY_TIMEOUT"
    assert time.monotonic() - begun < 30
