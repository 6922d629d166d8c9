"""Tables in object storage, before a real S3 server: made, appended to exactly once, cared for and read back as on a local disk."""

import os

import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder

from headgate.admin.catalog_ports import NewFiles
from headgate.catalog import otel_tables, types
from headgate.catalog.names import Name
from headgate.core.errors import BadRequest
from headgate.storage.delta import delta_table
from headgate.storage.flusher import rounds
from headgate.storage.journal import waiting_batches
from headgate.storage.journal.batch_frames import FramedBatch
from headgate.storage.rows import batch_rows, inserted_rows
from headgate.storage.table_tasks.child_tables import ChildDeltaTables
from tests.e2e.lab import free_port
from tests.fakes import exports
from tests.fakes.landing_place import LandingPlace
from tests.fakes.object_store import BUCKET, Store
from tests.fakes.principals import user

pytestmark = pytest.mark.usefixtures("environment")

NAME = Name(("main", "default", "m"))


class Crash(BaseException):
    """The process dies here."""


@pytest.fixture(scope="module")
def store():
    """One for all tests of the module."""
    with Store() as made:
        yield made


@pytest.fixture
def environment(store, monkeypatch):
    """How delta-rs reaches it, by the names that it documents."""
    for name, value in store.variables().items():
        monkeypatch.setenv(name, value)


class RemotePlace(LandingPlace):
    """A data directory here, its table in the bucket."""

    def location(self, table):
        """Each test has a folder of its own."""
        return f"{BUCKET}/{os.path.basename(self.data_dir)}/{table}"

    def ids(self):
        """The marks in the table, as delta-rs reads them."""
        rows = QueryBuilder().register("t", DeltaTable(self.location("m"))).execute("SELECT sum.attributes['mark'] AS mark FROM t").read_all()
        return sorted(pa.table(rows).column("mark").to_pylist())


@pytest.fixture
async def place(environment, tmp_path):
    """A metrics table, made as the catalog makes one."""
    made = RemotePlace(tmp_path)
    await ChildDeltaTables().create(user("ada"), new(made.location("m")))
    yield made
    made.close()


def new(location):
    """A metrics table to be made."""
    schema = otel_tables.creation(NAME, "metrics", "v1")
    return NewFiles(
        location=location,
        columns=types.to_delta_json(schema.schema),
        name=NAME,
        comment="words",
        partitioned_by=(),
        properties=dict(schema.properties),
    )


def put(place, *marks):
    """Journal one small export for each mark."""
    place.put(*(place.batch(exports.metrics(mark, 1)) for mark in marks))


async def test_a_table_is_made_changed_and_deleted_there(tmp_path):
    """Everything that a statement asks of a table's files."""
    tables, location = ChildDeltaTables(), f"{BUCKET}/{tmp_path.name}/t"
    assert await tables.inspect(user("ada"), location) is None
    made = await tables.create(user("ada"), new(location))
    with pytest.raises(BadRequest) as taken:
        await tables.create(user("ada"), new(location))
    assert (await tables.set_properties(user("ada"), location, {"k": "v"})).properties["k"] == "v"
    assert (await tables.inspect(user("ada"), location)).columns == made.columns
    assert [step.operation for step in await tables.history(user("ada"), location, 5)][-1] == "CREATE TABLE"
    rows = inserted_rows.stream(pa.table({"day": ["a b", "%"], "n": [1, 2]}))
    columns = types.to_delta_json(types.Structure(types.parse_columns("day: string, n: bigint")))
    replaced = await tables.replace(user("ada"), NewFiles(location=location, columns=columns, name=NAME, partitioned_by=("day",), rows=rows))
    assert (replaced.columns, replaced.files) == (columns, 2)
    assert sorted(DeltaTable(location).to_pyarrow_table().column("n").to_pylist()) == [1, 2]
    await tables.delete(user("ada"), location)

    assert taken.value.status == 409
    assert await tables.inspect(user("ada"), location) is None


async def test_rows_are_appended_once(place):
    """Each round a commit, with its number."""
    put(place, "a", "b")
    first = place.carrier().round()
    put(place, "c")
    place.carrier().round()

    assert first.rows == 2
    assert place.ids() == ["a", "b", "c"]
    assert delta_table.open_table(place.location("m")).version() == 2


@pytest.mark.parametrize("where", ["before the commit", "after the commit", "before the standing"])
async def test_a_flusher_that_dies_loses_and_doubles_nothing(place, monkeypatch, where):
    """The table in the bucket says what it has."""
    put(place, "a")
    module, name = (delta_table, "append") if "commit" in where else (rounds, "write_standing")
    real = getattr(module, name)

    def dying(*args):
        if where.startswith("after"):
            real(*args)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(module, name, dying)
        with pytest.raises(Crash):
            place.carrier().round()
    put(place, "b")
    place.carrier().round()

    assert place.ids() == ["a", "b"]


async def test_a_writer_with_an_old_view_commits_beside_another(place):
    """The store's conditional put refuses a version that is taken; the commit is tried with the next one."""
    location = place.location("m")
    one, other = delta_table.open_table(location), delta_table.open_table(location)
    rows = [batch_rows._decoded(one.schema().to_json(), [FramedBatch(None, place.batch(exports.metrics(mark, 1)))], b"seed") for mark in ("a", "b")]
    delta_table.append(one, rows[0], "one", 1)
    delta_table.append(other, rows[1], "other", 1)

    assert place.ids() == ["a", "b"]
    assert delta_table.open_table(location).version() == 2


async def test_rows_wait_for_a_store_that_is_away(place, monkeypatch):
    """Put aside with the reason, and carried when it is back."""
    put(place, "a")
    carrier = place.carrier()
    with monkeypatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
        patched.setenv("AWS_MAX_RETRIES", "0")
        assert carrier.round().rows == 0
    waiting = waiting_batches.tables(place.directory)
    put(place, "b")
    carrier.round()
    place.clock.now_ns += 100_000_000_000

    assert [table.name for table in waiting] == ["main.default.m"]
    assert carrier.retry() == 2
    assert place.ids() == ["a", "b"]
    assert waiting_batches.tables(place.directory) == []


async def test_its_files_are_merged_and_deleted_there(place, monkeypatch):
    """Care goes to tables wherever they lie."""
    monkeypatch.setattr(delta_table, "TIERS", ((4 << 20, 2),))
    carrier = place.carrier()
    for mark in "abcd":
        put(place, mark)
        carrier.round()
    carrier.tables.care()

    assert len(DeltaTable(place.location("m")).file_uris()) == 1
    assert place.ids() == ["a", "b", "c", "d"]
