"""The tries of one exchange: target after target until one answers. Falls back only before the first byte has reached the client.

What makes a next try: the provider could not be reached (nothing was sent), or it answered 429, 503 or 529, which no provider bills.
A 502 or 504 may have been billed and is never tried again.
"""

from collections.abc import Callable

from headgate.core.clock import Clock
from headgate.core.endpoint import Provider, Target
from headgate.core.errors import GatewayError, UpstreamFailed
from headgate.core.record import Attempt
from headgate.exchange.headers import to_provider
from headgate.exchange.mask import Mask
from headgate.exchange.ports import Headers, Upstream, UpstreamRequest
from headgate.exchange.relay import Relay
from headgate.exchange.settings import StreamLimits

_SECRET_BYTES_MIN = 10
_UNBILLED = frozenset({429, 503, 529})


class Attempts:
    """Pushes one exchange through its targets in order. The Sink of each try; what is worth keeping goes on to the relay."""

    def __init__(
        self, relay: Relay, targets: tuple[Target, ...], upstream_of: Callable[[Target], Upstream], limits: StreamLimits, clock: Clock
    ) -> None:
        self._relay = relay
        self._targets = targets
        self._upstream_of = upstream_of
        self._limits = limits
        self._clock = clock
        self._position = 0
        self._started_ns = 0
        self.made: list[Attempt] = []
        self.target = targets[0]
        # A Sink's pieces and end go to the relay as they come, with no call of ours between.
        self.data = relay.data
        self.end = relay.end

    def start(self) -> None:
        """Try the target that is next. The record's intent is written: whatever happens now ends in its outcome, a mistake of ours on its way up too."""
        try:
            self._send()
        except GatewayError as error:
            self._relay.interrupt(error)
        except BaseException:
            self._relay.interrupt(GatewayError("Headgate failed. Its log has the reason under this request's id."))
            raise

    def _send(self) -> None:
        self.target = target = self._targets[self._position]
        relay, inbound, provider = self._relay, self._relay.inbound, target.provider
        self._started_ns = self._clock.wall_ns()
        relay.mask = Mask(_maskable(provider))
        request = UpstreamRequest(
            provider=provider,
            method="POST",
            target=inbound.dialect.upstream_target(inbound.operation, target.model, inbound.query),
            headers=to_provider(inbound.headers, provider),
            body=inbound.dialect.upstream_body(relay.asked, target.model),
            first_byte_timeout_s=self._limits.first_byte_timeout_s,
            idle_timeout_s=self._limits.idle_timeout_s,
            total_timeout_s=self._limits.total_timeout_s,
        )
        relay.call = self._upstream_of(target).send(request, self)

    def head(self, status: int, headers: Headers) -> None:
        """A try was answered; an unbilled refusal makes room for the next target."""
        if status in _UNBILLED and self._has_next():
            self._note(status, "")
            if self._relay.call is not None:
                self._relay.call.cancel()
            self._next()
            return
        self._note(status, "")
        self._relay.head(status, headers)

    def fail(self, error: UpstreamFailed) -> None:
        """No answer, or it broke off. Only what was never sent is tried elsewhere."""
        if not self._relay.status:
            self._note(0, error.code or "unreachable")
            if not error.sent and self._has_next():
                self._next()
                return
        self._relay.fail(error)

    def _has_next(self) -> bool:
        return self._position + 1 < len(self._targets) and not self._relay.started and not self._relay.client_left_at_s

    def _next(self) -> None:
        self._position += 1
        self.start()

    def _note(self, status: int, error_code: str) -> None:
        now_ns = self._clock.wall_ns()
        self.made.append(
            Attempt(
                provider=self.target.provider.name,
                model=self.target.model,
                status_code=status,
                error_code=error_code,
                started_at_ns=self._started_ns,
                latency_ms=max(0, now_ns - self._started_ns) // 1_000_000,
                action="fallback" if self._position else "",
            )
        )


def _maskable(provider: Provider) -> bytes:
    """The provider's key as it is looked for in answers. A short one (`ollama`, `EMPTY`) is no secret but a word, and words are not masked."""
    key = provider.api_key.reveal().encode() if provider.api_key is not None else b""
    return key if len(key) >= _SECRET_BYTES_MIN else b""
