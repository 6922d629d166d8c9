"""What the pages of access are made from, and how each reads and changes: on a thread, with a change in force before the browser is answered."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import msgspec

from headgate.admin.principals import PrincipalAdmin
from headgate.admin.tokens import TokenAdmin
from headgate.core.clock import Clock
from headgate.core.errors import Unavailable
from headgate.core.principal import SERVICE_PRINCIPAL, USER
from headgate.core.principal_name import GROUP
from headgate.web.ui.governance import Governance
from headgate.web.ui.shown_once import ShownOnce

Made = TypeVar("Made")

KINDS: Final = {"users": USER, "groups": GROUP, "service-principals": SERVICE_PRINCIPAL}
"""The kinds of principals by the segment that addresses have for them."""
SEGMENTS: Final = {kind: segment for segment, kind in KINDS.items()}
PAGE_ROWS: Final = 50


class AccessParts(msgspec.Struct, frozen=True):
    """The use-cases that pages share with REST and the commands. `follow` puts in force what the store holds; `secrets` has what is shown once."""

    principals: PrincipalAdmin
    tokens: TokenAdmin
    governance: Governance
    follow: Callable[[], Awaitable[None]]
    clock: Clock
    secrets: ShownOnce

    async def change(self, act: Callable[[], Made]) -> Made:
        """Do what changes the store; the next request finds it in force."""
        made = await asyncio.to_thread(act)
        with contextlib.suppress(Unavailable):  # it is done, and will be seen with the next look at the store
            await self.follow()
        return made

    @property
    def now_ms(self) -> int:
        """The wall-clock time."""
        return self.clock.wall_ns() // 1_000_000
