"""Queries inside of other statements: the columns that one has, found by running it for no rows, and its rows. The principal must be able to read what the
query names.
"""

from collections.abc import Awaitable, Callable

import msgspec

from headgate.admin.statement_ports import Queries, Query, QueryResult, Relations
from headgate.catalog.types import Field
from headgate.core.principal import Principal


class QueryShapes:
    """Asks queries for their columns and rows."""

    def __init__(self, queries: Queries, relations: Callable[[Principal], Awaitable[Relations]]) -> None:
        self._queries = queries
        self._relations = relations

    async def columns(self, query: Query, seen: Callable[[Relations], Relations] = lambda relations: relations) -> tuple[Field, ...]:
        """The columns of a query. Refuses what the query gateway refuses; `seen` may refuse more names than the catalog."""
        relations = seen(await self._relations(query.principal))
        return (await self._queries.run(msgspec.structs.replace(query, row_limit=0), relations)).columns

    async def rows(self, query: Query) -> QueryResult:
        """The rows of a query."""
        return await self._queries.run(query, await self._relations(query.principal))
