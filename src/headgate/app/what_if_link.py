"""Asks the statement process what a limit or budget would have done. One question is answered at a time; others wait for their turn."""

import asyncio

import msgspec

from headgate.admin.statement_ports import StatementCall, StatementService
from headgate.admin.what_if import WhatIfAnswer, WhatIfAsked
from headgate.core.acting import acting
from headgate.core.errors import Unavailable
from headgate.core.principal import Principal

_WAITING_MAX = 8


class WhatIfLink:
    """Implements `WhatIfQuestions` in the serving process."""

    def __init__(self, service: StatementService) -> None:
        self._service = service
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def what_if(self, asked: WhatIfAsked, principal: Principal) -> WhatIfAnswer:
        """What would have happened to past requests."""
        if self._waiting >= _WAITING_MAX:
            raise Unavailable("Other administrators ask the same kind of question now. Try again in a minute.", retry_after_s=60.0)
        self._waiting += 1
        try:
            async with self._turn:
                body = msgspec.msgpack.encode(asked)
                answered = await self._service.call(StatementCall(kind="what_if", principal=principal, body=body, actor=acting()))
        finally:
            self._waiting -= 1
        return msgspec.msgpack.decode(answered, type=WhatIfAnswer)
