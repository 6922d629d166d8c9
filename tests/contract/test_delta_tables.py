"""What whoever works on tables' files does: the same in memory as with delta-rs in processes of its own."""

import pytest

from headgate.admin.catalog_ports import NewFiles
from headgate.catalog import types
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.core.errors import BadRequest, NotFound
from headgate.storage.table_tasks.child_tables import ChildDeltaTables
from tests.fakes.delta_tables import MemoryTables
from tests.fakes.principals import user

ADA = user("ada")


@pytest.fixture(params=["memory", "processes"])
async def tables(request):
    """Both implementations."""
    return MemoryTables() if request.param == "memory" else ChildDeltaTables()


def columns(text: str) -> str:
    return types.to_delta_json(Structure(types.parse_columns(text)))


def new(location, text: str = "a: bigint, b: map<string,string>, p: date", **changed) -> NewFiles:
    fields = {
        "location": str(location), "columns": columns(text), "name": Name(("main", "default", "t")), "comment": "words", "partitioned_by": ("p",),
        "properties": {"otel.schemaVersion": "v1", "delta.checkpointInterval": "50"},
    }  # fmt: skip
    return NewFiles(**(fields | changed))


async def test_create_and_inspect(tables, tmp_path):
    """A table is there once it is made, as it was asked for; a second one is not made on top of it."""
    place = tmp_path / "w" / "main" / "t"
    assert await tables.inspect(ADA, str(place)) is None
    made = await tables.create(ADA, new(place))
    seen = await tables.inspect(ADA, str(place))
    assert types.from_delta_json(seen.columns) == types.from_delta_json(new(place).columns)
    assert (seen.version, seen.partitioned_by, seen.properties, seen.comment, seen.name) == (
        0,
        ("p",),
        new(place).properties,
        "words",
        "main.default.t",
    )
    assert (made.files, made.size_bytes, made.columns) == (0, 0, seen.columns)
    with pytest.raises(BadRequest) as taken:
        await tables.create(ADA, new(place))
    assert taken.value.status == 409


async def test_replace(tables, tmp_path):
    """A replaced table has other columns, partitions and properties, and remembers its steps."""
    await tables.create(ADA, new(tmp_path / "t"))
    made = await tables.replace(ADA, new(tmp_path / "t", "x: string", partitioned_by=(), properties={"k": "v"}))
    assert (made.version, made.columns, made.partitioned_by, made.properties) == (1, columns("x: string"), (), {"k": "v"})
    assert [step.operation for step in await tables.history(ADA, str(tmp_path / "t"), 10)] == ["CREATE OR REPLACE TABLE", "CREATE TABLE"]
    assert [step.version for step in await tables.history(ADA, str(tmp_path / "t"), 1)] == [1]
    assert await tables.history(ADA, str(tmp_path / "none"), 10) in ((), [])


async def test_change(tables, tmp_path):
    """Properties are added to, columns come at the end."""
    await tables.create(ADA, new(tmp_path / "t", "a: bigint", partitioned_by=()))
    changed = await tables.set_properties(ADA, str(tmp_path / "t"), {"otel.schemaVersion": "v2", "own": "1"})
    assert changed.properties == {"otel.schemaVersion": "v2", "delta.checkpointInterval": "50", "own": "1"}
    changed = await tables.add_columns(ADA, str(tmp_path / "t"), columns("s: struct<x:array<string>>, z: decimal(10,2)"))
    assert types.from_delta_json(changed.columns) == types.from_delta_json(columns("a: bigint, s: struct<x:array<string>>, z: decimal(10,2)"))
    assert changed.version == 2


async def test_care(tables, tmp_path):
    """An empty table can be cared for; a missing one cannot."""
    await tables.create(ADA, new(tmp_path / "t"))
    assert (await tables.optimize(ADA, str(tmp_path / "t"), ()))["numFilesRemoved"] == 0
    assert list(await tables.vacuum(ADA, str(tmp_path / "t"), 1.0)) == list(await tables.vacuum_names(ADA, str(tmp_path / "t"), 1.0)) == []
    with pytest.raises(NotFound):
        await tables.optimize(ADA, str(tmp_path / "none"), ())


async def test_delete(tables, tmp_path):
    """A deleted table is gone, and no other is made at its place; deleting what is not there is no error."""
    await tables.create(ADA, new(tmp_path / "t"))
    await tables.delete(ADA, str(tmp_path / "t"))
    await tables.delete(ADA, str(tmp_path / "t"))
    assert await tables.inspect(ADA, str(tmp_path / "t")) is None
    with pytest.raises(BadRequest) as taken:
        await tables.create(ADA, new(tmp_path / "t"))
    assert taken.value.status == 409
