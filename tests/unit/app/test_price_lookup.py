"""Prices for pages, looked up in a process of its own."""

import asyncio
from pathlib import Path

from headgate.app.price_lookup import PriceLookup
from headgate.metering.price import Rates, Sold
from tests.fakes.ports import FakeClock

SALES = [Sold("lab", "anthropic", "", ("claude-opus-4-6",)), Sold("lab", "anthropic", "", ("no-such-model",))]


async def test_prices_are_looked_up_once(tmp_path: Path) -> None:
    """The process knows the price list; what it said is remembered, also that there is no price."""
    lookup = PriceLookup(str(tmp_path), FakeClock(), wait_s=60.0)
    found = await lookup.prices(SALES)
    rates = found[SALES[0]]
    assert rates is not None
    assert rates.input_mtok
    assert rates.source.startswith("genai-prices ")
    assert found[SALES[1]] is None
    lookup._ask = None  # type: ignore[method-assign,assignment]  # nothing is asked again
    assert await lookup.prices(SALES) == found


async def test_prices_are_asked_again_after_a_while(tmp_path: Path) -> None:
    """As prices are dated; what could not be found out is left out."""
    clock = FakeClock()
    lookup = PriceLookup(str(tmp_path), clock)
    asked: list[list[Sold]] = []

    async def ask(sales: list[Sold]) -> list[Rates | None]:
        asked.append(sales)
        return [None][: len(sales) - 1]

    lookup._ask = ask  # type: ignore[method-assign]
    assert await lookup.prices(SALES) == {SALES[0]: None}
    clock.now_s += 4000
    await lookup.prices(SALES)
    assert asked == [SALES, SALES]


async def test_a_page_does_not_wait_for_long(tmp_path: Path) -> None:
    """What comes later is there for the next one; meanwhile nothing else is asked."""
    lookup = PriceLookup(str(tmp_path), FakeClock(), wait_s=0.0)
    answer: asyncio.Future[list[Rates | None]] = asyncio.get_running_loop().create_future()
    asked: list[list[Sold]] = []

    async def ask(sales: list[Sold]) -> list[Rates | None]:
        asked.append(sales)
        return await answer

    lookup._ask = ask  # type: ignore[method-assign]
    assert await lookup.prices(SALES) == {}
    assert await lookup.prices(SALES[:1]) == {}
    answer.set_result([None, None])
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await lookup.prices(SALES) == {SALES[0]: None, SALES[1]: None}
    assert asked == [SALES]
