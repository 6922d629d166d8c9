"""Has what of the ledger is not settled computed ahead of the first page that shows it: soon after the start, and again when the ledger was settled further, for
the texts are others then. Rows that come meanwhile make it out of date; then the next page has it computed, which takes less than the first time.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from headgate.admin.relations import CatalogRelations
from headgate.admin.statement_ports import Relations, TableSource, ViewSource
from headgate.catalog.catalog import Catalog
from headgate.catalog.ledger.live import live_name
from headgate.catalog.ledger.settled import COVERAGE, WHOLE_SESSIONS, SettledTime
from headgate.catalog.usage_table import USAGE
from headgate.core.errors import GatewayError
from headgate.storage.query.live_rows import OURS
from headgate.storage.settling.standing import read_settled

EVERY_S = 10.0
_SHOWN = (WHOLE_SESSIONS, COVERAGE)  # what dashboards read; it reads the others

Compute = Callable[[TableSource, Relations], Awaitable[None]]


async def follow_ledger(
    data_dir: str, snapshot: Callable[[], Awaitable[Catalog]], compute: Compute, then: Callable[[], Awaitable[None]], every_s: float = EVERY_S
) -> None:
    """Compute it whenever the ledger was settled further; then what depends on its texts. Never ends."""
    known = SettledTime()
    while True:
        settled = await asyncio.to_thread(read_settled, data_dir)
        if settled != known and settled.whole:
            with contextlib.suppress(GatewayError):  # the page that asks says what is wrong
                await _computed(CatalogRelations(await snapshot(), OURS, settled), compute)
            await then()
        known = settled
        await asyncio.sleep(every_s)


async def _computed(relations: Relations, compute: Compute) -> None:
    for table in _SHOWN:
        source = relations.resolve_inside(ViewSource(USAGE.name, ""), live_name(table))
        if isinstance(source, TableSource):
            await compute(source, relations)
