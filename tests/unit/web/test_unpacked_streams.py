"""The unpacked body of a request whose answer is a stream."""

import asyncio
import gzip

from tests.fakes.ports import FakeClient
from tests.unit.web.test_gateway import TOKEN, House, ask, post


async def test_the_room_of_an_unpacked_body_is_free_once_its_stream_has_begun() -> None:
    """A stream that goes on for minutes holds neither the body nor its place among those that are unpacked."""
    house = House()
    body, client = gzip.compress(b'{"model":"opus","stream":true}'), FakeClient()
    serving = asyncio.ensure_future(ask(house.gateway, post(house, x_api_key=TOKEN, content_encoding="gzip"), body, client))
    for _ in range(10):
        await asyncio.sleep(0)
    (sink,) = house.upstream.sinks
    sink.head(200, [(b"content-type", b"text/event-stream")])
    sink.data(b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":3,"output_tokens":1}}}\n\n')
    house.gateway._parts.exchanges.pulse.tick()  # type: ignore[attr-defined] # of the real ones
    for _ in range(10):
        await asyncio.sleep(0)

    assert (serving.done(), client.released, house.gateway._coded.held_bytes, client.finished) == (True, 1, 0, False)
