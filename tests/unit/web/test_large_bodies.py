"""A large request body is looked at in steps, between which the event loop does what else is due."""

import asyncio
import gzip
from typing import Any

import pytest

from headgate.web import gateway as module
from tests.fakes.asking import ask, head
from tests.fakes.ports import FakeClient
from tests.unit.web.test_gateway import TOKEN, House

LARGE = (
    b'{"model":"opus","max_tokens":5,"messages":[{"role":"user","content":[' + b'"' + b"x" * 99_000 + b'",' + b'"xxxxxxxx[",[],' * 200_000 + b"1]}]"
)
PATH = "/anthropic/v1/messages"
HEADERS = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-type", b"application/json")]


@pytest.fixture
def house() -> House:
    """A gateway that takes large bodies."""
    return House(body_bytes_max=4_000_000)


async def given(house: House, body: bytes, client: FakeClient) -> int:
    """Hand in a request; how many steps of the event loop went by until it was sent or answered."""
    on_body: Any = house.gateway.open(head("POST", PATH, list(HEADERS)), client)
    on_body(body)
    steps = 0
    while not (house.upstream.requests or house.journal.outcomes):
        steps += 1
        await asyncio.sleep(0)
    return steps


async def test_other_work_goes_on_between_the_steps(house: House) -> None:
    """The request is sent in the end, whole, with its model renamed; a small one is sent at once."""
    steps = await given(house, LARGE + b"}", FakeClient())

    assert steps > 10
    assert house.upstream.requests[0].body == LARGE.replace(b'"opus"', b'"claude-opus-4-6"') + b"}"
    assert len(house.journal.intents) == 1
    small = House()
    assert await given(small, b'{"model":"opus"}', FakeClient()) == 0


@pytest.mark.parametrize("end", [b',"model":"other"}', b',"x":NaN}', b',"x":"\xff"}', b',"x":' + b"[" * 64 + b"]" * 64 + b"}", b""])
async def test_a_large_body_is_refused_as_a_small_one_is(house: House, end: bytes) -> None:
    """Packed or not, with its record, and nothing is sent."""
    client = FakeClient()
    await given(house, LARGE + end, client)
    packed, coded = gzip.compress(LARGE + end), [*HEADERS, (b"content-encoding", b"gzip")]
    unpacked = await ask(house.gateway, head("POST", PATH, coded), packed)

    assert (client.status, unpacked.status) == (400, 400)
    assert client.finished
    assert [outcome.ended for outcome in house.journal.outcomes] == ["refused", "refused"]
    assert house.journal.outcomes[0].error_code == house.journal.outcomes[1].error_code
    assert not house.upstream.requests


async def test_a_body_beyond_the_limit_is_not_looked_at(house: House) -> None:
    """It is refused at once."""
    client = FakeClient()
    await ask(house.gateway, head("POST", PATH, list(HEADERS)), b"x" * 4_000_001, client)

    assert client.status == 413


async def test_a_bug_in_a_step_is_told_as_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is not left waiting."""
    monkeypatch.setattr(module, "result", lambda _: 1 // 0)
    client = FakeClient()
    await ask(house.gateway, head("POST", PATH, list(HEADERS)), LARGE + b"}", client)

    assert client.status == 500
    assert client.finished
