"""One tile over its filters: the statement is composed, asked with the rights of the principal that looks, and answered with rows or with its error."""

from collections.abc import Callable, Sequence

import msgspec

from headgate.admin.page_queries import PAGE_ROWS, PageQueries, PageQuery, PageRows
from headgate.core.errors import GatewayError
from headgate.core.principal import Principal
from headgate.web.ui.dashboard import Tile
from headgate.web.ui.filters import Filters
from headgate.web.ui.relations import Composed, RowScope, compose, readable

NO_ROWS = PageRows(columns=(), values=[])


class TileRows(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a tile: rows, or why there are none. `sql` has its values written into it."""

    tile: Tile
    filters: Filters
    composed: Composed
    sql: str
    rows: PageRows = NO_ROWS
    error: str = ""


class TileReader(msgspec.Struct, frozen=True):
    """Reads tiles. `members_of` lists the users of a group, through all groups in it."""

    queries: PageQueries
    members_of: Callable[[str], Sequence[str]]

    def composed(self, tile: Tile, filters: Filters, principal: Principal) -> TileRows:
        """The tile's statement over these filters, not asked yet."""
        members = tuple(member for group in filters.group for member in self.members_of(group))
        composed = compose(tile.sql, RowScope(filters=filters, everyone=principal.reads_all_usage and not tile.own, members=members))
        return TileRows(tile=tile, filters=filters, composed=composed, sql=readable(composed))

    async def read(self, tile: Tile, filters: Filters, principal: Principal, row_limit: int = PAGE_ROWS) -> TileRows:
        """The tile's rows as this principal may see them: everyone's or, for a member, their own."""
        asked = self.composed(tile, filters, principal)
        query = PageQuery(text=asked.composed.text, parameters=asked.composed.parameters, row_limit=row_limit)
        try:
            return msgspec.structs.replace(asked, rows=await self.queries.rows(query, principal))
        except GatewayError as error:
            return msgspec.structs.replace(asked, error=error.message)
