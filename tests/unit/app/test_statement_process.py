"""What the statement process answers, over a data directory of its own."""

import json

import pyarrow as pa
import pytest

from headgate.admin.statement_ports import StatementCall
from headgate.app.statement_process import Answerer
from headgate.app.statement_runner import StatementRunner
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings, Sql
from headgate.core.acting import Acting, acting_as
from headgate.core.clock import SystemClock
from headgate.core.errors import BadRequest, Forbidden, NotFound
from headgate.storage.state.audit_outbox import AuditOutbox
from tests.fakes.principals import administrator, user

ROOT = administrator("root")
BASE = "http://gate.example"


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
