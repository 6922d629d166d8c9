"""Runs SQL statements on a gateway that runs elsewhere, over its statement interface. Rows come as Arrow, so they print as those of this machine's store do."""

import base64
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from headgate.admin.statement_ports import Parameter
from headgate.admin.statement_result import ARROW_STREAM, Result, files_of
from headgate.admin.statements import PATH, StatementRequest
from headgate.catalog import types
from headgate.cli.gateway import RemoteGateway
from headgate.core.errors import BadRequest, GatewayError
from headgate.storage.delta.arrow_types import arrow_type, columns_of

_WAIT_S = 50  # the longest wait that the interface has
_ANSWER_S = 75.0
_PAUSE_S = 0.5
_UNDER_WAY = frozenset({"PENDING", "RUNNING"})


def remote_result(gateway: RemoteGateway, request: StatementRequest, parameters: tuple[Parameter, ...] = ()) -> Result:
    """Run a statement to its end and return its rows; a failure is raised."""
    body = {
        "statement": request.statement,
        "catalog": request.catalog,
        "schema": request.schema,
        "parameters": [{"name": each.name, "value": each.value, "type": each.type} for each in parameters],
        "format": ARROW_STREAM,
        "wait_timeout": f"{_WAIT_S}s",
    }
    answer = gateway.ask("POST", PATH, body, _ANSWER_S)
    while answer["status"]["state"] in _UNDER_WAY:
        time.sleep(_PAUSE_S)
        answer = gateway.get(f"{PATH}/{answer['statement_id']}", _ANSWER_S)
    status = answer["status"]
    if status["state"] != "SUCCEEDED":
        raise _failure(status)
    manifest = answer["manifest"]
    table = _table(manifest["schema"]["columns"], list(_chunks(gateway, answer["result"])))
    metrics = manifest.get("metrics")
    return Result(columns_of(table.schema), table, bool(manifest["truncated"]), files_of(metrics) if metrics else None)


def _chunks(gateway: RemoteGateway, result: Mapping[str, Any]) -> Iterator[pa.Table]:
    """Every chunk, each fetched when the one before it is read."""
    while result:
        yield pa.ipc.open_stream(base64.b64decode(result["attachment"])).read_all()
        link = result.get("next_chunk_internal_link", "")
        result = gateway.get(link, _ANSWER_S) if link else {}


def _table(columns: Sequence[Mapping[str, Any]], chunks: Sequence[pa.Table]) -> pa.Table:
    """The chunks as one table; without one, the columns without rows."""
    if chunks:
        return pa.concat_tables(chunks)
    empty = [pa.array([], arrow_type(types.parse_text(column["type_text"]))) for column in columns]
    return pa.Table.from_arrays(empty, names=[column["name"] for column in columns])


def _failure(status: Mapping[str, Any]) -> GatewayError:
    error = status.get("error") or {}
    return BadRequest(error.get("message") or f"The statement was stopped: {status['state']}.", code=error.get("error_code", ""))
