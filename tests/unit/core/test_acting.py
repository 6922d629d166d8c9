"""Who acts now."""

import asyncio

from headgate.core.acting import Acting, acting, acting_as


async def test_it_is_known_in_what_is_begun_there_and_nowhere_else() -> None:
    """In tasks and threads; two requests at once do not see each other; without one Headgate acts."""

    async def request(name: str) -> str:
        with acting_as(Acting(who=name)):
            await asyncio.sleep(0)
            return await asyncio.to_thread(lambda: acting().who)

    assert await asyncio.gather(request("ada"), request("bob")) == ["ada", "bob"]
    assert acting().who == "headgate"
