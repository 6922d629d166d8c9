"""Questions about past requests on their way to the statement process."""

import asyncio

import msgspec
import pytest

from headgate.admin.what_if import WhatIfAnswer, WhatIfAsked
from headgate.app.what_if_link import WhatIfLink
from headgate.core.errors import Unavailable
from tests.fakes.principals import administrator

ASKED = WhatIfAsked(kind="limit", document={"key": "endpoint"}, groups={"ada": frozenset({"staff"})})


class Service:
    """Answers once it is let to."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.calls = []

    async def call(self, call) -> bytes:
        self.calls.append(call)
        await self.gate.wait()
        return msgspec.msgpack.encode(WhatIfAnswer(requests=len(self.calls)))


async def test_questions_are_answered_one_after_the_other():
    """As they were asked, in the name of the principal; a crowd is sent away."""
    service = Service()
    link = WhatIfLink(service)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(link.what_if(ASKED, administrator("root"))) for _ in range(8)]
        await asyncio.sleep(0)
        assert len(service.calls) == 1
        with pytest.raises(Unavailable):
            await link.what_if(ASKED, administrator("root"))
        service.gate.set()
    assert [task.result().requests for task in tasks] == list(range(1, 9))
    assert (service.calls[0].kind, service.calls[0].principal.name) == ("what_if", "root")
    assert msgspec.msgpack.decode(service.calls[0].body, type=WhatIfAsked) == ASKED
