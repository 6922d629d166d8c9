"""Waiting for what a journal tells by a call."""

import asyncio
from collections.abc import Callable

from headgate.core.errors import Unavailable


async def durably(keep: Callable[..., None], *arguments: object) -> None:
    """Keep something, and return when it is on the disk. Raises what is told instead."""
    kept = asyncio.get_running_loop().create_future()

    def told(trouble: Unavailable | None) -> None:
        if trouble is None:
            kept.set_result(None)
        else:
            kept.set_exception(trouble)

    keep(*arguments, told)
    await kept
