"""One piece of work and what it answers."""

import pyarrow as pa
from deltalake import write_deltalake

from headgate.admin.catalog_ports import NewFiles
from headgate.catalog import types
from headgate.catalog.names import Name
from headgate.catalog.types import Structure
from headgate.storage.delta.task import work
from headgate.storage.table_tasks import messages


def new(location, text: str = "a: bigint", **changed) -> NewFiles:
    columns = types.to_delta_json(Structure(types.parse_columns(text)))
    return NewFiles(location=str(location), columns=columns, name=Name(("main", "default", "t")), **changed)


def refusal(task):
    refused = work(task).refused
    assert refused is not None
    return refused.status, refused.code


def test_refusals(tmp_path):
    """Whatever delta-rs refuses is said with a code, a status, and no path of this machine."""
    place = tmp_path / "t"
    work(messages.Create(new(place, properties={"delta.appendOnly": "true"})))
    write_deltalake(str(place), pa.table({"a": [1]}), mode="append")
    assert refusal(messages.Create(new(place))) == (409, "DELTA_PATH_EXISTS")
    assert refusal(messages.Replace(new(place))) == (400, "DELTA_CANNOT_MODIFY_APPEND_ONLY")
    assert refusal(messages.SetPropertiesTask(str(tmp_path / "none"), {"a": "b"})) == (404, "DELTA_TABLE_NOT_FOUND")
    assert refusal(messages.AddColumnsTask(str(place), new("", "a: string").columns))[0] == 400
    (tmp_path / "file").write_text("x")
    assert refusal(messages.Create(new(tmp_path / "file" / "t"))) == (503, "STORAGE_UNAVAILABLE")
    (place / "_delta_log" / f"{0:020}.json").write_text("not json")
    broken = work(messages.Inspect(str(place))).refused
    assert broken.code in {"DELTA_CANNOT_OPEN", "DELTA_UNSUPPORTED_FEATURES"}
    assert str(tmp_path) not in broken.message


def test_looking_where_nothing_is(tmp_path):
    """A place without a table is no error to who looks."""
    assert work(messages.Inspect(str(tmp_path))).files is None
    assert work(messages.History(str(tmp_path), 5)).commits == ()
    assert work(messages.Delete(str(tmp_path / "none"))).refused is None
