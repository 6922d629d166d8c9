"""What is left of tables whose making was interrupted."""

import asyncio

import msgspec
import pytest

from headgate.core.errors import BadRequest, Unavailable
from tests.unit.admin.tabling import ADMIN, Desk

T = "main.default.t"
AT = "/data/warehouse/main/default/t"


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def desk():
    """A catalog without tables."""
    return Desk()


async def killed(desk, monkeypatch, text, *, where):
    """Run a statement in a process that dies before the store has its change."""
    with monkeypatch.context() as patch:
        patch.setattr(desk.state, where, lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            await desk.run(text)


async def test_a_finished_table_leaves_no_note(desk):
    """Nor does one that was refused, or one in the place of another."""
    await desk.run(f"CREATE TABLE {T} AS SELECT 1 AS x")
    await desk.run(f"CREATE OR REPLACE TABLE {T} AS SELECT 2 AS y")
    with pytest.raises(BadRequest):
        await desk.run(f"CREATE TABLE {T} (a INT)")
    assert (desk.notes.there, desk.notes.held) == ([], [])


async def test_files_without_an_entry_are_deleted(desk, monkeypatch):
    """Those of a table that did not come to the catalog; the name is free, and the next one goes beside the mark."""
    await killed(desk, monkeypatch, f"CREATE TABLE {T} AS SELECT 1 AS x", where="add")
    assert await desk.files.inspect(ADMIN, AT) is not None
    await desk.tables.settle()
    assert await desk.files.inspect(ADMIN, AT) is None
    assert desk.notes.there == []
    await desk.run(f"CREATE TABLE {T} AS SELECT 2 AS x")
    assert await desk.answer(f"SELECT x FROM {T}") == [{"x": 2}]


async def test_the_next_table_settles_too(desk, monkeypatch):
    """Without a start of the process."""
    await killed(desk, monkeypatch, f"CREATE TABLE {T} (a INT)", where="add")
    await desk.run("CREATE TABLE main.default.other (a INT)")
    assert await desk.files.inspect(ADMIN, AT) is None


async def test_the_catalog_follows_a_replacement(desk, monkeypatch):
    """The files have it, so the catalog gets its columns, comment and properties."""
    await desk.run(f"CREATE TABLE {T} (a INT) COMMENT 'old'")
    desk.clock.now_s += 10
    desk.files.now_ms += 10_000
    await killed(desk, monkeypatch, f"CREATE OR REPLACE TABLE {T} COMMENT 'new' TBLPROPERTIES ('k' = 'v') AS SELECT 2 AS y", where="change")
    assert [field.name for field in desk.find(T).table.schema.fields] == ["a"]
    await desk.tables.settle()
    entry = desk.find(T)
    assert ([field.name for field in entry.table.schema.fields], entry.comment, entry.properties) == (["y"], "new", {"k": "v"})
    assert desk.notes.there == []


async def test_what_the_work_did_not_make_is_left_alone(desk):
    """Files of another name, or that are older than the note, and those of an entry."""
    await desk.run(f"CREATE TABLE {T} (a INT)")
    entry = desk.find(T)
    await killed_note(desk, entry_id="other", began_at_ms=0)
    assert await desk.files.inspect(ADMIN, AT) is not None
    desk.state.remove(entry.id)  # a catalog of an earlier day
    await killed_note(desk, entry_id="other", began_at_ms=desk.files.now_ms + 1)
    assert await desk.files.inspect(ADMIN, AT) is not None
    await killed_note(desk, entry_id="other", began_at_ms=desk.files.now_ms)
    assert await desk.files.inspect(ADMIN, AT) is None


async def killed_note(desk, **changed):
    """Settle the note of a process that died."""
    note = desk.notes.write(msgspec.structs.replace(await noted(desk), **changed))
    note.close()
    await desk.tables.settle()
    assert desk.notes.there == []


async def noted(desk):
    """The note that a table gets."""
    seen, write = [], desk.notes.write
    desk.notes.write = lambda work: seen.append(work) or write(work)
    desk.files.is_full = True
    with pytest.raises(Unavailable):
        await desk.run("CREATE TABLE main.default.u (a INT)")
    desk.files.is_full = False
    desk.notes.write = write
    desk.notes.there.clear()
    return msgspec.structs.replace(seen[0], name=desk.find("main.default").name.child("t"), locations=(AT,))


async def test_a_place_that_cannot_be_reached(desk, monkeypatch, caplog):
    """The note stays for the next time, and other tables are made meanwhile."""
    await killed(desk, monkeypatch, f"CREATE TABLE {T} (a INT)", where="add")
    inspect = desk.files.inspect

    async def away(principal, location):
        if location == AT:
            raise Unavailable("no way there", code="STORAGE_UNAVAILABLE")
        return await inspect(principal, location)

    with monkeypatch.context() as patch:
        patch.setattr(desk.files, "inspect", away)
        await desk.run("CREATE TABLE main.default.other (a INT)")
    assert "no way there" in caplog.text
    assert len(desk.notes.there) == 1
    await asyncio.gather(desk.tables.settle(), desk.tables.settle())
    assert desk.notes.there == []
