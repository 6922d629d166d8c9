"""What the statement process answers, over a data directory of its own."""

import asyncio
import json
import os
import subprocess
import sys

import msgspec
import pyarrow as pa
import pytest

from headgate.admin.page_queries import PageColumn, PageQuery, PageRows
from headgate.admin.statement_ports import Parameter, StatementCall
from headgate.admin.what_if import WhatIfAnswer, WhatIfAsked
from headgate.app import statement_runner
from headgate.app.options import StatementProcessOptions
from headgate.app.statement_link import LENGTH, AnswerFrame, CallFrame, EndFrame, frame
from headgate.app.statement_process import Answerer, _Loop, _started
from headgate.app.statement_runner import StatementRunner
from headgate.catalog.audit_chain import AuditVerdict, Head
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings, Sql
from headgate.core.acting import Acting, acting_as
from headgate.core.clock import SystemClock
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.storage.state.audit_outbox import AuditOutbox
from tests.fakes.principals import administrator, user

ROOT = administrator("root")
BASE = "http://gate.example"


def test_it_loads_no_parser():
    """Statements are parsed in processes that can be killed; loading a parser here would only hold the first page up."""
    program = "import sys, headgate.app.statement_process, headgate.app.statement_runner; print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "sqlglot" not in ran.stdout.split()


async def test_a_parser_is_there_from_the_start(tmp_path):
    """It was started before the libraries of tables were loaded, and what runs statements uses that one."""
    runner = await _started(StatementProcessOptions(data_dir=str(tmp_path), parent_pid=os.getpid()))
    try:
        [parser] = runner._parsers._idle
        await runner.warm()
        assert runner._parsers._idle == [parser]
    finally:
        await runner.close()


@pytest.fixture
async def answerer(tmp_path):
    """The answers of a fresh directory."""
    service = StatementRunner(DataDirectory(tmp_path), Settings(sql=Sql(workers=1, memory_mb=256)), SystemClock())
    yield Answerer(service)
    await service.close()


async def execute(answerer, statement: str, **fields) -> dict:
    body = json.dumps({"statement": statement, "warehouse_id": "any", "wait_timeout": "50s", **fields}).encode()
    return json.loads(await answerer.answer(StatementCall(kind="execute", principal=ROOT, body=body, base_url=BASE, token_id="tok_1")))


async def test_life_of_a_statement(answerer):
    """Executed, asked after, fetched, cancelled when it is over."""
    made = await execute(answerer, "SELECT 1 AS a")
    assert made["result"]["data_array"] == [["1"]]
    asked = StatementCall(kind="get", principal=ROOT, statement_id=made["statement_id"])
    assert json.loads(await answerer.answer(asked)) == made
    chunk = StatementCall(kind="chunk", principal=ROOT, statement_id=made["statement_id"])
    assert json.loads(await answerer.answer(chunk))["data_array"] == [["1"]]
    assert await answerer.answer(StatementCall(kind="cancel", principal=ROOT, statement_id=made["statement_id"])) == b"{}"
    with pytest.raises(NotFound):
        await answerer.answer(StatementCall(kind="get", principal=user("ada"), statement_id=made["statement_id"]))


async def test_rows_for_pages(answerer):
    """Plain values, and no statement that could be asked after."""
    query = PageQuery(text="SELECT :a AS a, CAST(1.5 AS DECIMAL(9,2)) AS b", parameters=(Parameter("a", "x"),))
    body = await answerer.answer(StatementCall(kind="rows", principal=ROOT, body=msgspec.msgpack.encode(query)))
    rows = msgspec.msgpack.decode(body, type=PageRows)
    assert rows.columns == (PageColumn("a", "STRING"), PageColumn("b", "DECIMAL(9,2)"))
    assert list(rows.rows()) == [("x", 1.5)]
    assert answerer._runner.statements._kept == {}


@pytest.mark.parametrize("text", ["CREATE SCHEMA main.s", "SHOW TABLES", "USE main.default", "SELECT 1; SELECT 2", "SELEC"])
async def test_pages_only_read(answerer, text):
    """A page's query changes nothing."""
    with pytest.raises(BadRequest):
        await answerer.answer(StatementCall(kind="rows", principal=ROOT, body=msgspec.msgpack.encode(PageQuery(text=text))))


