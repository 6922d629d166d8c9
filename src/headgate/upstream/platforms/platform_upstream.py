"""The upstream of providers on a platform, or with a sign-in: it shapes a request, adds the credential, and turns the answer into the dialect's.

It is between an exchange and the HTTP client, so that everything else (meter, mask, relay) sees the dialect alone. Native providers do not pass here.
"""

import asyncio
from collections.abc import Callable, Mapping

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Provider
from headgate.core.errors import UpstreamFailed
from headgate.core.headers import Headers
from headgate.core.platform import AZURE, BEDROCK, VERTEX, Platform
from headgate.exchange.headers import value_of
from headgate.exchange.mask import NOTHING, Mask
from headgate.exchange.ports import Call, Sink, Upstream, UpstreamRequest
from headgate.upstream import failure
from headgate.upstream.logins.logins import Logins
from headgate.upstream.origin import BadUrl, parse_base_url
from headgate.upstream.platforms import azure, bedrock, vertex
from headgate.upstream.platforms.shape import AnswerShape, BadShape, BrokenFrame, ShapedRequest
from headgate.upstream.platforms.sigv4 import AwsKeys, SignedScope, UnsignedRequest, signature_headers

_SHAPES: Mapping[str, Callable[[UpstreamRequest, Platform], ShapedRequest]] = {AZURE: azure.shape, BEDROCK: bedrock.shape, VERTEX: vertex.shape}


class PlatformUpstream:
    """Implements the `Upstream` port over another one. One for a process."""

    def __init__(self, upstream: Upstream, logins: Logins, clock: Clock) -> None:
        self._upstream = upstream
        self._logins = logins
        self._clock = clock

    def send(self, request: UpstreamRequest, sink: Sink) -> Call:
        """Send it as the platform takes it. Where it cannot be, the sink hears so, as of a provider that cannot be reached."""
        provider = request.provider
        try:
            shaped = self._shaped(request)
            credential, mask = self._credential(request, shaped)
        except BadShape as error:
            return UnsentCall(sink, failure.refused(provider, str(error)))
        except BadUrl as error:
            return UnsentCall(sink, failure.misplaced(provider, str(error)))
        except UpstreamFailed as error:
            return UnsentCall(sink, error)
        to = msgspec.structs.replace(provider, base_url=shaped.base_url) if shaped.base_url else provider
        request = UpstreamRequest(to, request.method, shaped.target, [*shaped.headers, *credential], shaped.body, request.deadlines)
        if shaped.answer is None and mask is NOTHING:
            return self._upstream.send(request, sink)
        shaping = ShapingSink(sink, provider, None if shaped.answer is None else shaped.answer(), mask)
        shaping.on_refused = self._logins.refused
        shaping.call = self._upstream.send(request, shaping)
        return shaping.call

    def _shaped(self, request: UpstreamRequest) -> ShapedRequest:
        platform = request.provider.platform
        shape = None if platform is None else _SHAPES.get(platform.name)
        if platform is None or shape is None:
            return ShapedRequest(request.target, request.body, request.headers)
        return shape(request, platform)

    def _credential(self, request: UpstreamRequest, shaped: ShapedRequest) -> tuple[Headers, Mask]:
        """The headers of the credential, and a mask of what is sent of it."""
        provider = request.provider
        if provider.login is None:
            return [], NOTHING
        held = self._logins.credential(provider)
        mask = Mask(held.sent) if held.sent else NOTHING
        if held.secret is None:
            return [(b"authorization", b"Bearer " + held.sent)], mask
        origin = parse_base_url(shaped.base_url or provider.base_url)
        unsigned = UnsignedRequest(
            method=request.method,
            host=origin.authority,
            target=origin.path + shaped.target,
            content_type=value_of(shaped.headers, b"content-type").decode("latin-1"),
            body=shaped.body,
        )
        scope = SignedScope("" if provider.platform is None else provider.platform.region, shaped.service)
        return signature_headers(unsigned, AwsKeys(held.key_id, held.secret, held.token), scope, self._clock.wall_ns()), mask


class UnsentCall:
    """A call of which nothing was sent."""

    sent = False

    def __init__(self, sink: Sink, error: UpstreamFailed) -> None:
        self._timer = asyncio.get_running_loop().call_soon(sink.fail, error)

    def pause(self) -> None:
        """Nothing comes."""

    def resume(self) -> None:
        """Nothing comes."""

    def cancel(self) -> None:
        """The sink hears nothing more."""
        self._timer.cancel()


class ShapingSink:
    """Pushes a platform's answer into the sink of the exchange, in the dialect, and without the credential that was sent."""

    __slots__ = ("_ended", "_mask", "_provider", "_shape", "_sink", "call", "on_refused")

    def __init__(self, sink: Sink, provider: Provider, shape: AnswerShape | None, mask: Mask) -> None:
        self._sink = sink
        self._provider = provider
        self._shape = shape
        self._mask = mask
        self._ended = False
        self.call: Call | None = None
        self.on_refused: Callable[[Provider], None] | None = None

    def head(self, status: int, headers: Headers) -> None:
        """The answer begins."""
        if status == 401 and self.on_refused is not None:
            self.on_refused(self._provider)
        headers = self._mask.headers(headers)
        self._sink.head(status, headers if self._shape is None else self._shape.head(status, headers))

    def data(self, chunk: bytes) -> None:
        """A piece of it."""
        if not self._ended:
            self._push(lambda shape: shape.data(chunk), chunk)

    def end(self) -> None:
        """The answer is complete."""
        if not self._ended:
            self._push(lambda shape: shape.end(), b"")
        if not self._ended:
            self._ended = True
            rest = self._mask.rest()
            if rest:
                self._sink.data(rest)
            self._sink.end()

    def fail(self, error: UpstreamFailed) -> None:
        """There was no answer, or it broke off."""
        if not self._ended:
            self._ended = True
            self._sink.fail(error)

    def _push(self, step: Callable[[AnswerShape], bytes], plain: bytes) -> None:
        try:
            piece = plain if self._shape is None else step(self._shape)
        except BrokenFrame as error:
            self._ended = True
            if self.call is not None:
                self.call.cancel()
            self._sink.fail(failure.malformed(self._provider, str(error)))
            return
        piece = self._mask.feed(piece) if piece else b""
        if piece:
            self._sink.data(piece)
