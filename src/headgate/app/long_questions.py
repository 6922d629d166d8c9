"""Asks the statement process what takes long: what a limit or budget would have done, and whether the audit table is as it was written.

One question is answered at a time; a few others wait for their turn.
"""

import asyncio

import msgspec

from headgate.admin.statement_ports import CallKind, StatementCall, StatementService
from headgate.admin.what_if import WhatIfAnswer, WhatIfAsked
from headgate.catalog.audit_chain import AuditVerdict, Head
from headgate.core.acting import acting
from headgate.core.errors import Unavailable
from headgate.core.principal import Principal

_WAITING_MAX = 8


class LongQuestions:
    """Implements `WhatIfQuestions` and `AuditChecks` in the serving process."""

    def __init__(self, service: StatementService) -> None:
        self._service = service
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def what_if(self, asked: WhatIfAsked, principal: Principal) -> WhatIfAnswer:
        """What would have happened to past requests."""
        return msgspec.msgpack.decode(await self._ask("what_if", asked, principal), type=WhatIfAnswer)

    async def verify(self, expected: Head | None, principal: Principal) -> AuditVerdict:
        """Whether the audit table is as it was written."""
        return msgspec.msgpack.decode(await self._ask("audit", expected, principal), type=AuditVerdict)

    async def _ask(self, kind: CallKind, asked: WhatIfAsked | Head | None, principal: Principal) -> bytes:
        if self._waiting >= _WAITING_MAX:
            raise Unavailable("Other administrators ask what takes long too. Try again in a minute.", retry_after_s=60.0)
        self._waiting += 1
        try:
            async with self._turn:
                body = msgspec.msgpack.encode(asked)
                return await self._service.call(StatementCall(kind=kind, principal=principal, body=body, actor=acting()))
        finally:
            self._waiting -= 1
