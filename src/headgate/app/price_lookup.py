"""Prices for pages: asked of a short-lived process, and remembered for an hour. A page never waits longer than a bound."""

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from headgate.core.clock import Clock
from headgate.metering.price import Rates, Sold
from headgate.storage.state import stated_prices

_log = logging.getLogger("headgate.app")
_KEPT_S: Final = 3600.0  # prices are dated: a new one may begin at any midnight
_TIMEOUT_S: Final = 10.0
_SALES_MAX: Final = 2_000

Prices = Mapping[Sold, Rates | None]


class PriceLookup:
    """Owns the process while it runs; at most one at a time. `data_dir` is where the stated prices are."""

    def __init__(self, data_dir: str, clock: Clock) -> None:
        self._data_dir = data_dir
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: dict[Sold, Rates | None] = {}
        self._known_for: object = None  # the stated prices that they were found with
        self._until_s = 0.0

    async def prices(self, sales: Sequence[Sold]) -> Prices:
        """The rates of these sales now; `None` for one without a price. What could not be found out in time is missing."""
        async with self._asking:
            stamp, now_s = stated_prices.stamp(self._data_dir), self._clock.monotonic_s()
            if stamp != self._known_for or now_s >= self._until_s:
                self._known, self._known_for, self._until_s = {}, stamp, now_s + _KEPT_S
            missing = [sale for sale in dict.fromkeys(sales) if sale not in self._known][:_SALES_MAX]
            if missing:
                self._known.update(zip(missing, await self._ask(missing), strict=False))
            return {sale: self._known[sale] for sale in sales if sale in self._known}

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
            if process.returncode is None:
                process.kill()
                await process.wait()