async def test_rows_that_may_not_be_read(answerer):
    """A page shows what its reader may read, and the refusal is in the audit."""
    query = PageQuery(text="SELECT * FROM system.ai_gateway.usage")
    with pytest.raises(Forbidden):
        await answerer.answer(StatementCall(kind="rows", principal=user("ada"), body=msgspec.msgpack.encode(query)))
    event = AuditOutbox(answerer._runner._database).waiting()[-1].event
    assert (event.action, event.status_code) == ("executeStatement", 403)


async def test_a_call_that_is_ended_frees_its_worker(answerer):
    """With one worker, a short query is answered while a long one would still run; the long one is not answered."""
    reader, writer = asyncio.StreamReader(), Written()
    running = asyncio.ensure_future(_Loop(answerer, writer).run(reader))
    slow = PageQuery(text="SELECT count(*) FROM range(3000000) a, range(3000000) b")
    for number, query in ((1, slow), (2, PageQuery(text="SELECT 7"))):
        reader.feed_data(frame(CallFrame(number, StatementCall(kind="rows", principal=ROOT, body=msgspec.msgpack.encode(query)))))
    async with asyncio.timeout(30):
        while not answerer._runner._queries._pool or not answerer._runner._queries._pool._turns._running:
            await asyncio.sleep(0.01)
        reader.feed_data(frame(EndFrame(1)))
        reader.feed_data(frame(EndFrame(99)))  # of a call that has been answered
        while not writer.frames:
            await asyncio.sleep(0.01)
    reader.feed_eof()
    await running
    answered = [msgspec.msgpack.decode(sent[LENGTH.size :], type=AnswerFrame) for sent in writer.frames]
    assert [each.number for each in answered] == [2]
    assert msgspec.msgpack.decode(answered[0].body, type=PageRows).values == [[7]]


async def test_parsers_and_workers_start_in_advance(answerer, monkeypatch):
    """As many workers as the settings and the machine have room for, a parser, and the price list; the first statement finds them."""
    runner, loaded = answerer._runner, []
    monkeypatch.setattr(runner._queries._tails, "_rates_of", lambda *sale: loaded.append(sale))
    monkeypatch.setattr(statement_runner, "_PRICES_AFTER_S", 0)
    await runner.warm()
    async with asyncio.timeout(30):
        while not loaded:
            await asyncio.sleep(0.01)
    assert len(loaded) == 1
    (worker,), (parser,) = runner._queries._pool._idle, runner._parsers._idle
    await execute(answerer, "SELECT 1")
    assert (runner._queries._pool._idle, runner._parsers._idle) == ([worker], [parser])


class Written:
    """The end that answers are written to."""

    def __init__(self) -> None:
        self.frames = []

    def write(self, data: bytes) -> None:
        """One frame."""
        self.frames.append(data)

    async def drain(self) -> None:
        """Always room."""


async def test_links(answerer):
    """A link is good for its result, whoever follows it, and for nothing else."""
    made = await execute(answerer, "SELECT 7 AS a", disposition="EXTERNAL_LINKS", format="ARROW_STREAM")
    link = made["result"]["external_links"][0]["external_link"]
    path, _, signature = link.removeprefix(BASE).partition("?s=")
    assert path == f"/api/2.0/sql/statements/{made['statement_id']}/result/arrow/0"
    token_id, proof = signature.split(".")
    assert token_id == "tok_1"

    def follow(signature: str, token_id: str = "tok_1", chunk: int = 0) -> StatementCall:
        return StatementCall(kind="link", principal=ROOT, statement_id=made["statement_id"], signature=signature, token_id=token_id, chunk=chunk)

    assert pa.ipc.open_stream(await answerer.answer(follow(signature))).read_all().to_pylist() == [{"a": 7}]
    for forged in ("", "tok_1", "tok_1.", f"tok_1.{'00' * 32}", f"tok_2.{proof}", f".{proof}", proof, "x.\xe9", "\ufffd"):
        for presented in ("tok_1", forged.partition(".")[0]):
            with pytest.raises(Forbidden):
                await answerer.answer(follow(forged, presented))
    with pytest.raises(Forbidden):
        await answerer.answer(follow(signature, "tok_2"))  # the process that serves has looked up another token
    with pytest.raises(Forbidden):
        await answerer.answer(follow(signature, chunk=1))


async def test_a_link_is_worth_what_its_token_is(answerer):
    """It gives the results of the token's own principal, and of no other."""
    made = await execute(answerer, "SELECT 7 AS a", disposition="EXTERNAL_LINKS", format="ARROW_STREAM")
    signature = made["result"]["external_links"][0]["external_link"].partition("?s=")[2]
    call = StatementCall(kind="link", principal=user("ada"), statement_id=made["statement_id"], signature=signature, token_id="tok_1")
    with pytest.raises(NotFound):
        await answerer.answer(call)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"statement": 7}', b"{}", b'{"statement": "x", "parameters": 1}',
                                  b'{"statement": "\xff"}', b'{"statement": "x", "more": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"])  # fmt: skip
