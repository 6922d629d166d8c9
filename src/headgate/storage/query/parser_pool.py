"""The processes that parse and compile statements, from the side of the statement process. Implements the `Reading` port.

A parser that runs out of time is killed and replaced; one whose caller has gone may end its work for a moment (`finishing`). Names are looked up here, with the rights of the principal: a parser
says which tables a query reads, and a query reads only tables that were looked up for it.
"""

import asyncio
import contextlib
import os
from functools import partial
from typing import NoReturn

import msgspec

from headgate.admin.statement_ports import Query, Relation, Relations, TableSource, ViewSource
from headgate.catalog.names import Defaults, Name
from headgate.catalog.statements import Statement
from headgate.core.error_value import ErrorValue
from headgate.core.errors import BadRequest, GatewayError, Unavailable
from headgate.core.principal import Principal
from headgate.storage.query import parser_messages as messages
from headgate.storage.query.compiled import Compiled, TableRead
from headgate.storage.query.finishing import Finishing, answered
from headgate.storage.query.piped_process import PipedProcess
from headgate.storage.query.protections import Protections
from headgate.storage.turns import Turns

_PROCESSES = 2
_WAITING_MAX, _WAITING_EACH_MAX = 256, 32
_MEMORY_MB = 2048
_JOBS_MAX = 2000
_FRAME_BYTES_MAX = 64 << 20
# Reading an honest statement takes milliseconds. A short limit of its own keeps those who wait from waiting for the whole limit of a hostile one.
_PARSE_S_MAX = 15.0


class ParserPool:
    """Reads and compiles statements. `close` ends the processes."""

    def __init__(self, protections: Protections | None = None, parse_s_max: float = _PARSE_S_MAX) -> None:
        self.protections = protections or Protections()
        self._parse_s_max = parse_s_max
        self._turns = Turns(_PROCESSES, _WAITING_MAX, _WAITING_EACH_MAX)
        self._idle: list[PipedProcess] = []
        self._finishing = Finishing()
        self._closed = False
        self._said: msgspec.msgpack.Decoder[messages.ParserReply] = msgspec.msgpack.Decoder(messages.ParserReply)

    async def read(self, text: str, principal: Principal, defaults: Defaults, timeout_s: float) -> Statement:
        """What a statement means."""
        said = await self._ask(messages.ReadStatement(text, defaults), principal.name, None, timeout_s)
        if not isinstance(said, messages.StatementRead):
            _fail(said)
        return said.statement

    async def compile(self, query: Query, relations: Relations) -> Compiled:
        """A query, compiled for the principal that runs it."""
        lookups = _Lookups(relations)
        said = await self._ask(messages.CompileQuery(query), query.principal.name, lookups, query.timeout_s)
        if not isinstance(said, messages.QueryCompiled):
            _fail(said)
        reads = tuple(TableRead(view, lookups.tables[name], as_of, bound) for view, name, as_of, bound in said.reads)
        return Compiled(said.sql, reads, said.columns, said.own)

    async def warm(self) -> None:
        """Start a parser ahead of the first statement. It gets ready by itself."""
        await self._replace()

    async def close(self) -> None:
        """End every idle process; a busy one ends with its statement."""
        self._closed = True
        await self._finishing.close()
        while self._idle:
            await self._idle.pop().kill()

    async def _ask(self, asked: messages.ParserRequest, principal: str, lookups: "_Lookups | None", timeout_s: float) -> messages.ParserReply:
        if self._closed:
            raise Unavailable("Headgate is shutting down.", code="draining", retry_after_s=1.0)
        try:
            async with asyncio.timeout(timeout_s) as limit, self._turns.turn(principal):
                child = self._idle.pop() if self._idle else await self._start()
                asking = asyncio.ensure_future(self._run(child, asked, lookups))
                return await self._finishing.answer(asking, limit, partial(self._put_back, child, asking))
        except TimeoutError as error:
            message = f"The statement ran longer than {timeout_s:g} s and was stopped while it was still being parsed."
            raise BadRequest(message, code="QUERY_TIMEOUT") from error

    async def _run(self, child: PipedProcess, asked: messages.ParserRequest, lookups: "_Lookups | None") -> messages.ParserReply:
        try:
            await child.ready()
            self.protections.check(child.protections)
            async with asyncio.timeout(self._parse_s_max) as limit:
                return await self._converse(child, asked, lookups)
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = (
                f"The statement could not be parsed within {self._parse_s_max:g} s. It is probably nested too deeply; write it with fewer levels."
            )
            raise BadRequest(message, code="QUERY_TIMEOUT") from error
        except (EOFError, ConnectionError, asyncio.IncompleteReadError) as error:
            message = "The process that parses the statement died, most likely for lack of memory or because the statement is nested too deeply."
            raise BadRequest(message, code="QUERY_WORKER_DIED") from error

    async def _put_back(self, child: PipedProcess, asking: asyncio.Future[messages.ParserReply]) -> None:
        """Keep a parser that has answered and can go on; end any other one."""
        said = answered(asking)
        if said is None or isinstance(said, messages.ParserBug) or child.jobs >= _JOBS_MAX or len(self._idle) >= _PROCESSES or self._closed:
            asking.cancel()
            await child.kill()
            await self._replace()
        else:
            self._idle.append(child)

    async def _replace(self) -> None:
        """Start the next process now, so that it is ready before a statement needs it."""
        if not self._closed and not self._idle:
            with contextlib.suppress(OSError):
                self._idle.append(await self._start())

    async def _converse(self, child: PipedProcess, asked: messages.ParserRequest, lookups: "_Lookups | None") -> messages.ParserReply:
        child.jobs += 1
        await child.send(msgspec.msgpack.encode(asked))
        while True:
            said = self._said.decode(await child.receive(_FRAME_BYTES_MAX))
            if not isinstance(said, messages.LookUpName) or lookups is None:
                return said
            await child.send(msgspec.msgpack.encode(lookups.reply(said)))

    async def _start(self) -> PipedProcess:
        return await PipedProcess.start(
            "headgate.storage.query.parser_process", messages.ParserSettings(parent_pid=os.getpid(), memory_mb=_MEMORY_MB)
        )


class _Lookups:
    """Looks names up for one query, and remembers what it found."""

    def __init__(self, relations: Relations) -> None:
        self._relations = relations
        self._views: dict[Name, ViewSource] = {}
        self.tables: dict[Name, TableSource] = {}

    def reply(self, lookup: messages.LookUpName) -> messages.LookUpReply:
        """What the name means, or the catalog's refusal."""
        try:
            found = self._found(lookup)
        except GatewayError as error:
            return ErrorValue.of(error)
        if isinstance(found, ViewSource):
            self._views[found.name] = found
        else:
            self.tables[found.name] = found
        return messages.RelationFound(found)

    def _found(self, lookup: messages.LookUpName) -> Relation:
        if lookup.inside is None:
            return self._relations.resolve(lookup.name)
        return self._relations.resolve_inside(self._views[lookup.inside], lookup.name)


def _fail(said: messages.ParserReply) -> NoReturn:
    if isinstance(said, ErrorValue):
        raise said.error()
    raise RuntimeError(said.detail if isinstance(said, messages.ParserBug) else f"a parser said {type(said).__name__}")
