"""The upstream of providers on a platform: credential, mask, shape of the answer, and what cannot be sent."""

import asyncio

from headgate.core.endpoint import Provider
from headgate.core.errors import UpstreamFailed
from headgate.core.platform import Platform, PlatformLogin
from headgate.core.secret import Secret
from headgate.dialects.registry import PROVIDERS
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.mask import NOTHING, Mask
from headgate.exchange.ports import UpstreamRequest
from headgate.upstream.logins.credential import HeldCredential
from headgate.upstream.logins.logins import Logins
from headgate.upstream.platforms.platform_upstream import PlatformUpstream, ShapingSink
from headgate.upstream.platforms.shape import BrokenFrame
from tests.fakes.aws_frames import chunk
from tests.fakes.ports import FakeCall, FakeClock, FakeUpstream

LOGIN = PlatformLogin("oauth", client_id="a", secret=Secret("s"), token_url="https://id/t")
AZURE = Provider(name="azure", dialect="openai", base_url="https://x.openai.azure.com/openai/v1", platform=Platform("azure"), login=LOGIN)
TOKEN = "eyJ-canary-0123456789"


class Heard:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.heads: list[tuple[int, list[tuple[bytes, bytes]]]] = []
        self.body = b""
        self.ended = False
        self.errors: list[UpstreamFailed] = []

    def head(self, status, headers):
        self.heads.append((status, headers))

    def data(self, chunk):
        assert not self.ended
        self.body += chunk

    def end(self):
        self.ended = True

    def fail(self, error):
        self.errors.append(error)


class Source:
    async def fetch(self):
        return HeldCredential(token=Secret(TOKEN))


def request(provider: Provider = AZURE) -> UpstreamRequest:
    return UpstreamRequest(provider, "POST", "/responses", [(b"user-agent", b"x")], b'{"model":"m"}')


async def test_the_token_is_sent_and_never_comes_back():
    """It is in the header, and starred wherever an answer holds it."""
    http, clock, heard = FakeUpstream(), FakeClock(), Heard()
    logins = Logins(lambda _: Source(), clock)
    await logins.follow([AZURE])
    PlatformUpstream(http, logins, clock).send(request(), heard)
    assert http.requests[0].headers == [(b"user-agent", b"x"), (b"authorization", f"Bearer {TOKEN}".encode())]
    (sink,) = http.sinks
    sink.head(200, [(b"request-id", TOKEN.encode())])
    sink.data(b"data: " + TOKEN[:9].encode())
    sink.data(TOKEN[9:].encode() + b"\n\nend eyJ")
    sink.end()
    assert heard.heads == [(200, [(b"request-id", b"*" * len(TOKEN))])]
    assert heard.body == b"data: " + b"*" * len(TOKEN) + b"\n\nend eyJ"
    assert heard.ended


async def test_without_a_token_nothing_is_sent():
    """The sink hears it later, as of a provider that cannot be reached; a call that is cancelled before hears nothing."""
    http, clock, heard, unheard = FakeUpstream(), FakeClock(), Heard(), Heard()
    upstream = PlatformUpstream(http, Logins(lambda _: Source(), clock), clock)
    call = upstream.send(request(), heard)
    upstream.send(request(), unheard).cancel()
    assert (heard.errors, call.sent) == ([], False)
    await asyncio.sleep(0)
    assert [(error.code, error.sent) for error in heard.errors] == [("no_provider_credential", False)]
    assert unheard.errors == []
    assert http.requests == []


def test_a_key_needs_no_sink_in_between():
    """With a lasting key and the dialect's own answers the exchange's sink gets them directly."""
    http, heard = FakeUpstream(), Heard()
    provider = Provider(name="azure", dialect="openai", base_url="https://x/openai/v1", api_key=Secret("k"), platform=Platform("azure"))
    PlatformUpstream(http, Logins(lambda _: Source(), FakeClock()), FakeClock()).send(request(provider), heard)
    assert http.sinks == [heard]


