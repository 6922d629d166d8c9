"""The queries of pages over the link to the statement process: the same query of the same principal is asked once, and principals take turns.

Runs on one event loop. Knows no SQL and keeps no rows.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from headgate.admin.page_queries import PageQuery, PageRows
from headgate.admin.statement_ports import StatementCall, StatementService
from headgate.core.acting import acting
from headgate.core.errors import BadRequest
from headgate.core.principal import Principal
from headgate.storage.turns import Turns

_WAITING_MAX, _WAITING_EACH_MAX = 512, 96
_TEXTS_MAX = 1024
_LATER = 4  # a query that takes a second waits for those that begin to wait within four, if they take none
_RISE = 1.1
_Key = tuple[PageQuery, Principal]


class _Asked:
    """A query under way, and how many wait for it."""

    def __init__(self, task: asyncio.Task[PageRows]) -> None:
        self.task = task
        self.waiting = 0


class PageReading:
    """Implements `PageQueries`. At most `places` queries are at work; of several places one principal has all but one at most.

    Of a principal's queries the quick ones begin first, as far as their text was asked before: the first charts of a page do not wait for its slowest tile.
    """

    def __init__(self, service: StatementService, places: int) -> None:
        self._service = service
        self._turns = Turns(places, _WAITING_MAX, _WAITING_EACH_MAX)
        self._under_way: dict[_Key, _Asked] = {}
        self._least_s: OrderedDict[str, float] = OrderedDict()  # that a text has taken
        self._decoder = msgspec.msgpack.Decoder(PageRows)

    async def rows(self, query: PageQuery, principal: Principal) -> PageRows:
        """The rows. The work ends when the last one who waits for it is cancelled."""
        key = (query, principal)
        asked = self._under_way.get(key)
        if asked is None:
            # Owned here: ended by the last that waits for it.
            asked = self._under_way[key] = _Asked(asyncio.get_running_loop().create_task(self._ask(query, principal)))
            asked.task.add_done_callback(self._ended(key, asked))
        asked.waiting += 1
        try:
            return await asyncio.shield(asked.task)
        finally:
            asked.waiting -= 1
            if not asked.waiting and not asked.task.done():
                asked.task.cancel()
                self._forget(key, asked)

    async def _ask(self, query: PageQuery, principal: Principal) -> PageRows:
        try:
            async with asyncio.timeout(query.timeout_s) as limit, self._turns.turn(principal.name, self._due(query.text)):
                call = StatementCall(kind="rows", principal=principal, body=msgspec.msgpack.encode(query), actor=acting())
                rows = self._decoder.decode(await self._service.call(call))
        except TimeoutError as error:
            if not limit.expired():
                raise
            message = f"The query had not ended after {query.timeout_s:g} s, waiting for its turn included, and was stopped."
            raise BadRequest(message, code="QUERY_TIMEOUT") from error
        self._note(query.text, (rows.took_ms - rows.waited_ms) / 1e3)
        return rows

    def _due(self, text: str) -> float:
        return asyncio.get_running_loop().time() + _LATER * self._least_s.get(text, 0.0)

    def _note(self, text: str, took_s: float) -> None:
        """Mostly the least time counts, for others had less of the machine; it rises slowly, as tables grow."""
        self._least_s[text] = min(took_s, _RISE * self._least_s.pop(text, took_s))
        while len(self._least_s) > _TEXTS_MAX:
            self._least_s.popitem(last=False)

    def _ended(self, key: _Key, asked: _Asked) -> Callable[[asyncio.Task[PageRows]], None]:
        def ended(task: asyncio.Task[PageRows]) -> None:
            self._forget(key, asked)
            if not task.cancelled():
                task.exception()  # the last that waited may have left: the failure has been seen

        return ended

    def _forget(self, key: _Key, asked: _Asked) -> None:
        if self._under_way.get(key) is asked:
            del self._under_way[key]
