"""Questions that take long, on their way to the statement process."""

import asyncio

import msgspec
import pytest

from headgate.admin.what_if import WhatIfAnswer, WhatIfAsked
from headgate.app.long_questions import LongQuestions
from headgate.catalog.audit_chain import AuditVerdict, Head
from headgate.core.errors import Unavailable
from tests.fakes.principals import administrator

ASKED = WhatIfAsked(kind="limit", document={"key": "endpoint"}, groups={"ada": frozenset({"staff"})})


class Service:
    """Answers once it is let to."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.calls = []
        self.answer = b""

    async def call(self, call) -> bytes:
        self.calls.append(call)
        await self.gate.wait()
        return self.answer or msgspec.msgpack.encode(WhatIfAnswer(requests=len(self.calls)))


async def test_questions_are_answered_one_after_the_other():
    """As they were asked, in the name of the principal; a crowd is sent away."""
    service = Service()
    link = LongQuestions(service)
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


async def test_the_chain_is_verified():
    """With the end that is expected, or none."""
    service = Service()
    service.gate.set()
    service.answer = msgspec.msgpack.encode(AuditVerdict(3, Head(3, "ab"), ()))
    for expected in (None, Head(2, "cd")):
        assert (await LongQuestions(service).verify(expected, administrator("root"))).head == Head(3, "ab")
        assert (service.calls[-1].kind, msgspec.msgpack.decode(service.calls[-1].body, type=Head | None)) == ("audit", expected)
