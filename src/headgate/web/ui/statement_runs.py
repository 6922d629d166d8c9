"""Runs statements for pages through the service that the workspace API uses: with the privileges of the principal, and ended when the reader leaves.

A result stays where the statement ran, for an hour, and is fetched by the statement's id. Nothing is stored here.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from headgate.admin.statement_ports import CallKind, StatementCall, StatementService
from headgate.core.access_token import AccessToken
from headgate.core.acting import acting

ROWS_MAX = 10_000
_LOOK_S = 0.1  # between two looks at a statement that runs
_NUMBERS = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL"})
_RUNNING = frozenset({"PENDING", "RUNNING"})


class StatementColumn(msgspec.Struct, frozen=True):
    """A column of a result, with its type as SQL writes it."""

    name: str
    type_text: str = "STRING"

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.type_text.partition("(")[0] in _NUMBERS


class StatementRun(msgspec.Struct, frozen=True, kw_only=True):
    """A statement as it is now. `rows` are those of the first chunk, every value as text; `row_count` counts all of them."""

    id: str
    state: str
    error: str = ""
    columns: tuple[StatementColumn, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    row_count: int = 0
    chunks: int = 0
    truncated: bool = False

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.state in _RUNNING


class StatementRuns:
    """Starts statements and follows them."""

    def __init__(self, service: StatementService) -> None:
        self._service = service

    async def start(self, text: str, token: AccessToken) -> StatementRun:
        """Start a statement. It runs on while nothing waits for it, within the time that statements have."""
        body = {"statement": text, "wait_timeout": "0s", "row_limit": ROWS_MAX, "disposition": "INLINE", "format": "JSON_ARRAY"}
        return _run(await self._call("execute", token, body=msgspec.json.encode(body)))

    async def follow(self, statement_id: str, token: AccessToken, wait_s: float) -> StatementRun:
        """Wait until the statement has ended, or for so long. If the caller is cancelled, because the reader left, so is the statement. Raises NotFound."""
        try:
            async with asyncio.timeout(wait_s):
                while (run := await self.look(statement_id, token)).running:  # ruff: ignore[async-busy-wait] it runs in another process
                    await asyncio.sleep(_LOOK_S)
                return run
        except TimeoutError:
            return await self.look(statement_id, token)
        except asyncio.CancelledError:
            await self.cancel(statement_id, token)
            raise

    async def look(self, statement_id: str, token: AccessToken) -> StatementRun:
        """The statement as it is now. Raises NotFound."""
        return _run(await self._call("get", token, statement_id=statement_id))

    async def cancel(self, statement_id: str, token: AccessToken) -> None:
        """End it. One that has ended stays as it is."""
        await self._call("cancel", token, statement_id=statement_id)

    async def rows(self, run: StatementRun, token: AccessToken) -> AsyncIterator[tuple[str | None, ...]]:
        """All rows of a result, chunk by chunk."""
        for row in run.rows:
            yield row
        for chunk in range(1, run.chunks):
            answer = msgspec.json.decode(await self._call("chunk", token, statement_id=run.id, chunk=chunk))
            for row in answer.get("data_array") or ():
                yield tuple(row)

    async def _call(self, kind: CallKind, token: AccessToken, *, statement_id: str = "", chunk: int = 0, body: bytes = b"") -> bytes:
        call = StatementCall(
            kind=kind, principal=token.principal, statement_id=statement_id, chunk=chunk, body=body, token_id=token.id, actor=acting()
        )
        return await self._service.call(call)


def _run(answer: bytes) -> StatementRun:
    said: dict[str, Any] = msgspec.json.decode(answer)
    status, manifest = said["status"], said.get("manifest") or {}
    columns = (manifest.get("schema") or {}).get("columns") or ()
    return StatementRun(
        id=said["statement_id"],
        state=status["state"],
        error=(status.get("error") or {}).get("message", ""),
        columns=tuple(StatementColumn(each["name"], each.get("type_text") or "STRING") for each in columns),
        rows=tuple(tuple(row) for row in (said.get("result") or {}).get("data_array") or ()),
        row_count=manifest.get("total_row_count", 0),
        chunks=manifest.get("total_chunk_count", 0),
        truncated=manifest.get("truncated", False),
    )