def test_a_key_of_bedrock_signs_nothing():
    """It is a bearer token beside Bedrock's path and body, and its frames are still turned into events."""
    http, heard = FakeUpstream(), Heard()
    provider = Provider(
        name="b", dialect="anthropic", base_url="https://b", api_key=Secret("ABSK-1"), auth="bearer", platform=Platform("bedrock", region="r")
    )
    headers = ClientHeaders().to_provider([(b"content-type", b"application/json")], provider, PROVIDERS["anthropic"])
    asked = UpstreamRequest(provider, "POST", "/v1/messages", headers, b'{"model":"m","stream":true}')
    PlatformUpstream(http, Logins(lambda _: Source(), FakeClock()), FakeClock()).send(asked, heard)
    (sent,) = http.requests
    assert (sent.target, sent.body) == ("/model/m/invoke-with-response-stream", b'{"anthropic_version":"bedrock-2023-05-31"}')
    assert dict(sent.headers)[b"authorization"] == b"Bearer ABSK-1"
    assert b"x-amz-date" not in dict(sent.headers)
    http.sinks[0].head(200, [])
    http.sinks[0].data(chunk({"type": "ping"}))
    assert heard.body == b'event: ping\ndata: {"type": "ping"}\n\n'


def test_what_a_platform_has_not():
    """Nothing is sent, and the sink hears why."""

    async def refused() -> list[UpstreamFailed]:
        heard = Heard()
        provider = Provider(name="b", dialect="anthropic", base_url="https://b", platform=Platform("bedrock", region="r"))
        asked = UpstreamRequest(provider, "POST", "/v1/messages/batches", [], b"{}")
        PlatformUpstream(FakeUpstream(), Logins(lambda _: Source(), FakeClock()), FakeClock()).send(asked, heard)
        await asyncio.sleep(0)
        return heard.errors

    (error,) = asyncio.run(refused())
    assert (error.message, error.sent) == ("The request to provider b was not sent: Bedrock has no such operation.", False)


class Upper:
    """A shape that says everything loudly, and breaks at a question mark."""

    def head(self, status, headers):
        return [*headers, (b"content-type", b"text/event-stream")]

    def data(self, chunk):
        if b"?" in chunk:
            raise BrokenFrame("it asks")
        return chunk.upper()

    def end(self):
        return b"!"


def test_the_answer_is_shaped():
    """Head, pieces and end."""
    heard = Heard()
    sink = ShapingSink(heard, AZURE, Upper(), NOTHING)
    sink.head(200, [])
    sink.data(b"a")
    sink.end()
    assert (heard.heads, heard.body, heard.ended) == ([(200, [(b"content-type", b"text/event-stream")])], b"A!", True)


def test_the_mask_comes_after_the_shape():
    """What the shape uncovers is masked."""
    heard = Heard()
    sink = ShapingSink(heard, AZURE, Upper(), Mask(b"SECRET-0123"))
    sink.head(200, [])
    sink.data(b"secret-0123 ")
    assert heard.body == b"*********** "


def test_a_broken_frame_ends_the_call():
    """The provider's connection is closed and the sink hears one failure, and nothing after it."""
    heard, call = Heard(), FakeCall()
    sink = ShapingSink(heard, AZURE, Upper(), NOTHING)
    sink.call = call
    sink.head(200, [])
    sink.data(b"why?")
    sink.data(b"more")
    sink.end()
    sink.fail(UpstreamFailed("late"))
    assert (call.cancelled, heard.body, heard.ended) == (True, b"", False)
    assert [error.message for error in heard.errors] == ["Provider azure sent an answer that cannot be read: it asks."]


def test_a_refused_token_is_reported():
    """A 401 asks for another token."""
    refused: list[Provider] = []
    sink = ShapingSink(Heard(), AZURE, None, NOTHING)
    sink.on_refused = refused.append
    sink.head(401, [])
    assert refused == [AZURE]
