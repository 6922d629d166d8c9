"""Asks a service as a connection does: shows it the head, waits where it waits, and hands the body over."""

import asyncio
from collections.abc import Coroutine
from urllib.parse import unquote

from headgate.core.headers import Headers
from headgate.web.service import OnBody, Request, Service
from tests.fakes.ports import FakeClient


def head(method: str, target: str, headers: Headers | None = None, address: str = "127.0.0.1", body_bytes_max: int = 64 << 20) -> Request:
    """The head of a request."""
    path, _, query = target.partition("?")
    return Request((method, "1.1", target.encode("latin-1", "replace"), unquote(path), query), headers or [], body_bytes_max, address)


def named(headers: dict[str, str]) -> Headers:
    """Headers as they are sent; an empty one is left out."""
    return [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items() if value]


async def opened(service: Service, request: Request, client: FakeClient) -> OnBody | None:
    """What the service does with the body, once it has found that out; `None` where it has answered."""
    found = service.open(request, client)
    decided = found if found is None or callable(found) else await found
    assert decided is None or not isinstance(decided, Coroutine)
    return decided


async def ask(service: Service, request: Request, body: bytes = b"", client: FakeClient | None = None) -> FakeClient:
    """Send one request, and wait for what the service waits for. The answer may come later."""
    client = client or FakeClient()
    on_body = await opened(service, request, client)
    rest = on_body(body) if on_body is not None else None
    if rest is not None:
        await rest
    await asyncio.sleep(0)
    return client
