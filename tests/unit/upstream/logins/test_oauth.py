"""Tokens by client credentials: what is asked, and what becomes of the answer."""

import asyncio
import base64

import pytest

from headgate.core.errors import UpstreamFailed
from headgate.core.platform import PlatformLogin
from headgate.core.secret import Secret
from headgate.upstream.logins.credential import LoginFailed
from headgate.upstream.logins.oauth import OAuthSource
from tests.fakes.ports import FakeClock, FakeUpstream

LOGIN = PlatformLogin("oauth", client_id="app", secret=Secret("s/3+"), token_url="https://id.example/t/oauth2/token", scope="a/.default b")


class Asked:
    """One fetch, waiting for its answer."""

    def __init__(self) -> None:
        self.upstream, self.clock = FakeUpstream(), FakeClock()
        self.task = asyncio.ensure_future(OAuthSource(LOGIN, "azure", self.upstream, self.clock).fetch())

    async def answer(self, status: int, body: bytes):
        """What it makes of an answer that comes after ten seconds."""
        await asyncio.sleep(0)
        self.clock.now_s += 10
        (sink,) = self.upstream.sinks
        sink.head(status, [])
        sink.data(body[:5])
        sink.data(body[5:])
        sink.end()
        return await self.task


async def test_what_is_asked():
    """A form with the grant and the scope, and the client in the header, each part coded for a form."""
    asked = Asked()
    held = await asked.answer(200, b'{"token_type":"Bearer","access_token":"eyJ","expires_in":3599}')
    (request,) = asked.upstream.requests
    headers = dict(request.headers)
    assert (request.method, request.provider.base_url, request.target) == ("POST", "https://id.example", "/t/oauth2/token")
    assert request.body == b"grant_type=client_credentials&scope=a%2F.default+b"
    assert base64.b64decode(headers[b"authorization"].removeprefix(b"Basic ")) == b"app:s%2F3%2B"
    assert headers[b"content-type"] == b"application/x-www-form-urlencoded"
    assert held.sent == b"eyJ"
    assert round(held.ends_at_s - asked.clock.wall_ns() / 1e9) == 3589


@pytest.mark.parametrize(("lasts", "seconds"), [(b'"60"', 60), (b"null", 600), (b'"soon"', 600), (b"-1", 600)])
async def test_how_long_it_lasts(lasts, seconds):
    """A text is a number too; what cannot be read is ten minutes."""
    asked = Asked()
    held = await asked.answer(200, b'{"access_token":"eyJ","expires_in":' + lasts + b"}")
    assert round(held.ends_at_s - asked.clock.wall_ns() / 1e9) == seconds - 10


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b'{"error":"invalid_client","error_description":"s/3+"}', r"answered 401 \(invalid_client\)"),
        (200, b"{}", "answered 200"),
        (502, b"<html>", "502"),
    ],
)
async def test_no_token(status, body, words):
    """The reason has the status and the error's word, and nothing that could hold the secret."""
    with pytest.raises(LoginFailed, match=words) as failed:
        await Asked().answer(status, body)
    assert "s/3+" not in str(failed.value)


async def test_unreachable():
    """A server that cannot be reached is a failure in the upstream's words."""
    asked = Asked()
    await asyncio.sleep(0)
    asked.upstream.sinks[0].fail(UpstreamFailed("Provider azure (its sign-in) cannot be reached: connection refused.", sent=False))
    with pytest.raises(LoginFailed, match="connection refused"):
        await asked.task
