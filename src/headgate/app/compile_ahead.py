"""Has the queries of pages compiled before the first page asks them: compiling one takes longer than to run it over few rows.

Runs on the event loop of the statement process. It waits while pages ask, and keeps no result: the compiler remembers what it has compiled.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from headgate.admin.page_queries import PageQuery
from headgate.admin.statement_ports import Query, Relations
from headgate.core.errors import GatewayError
from headgate.core.principal import HEADGATE, Principal

Compile = Callable[[Query, Relations], Awaitable[None]]


class CompileAhead:
    """Compiles what it is given with Headgate's own rights, as it is about everyone's rows, while it is `idle`. Owns a task; `close` ends it."""

    def __init__(self, compile_query: Compile, relations: Callable[[Principal], Awaitable[Relations]], idle: asyncio.Event) -> None:
        self._compile = compile_query
        self._relations = relations
        self._idle = idle
        self._given: Sequence[PageQuery] = ()
        self._begun = False
        self._turn = asyncio.Lock()
        self._task: asyncio.Future[None] | None = None

    def give(self, queries: Sequence[PageQuery]) -> None:
        """Compile these, now or once it has begun. Returns at once."""
        self._given = queries
        self._start()

    def begin(self) -> None:
        """From now on there is time for it."""
        self._begun = True
        self._start()

    async def compile(self) -> None:
        """Compile them, one after the other, while no page asks. Those that mean what they did are compiled already."""
        async with self._turn:
            relations = await self._relations(HEADGATE)
            for query in self._given:
                await self._idle.wait()
                with contextlib.suppress(GatewayError):  # the page that asks says what is wrong
                    await self._compile(Query(text=query.text, principal=HEADGATE, parameters=query.parameters), relations)

    async def close(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def _start(self) -> None:
        if self._begun and self._given and (self._task is None or self._task.done()):
            self._task = asyncio.ensure_future(self.compile())