async def test_bodies(answerer, body):
    """What is no request is refused."""
    with pytest.raises(BadRequest):
        await answerer.answer(StatementCall(kind="execute", principal=ROOT, body=body))


async def test_a_table_outside_the_warehouse(answerer, tmp_path_factory):
    """Workers are let into a table's own place from the moment it has a name, and not before."""
    place = tmp_path_factory.mktemp("lake") / "t"
    await execute(answerer, "SELECT 1")  # a worker is there already
    assert (await execute(answerer, f"CREATE TABLE main.default.far (a INT) LOCATION '{place}'"))["status"]["state"] == "SUCCEEDED"
    from deltalake import write_deltalake

    write_deltalake(str(place), pa.table({"a": pa.array([1, 2], pa.int32())}), mode="append")
    assert (await execute(answerer, "SELECT sum(a) FROM main.default.far"))["result"]["data_array"] == [["3"]]


async def test_a_delta_table_that_is_there_needs_no_columns(answerer, tmp_path_factory):
    """A table is named where it lies, with the columns and the rows it has."""
    from deltalake import write_deltalake

    place = tmp_path_factory.mktemp("lake") / "t"
    write_deltalake(str(place), pa.table({"a": pa.array([1, 2], pa.int32()), "day": pa.array(["x", "y"])}), partition_by=["day"])
    made = await execute(answerer, f"CREATE TABLE main.default.theirs USING DELTA LOCATION '{place}'")
    assert made["status"]["state"] == "SUCCEEDED", made
    assert (await execute(answerer, "SELECT sum(a), max(day) FROM main.default.theirs"))["result"]["data_array"] == [["3", "y"]]


async def test_who_acts_and_who_is_refused_is_in_the_audit(answerer):
    """A statement that changes the catalog has the one who asked for it; one that may not has its event with the same."""
    actor = Acting(who="ada@example.com", address="192.0.2.1", request_id="req_1")
    with acting_as(actor):
        await answerer.answer(StatementCall(kind="execute", principal=ROOT, body=b'{"statement": "CREATE SCHEMA main.audited"}'))
    outbox = AuditOutbox(answerer._runner._database)
    assert [(one.event.action, one.event.who, one.event.run_as) for one in outbox.waiting()][-1] == ("createSchema", "ada@example.com", "root")
    refused = StatementCall(kind="execute", principal=user("ben@example.com"), body=b'{"statement": "SELECT * FROM system.access.audit"}')
    with acting_as(actor):
        told = json.loads(await answerer.answer(refused))
    assert told["status"]["state"] == "FAILED"
    event = outbox.waiting()[-1].event
    assert (event.action, event.who, event.status_code, event.request_id) == ("executeStatement", "ada@example.com", 403, "req_1")


async def test_what_a_limit_would_have_done(answerer):
    """Over the usage table, which is empty here; a limit that is not valid is refused."""
    asked = WhatIfAsked(kind="limit", document={"key": "user_default", "per": "day", "requests": 1})
    body = await answerer.answer(StatementCall(kind="what_if", principal=ROOT, body=msgspec.msgpack.encode(asked)))
    found = msgspec.msgpack.decode(body, type=WhatIfAnswer)
    assert (found.requests, found.people, found.to_ms - found.from_ms) == (0, (), 30 * 86_400_000)
    with pytest.raises(BadRequest, match="The limit is not valid"):
        await answerer.answer(
            StatementCall(kind="what_if", principal=ROOT, body=msgspec.msgpack.encode(WhatIfAsked(kind="limit", document={"key": "user"})))
        )


async def test_the_audit_table_is_verified_for_administrators(answerer):
    """An empty table holds; an end that it never had is missing."""

    async def verdict(principal, expected: Head | None = None) -> AuditVerdict:
        asked = StatementCall(kind="audit", principal=principal, body=msgspec.msgpack.encode(expected))
        return msgspec.msgpack.decode(await answerer.answer(asked), type=AuditVerdict)

    assert (await verdict(ROOT)).holds
    assert not (await verdict(ROOT, Head(3, "ab" * 32))).holds
    with pytest.raises(Forbidden):
        await verdict(user("ada"))
