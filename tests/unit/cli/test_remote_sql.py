"""Statements on a gateway that runs elsewhere."""

import base64

import pyarrow as pa
import pytest

from headgate.admin.statement_ports import Parameter
from headgate.admin.statements import PATH, StatementRequest
from headgate.cli import remote_sql
from headgate.cli.gateway import RemoteGateway
from headgate.cli.remote_sql import remote_result
from headgate.core.errors import BadRequest
from headgate.core.secret import Secret
from tests.unit.cli.answering import answering

COLUMNS = [{"name": "n", "type_text": "BIGINT"}, {"name": "d", "type_text": "DECIMAL(10,2)"}]


def attachment(*numbers):
    """A chunk of one column as the gateway sends it."""
    table, sink = pa.table({"n": pa.array(numbers, pa.int64())}), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return base64.b64encode(sink.getvalue().to_pybytes()).decode()


def succeeded(result, *, truncated=False):
    """The answer of a statement that has ended well."""
    manifest = {"schema": {"columns": COLUMNS}, "truncated": truncated}
    return {"statement_id": "s1", "status": {"state": "SUCCEEDED"}, "manifest": manifest, "result": result}


def run(answers, *parameters):
    """The result of a statement, and what was asked."""
    with answering(answers) as (url, asked):
        gateway = RemoteGateway(url=url, token=Secret("hg_x"))
        return remote_result(gateway, StatementRequest(statement="SELECT 1", catalog="main", schema="default"), parameters), asked


def test_rows():
    """All chunks, in their order, with the parameters that were given."""
    first = {"attachment": attachment(1, 2), "next_chunk_internal_link": f"{PATH}/s1/result/chunks/1?row_offset=2"}
    answers = {f"POST {PATH}": succeeded(first, truncated=True), f"{PATH}/s1/result/chunks/1?row_offset=2": {"attachment": attachment(3)}}
    result, asked = run(answers, Parameter("a", "1", "BIGINT"))
    assert result.table.to_pydict() == {"n": [1, 2, 3]}
    assert (result.columns[0].name, result.truncated) == ("n", True)
    body = asked[0]["body"]
    assert (body["statement"], body["catalog"], body["format"], body["parameters"]) == (
        "SELECT 1", "main", "ARROW_STREAM", [{"name": "a", "value": "1", "type": "BIGINT"}],
    )  # fmt: skip


def test_no_rows():
    """The columns are there all the same, with their types; a command may have none."""
    result, _ = run({f"POST {PATH}": succeeded({})})
    assert [str(field.type) for field in result.table.schema] == ["int64", "decimal128(10, 2)"]
    assert result.row_count == 0


def test_a_statement_that_takes_long(monkeypatch):
    """Is asked for until it has ended."""
    monkeypatch.setattr(remote_sql, "_PAUSE_S", 0)
    running = {"statement_id": "s1", "status": {"state": "RUNNING"}}
    result, asked = run({f"POST {PATH}": running, f"GET {PATH}/s1": succeeded({"attachment": attachment(1)})})
    assert result.row_count == 1
    assert [each["method"] for each in asked] == ["POST", "GET"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"state": "FAILED", "error": {"error_code": "BAD_REQUEST", "message": "[PARSE_SYNTAX_ERROR] no"}}, "[PARSE_SYNTAX_ERROR] no"),
        ({"state": "CANCELED"}, "The statement was stopped: CANCELED."),
    ],
)
def test_a_statement_that_fails(status, words):
    """Is an error in the gateway's words."""
    with pytest.raises(BadRequest) as failed:
        run({f"POST {PATH}": {"statement_id": "s1", "status": status}})
    assert failed.value.message == words
