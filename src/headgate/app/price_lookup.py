"""Prices for pages: asked of a short-lived process, and remembered for an hour. A page never waits longer than a bound."""

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headgate.core.clock import Clock
from headgate.metering.price import Rates, Sold
from headgate.storage.child_end import end_child
from headgate.storage.state import stated_prices

_log = logging.getLogger("headgate.app")
_KEPT_S: Final = 3600.0  # prices are dated: a new one may begin at any midnight
_TIMEOUT_S: Final = 30.0
_WAIT_S: Final = 3.0  # of a page
_SALES_MAX: Final = 2_000

Prices = Mapping[Sold, Rates | None]


class PriceLookup:
    """Owns the process while it runs; at most one at a time. `data_dir` is where the stated prices are."""

    def __init__(self, data_dir: str, clock: Clock, wait_s: float = _WAIT_S) -> None:
        self._data_dir = data_dir
        self._clock = clock
        self._wait_s = wait_s
        self._asking: asyncio.Future[None] | None = None
        self._known: dict[Sold, Rates | None] = {}
        self._known_for: object = None  # the stated prices that they were found with
        self._until_s = 0.0

    async def prices(self, sales: Sequence[Sold]) -> Prices:
        """The rates of these sales now; `None` for one without a price. What could not be found out in time is missing, and there for a later call."""
        stamp, now_s = stated_prices.stamp(self._data_dir), self._clock.monotonic_s()
        if stamp != self._known_for or now_s >= self._until_s:
            self._known, self._known_for, self._until_s = {}, stamp, now_s + _KEPT_S
        if any(sale not in self._known for sale in sales):
            if self._asking is None or self._asking.done():
                self._asking = asyncio.ensure_future(self._learn(list(sales), self._known))
            await asyncio.wait([self._asking], timeout=self._wait_s)
        return {sale: self._known[sale] for sale in sales if sale in self._known}

    async def _learn(self, sales: list[Sold], known: dict[Sold, Rates | None]) -> None:
        missing = [sale for sale in dict.fromkeys(sales) if sale not in known][:_SALES_MAX]
        known.update(zip(missing, await self._ask(missing), strict=False))

    async def _ask(self, sales: list[Sold]) -> list[Rates | None]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "headgate.app.price_process", self._data_dir, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            out, _ = await asyncio.wait_for(process.communicate(msgspec.json.encode(sales)), _TIMEOUT_S)
            return msgspec.json.decode(out, type=list[Rates | None])
        except (TimeoutError, msgspec.DecodeError) as error:
            _log.warning("prices could not be looked up: %s", error or f"no answer within {_TIMEOUT_S:g} s")
            return []
        finally:
            await end_child(process)
