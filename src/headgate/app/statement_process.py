"""The statement process: `python -m headgate.app.statement_process OPTIONS`. Parses, authorises and runs statements for the serving process, away from its event loop.

It reads calls from standard input until that closes, answers on standard output in any order, and ends with the process that started it.
"""

import asyncio
import contextlib
import hashlib
import hmac
import logging
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from headgate.admin.page_queries import PageQuery
from headgate.admin.statement_ports import StatementCall
from headgate.admin.statements import StatementRequest
from headgate.admin.what_if import WhatIfAsked
from headgate.app.options import StatementProcessOptions
from headgate.app.statement_link import AnswerFrame, AskedFrame, CallFrame, frame, read_frame
from headgate.catalog.audit_chain import Head
from headgate.config.log_format import start_logging
from headgate.config.paths import DataDirectory
from headgate.config.schema import Settings
from headgate.core.acting import acting_as
from headgate.core.clock import SystemClock
from headgate.core.error_value import ErrorValue
from headgate.core.errors import Forbidden, GatewayError
from headgate.core.json_reading import read_json
from headgate.storage.parent_end import die_with
from headgate.storage.query.parser_pool import ParserPool
from headgate.storage.query.protections import Protections

if TYPE_CHECKING:
    from headgate.app.statement_runner import StatementRunner

_log = logging.getLogger("headgate.sql")


class Answerer:
    """Answers calls. Links to results are signed with a key that lives as long as the results."""

    def __init__(self, runner: "StatementRunner") -> None:
        self._runner = runner
        self._key = secrets.token_bytes(32)

    @property
    def unprotected(self) -> tuple[str, ...]:
        """The protections that the sandbox lacks, as far as a statement has shown."""
        return self._runner.protections.missing

    async def answer(self, call: StatementCall) -> bytes:
        """The answer's body."""
        statements = self._runner.statements
        match call.kind:
            case "execute":
                request = _request(call.body)
                return self._encoded(await statements.execute(request, call.principal), call)
            case "get":
                return self._encoded(statements.get(call.statement_id, call.principal), call)
            case "chunk":
                return self._encoded(statements.chunk(call.statement_id, call.chunk, call.principal), call)
            case "link":
                self._check_link(call)
                return statements.arrow(call.statement_id, call.chunk, call.principal)
            case "cancel":
                await statements.cancel(call.statement_id, call.principal)
            case "rows":
                rows = await self._runner.page_rows.rows(msgspec.msgpack.decode(call.body, type=PageQuery), call.principal)
                return msgspec.msgpack.encode(rows)
            case "compile":
                self._runner.ahead.give(msgspec.msgpack.decode(call.body, type=tuple[PageQuery, ...]))
            case "audit":
                return msgspec.msgpack.encode(await self._runner.verify_audit(msgspec.msgpack.decode(call.body, type=Head | None), call.principal))
            case "what_if":
                return msgspec.msgpack.encode(await self._runner.what_if.what_if(msgspec.msgpack.decode(call.body, type=WhatIfAsked), call.principal))
        return b"{}"

    def _encoded(self, answer: dict[str, object], call: StatementCall) -> bytes:
        for holder in (answer, answer.get("result")):
            links = holder.get("external_links") if isinstance(holder, dict) else None
            for link in links or ():
                link["external_link"] = self._signed(link, call)
        return msgspec.json.encode(answer)

    def _signed(self, link: dict[str, object], call: StatementCall) -> str:
        """An address that answers without a credential, as clients of external links expect: it names the token that asked, and proves that we made
        the link for it. The serving process knows whether that token still lives, and whose it is.
        """
        path = str(link["external_link"])
        return f"{call.base_url}{path}?s={call.token_id}.{self._sign(path, call.token_id)}"

    def _check_link(self, call: StatementCall) -> None:
        """Raise `Forbidden` for a link that we did not make for this token."""
        token_id, _, signature = call.signature.rpartition(".")
        path = f"/api/2.0/sql/statements/{call.statement_id}/result/arrow/{call.chunk}"
        # As bytes: `compare_digest` refuses text outside ASCII.
        if token_id != call.token_id or not hmac.compare_digest(signature.encode(), self._sign(path, token_id).encode()):
            raise Forbidden("This link is not one of ours.", code="PERMISSION_DENIED")

    def _sign(self, path: str, token_id: str) -> str:
        return hmac.new(self._key, f"{path}\0{token_id}".encode(), hashlib.sha256).hexdigest()


def _request(body: bytes) -> StatementRequest:
    request: StatementRequest = read_json(body, StatementRequest)
    return request


class _Loop:
    """Reads calls and answers each in a task of its own."""

    def __init__(self, answerer: Answerer, writer: asyncio.StreamWriter) -> None:
        self._answerer = answerer
        self._writer = writer
        self._writing = asyncio.Lock()
        self._running: dict[int, asyncio.Task[None]] = {}

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Until the other side closes."""
        decoder: msgspec.msgpack.Decoder[AskedFrame] = msgspec.msgpack.Decoder(AskedFrame)
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    asked = decoder.decode(await read_frame(reader))
                except (asyncio.IncompleteReadError, ConnectionError):
                    break
                if isinstance(asked, CallFrame):
                    self._running[asked.number] = group.create_task(self._serve(asked))
                elif (task := self._running.get(asked.number)) is not None:
                    task.cancel()

    async def _serve(self, asked: CallFrame) -> None:
        try:
            await self._answer(asked)
        finally:
            del self._running[asked.number]

    async def _answer(self, asked: CallFrame) -> None:
        try:
            with acting_as(asked.call.actor):
                answered = AnswerFrame(asked.number, await self._answerer.answer(asked.call))
        except GatewayError as error:
            answered = AnswerFrame(asked.number, failed=ErrorValue.of(error))
        except Exception:  # ruff: ignore[blind-except] the process' edge: a bug is reported without its text, and logged
            _log.exception("a call failed")
            answered = AnswerFrame(asked.number, failed=ErrorValue.of(GatewayError("The statement failed inside Headgate; its log has the reason.")))
        answered = msgspec.structs.replace(answered, unprotected=self._answerer.unprotected)
        async with self._writing:
            self._writer.write(frame(answered))
            await self._writer.drain()


async def serve(options: StatementProcessOptions) -> None:
    """Answer until the other side closes."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, os.fdopen(os.dup(1), "wb"))
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    runner = await _started(options)
    try:
        with contextlib.suppress(GatewayError, OSError):  # the first statement says what is wrong
            await runner.warm()
        await _Loop(Answerer(runner), writer).run(reader)
    finally:
        await runner.close()


async def _started(options: StatementProcessOptions) -> "StatementRunner":
    """What runs statements. A parser is started first: it gets ready while the libraries of tables are loaded here, which takes as long."""
    parsers = ParserPool(Protections(required=options.sql.require_sandbox))
    with contextlib.suppress(OSError):
        await parsers.warm()
    from headgate.app.statement_runner import StatementRunner  # ruff: ignore[import-outside-top-level] - after the parser's start

    return StatementRunner(DataDirectory(Path(options.data_dir)), Settings(storage=options.storage, sql=options.sql), SystemClock(), parsers)


def main() -> None:
    """Be the statement process."""
    options = msgspec.json.decode(sys.argv[1], type=StatementProcessOptions)
    die_with(options.parent_pid)
    start_logging(options.log)
    asyncio.run(serve(options))


if __name__ == "__main__":
    main()
