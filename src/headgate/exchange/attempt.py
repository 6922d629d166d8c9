"""The tries of one exchange: target after target until one answers. Falls back only before the first byte has reached the client.

What makes a next try: the provider could not be reached (nothing was sent), or it answered 429, 503 or 529, which no provider bills.
A 502 or 504 may have been billed and is never tried again. A refusal that made room for a target that cannot be reached is the answer after all.
"""

from collections.abc import Callable

from headgate.core.clock import Clock
from headgate.core.endpoint import Provider, Target
from headgate.core.errors import GatewayError, UpstreamFailed
from headgate.core.record import Attempt
from headgate.exchange.headers import to_provider
from headgate.exchange.mask import Mask
from headgate.exchange.ports import Call, Headers, Upstream, UpstreamRequest
from headgate.exchange.relay import Relay
from headgate.exchange.settings import StreamLimits

_SECRET_BYTES_MIN = 10
_UNBILLED = frozenset({429, 503, 529})
_KEPT_BYTES_MAX = 64 << 10  # of a refusal that may yet be the answer; the rest waits in the provider's socket


class Try:
    """One try of one target: the Sink of its answer, and all that is known of it. What becomes of it `Attempts` decides."""

    __slots__ = ("_attempts", "_kept", "_kept_bytes", "answered_ns", "call", "data", "end", "error_code", "failed", "headers", "mask", "sent",
                 "started_ns", "status", "target", "whole")  # fmt: skip

    def __init__(self, attempts: "Attempts", relay: Relay, target: Target, started_ns: int) -> None:
        self._attempts = attempts
        self.target = target
        self.mask = Mask(_maskable(target.provider))
        self.started_ns = started_ns
        self.answered_ns = 0  # its head came, or it failed
        self.status = 0
        self.error_code = ""
        self.call: Call | None = None
        self.sent: bool | None = None  # None: ask the call
        # Pieces and the end go to the relay as they come, with no call of ours between, unless they are kept.
        self.data = relay.data
        self.end = relay.end
        self.headers: Headers = []
        self.failed: UpstreamFailed | None = None
        self.whole = False
        self._kept: list[bytes] = []
        self._kept_bytes = 0

    @property
    def reached_provider(self) -> bool:
        """Whether any byte of the request may have reached the provider: from then on it may be billed."""
        if self.sent is not None:
            return self.sent
        return self.call is not None and self.call.sent

    @property
    def over(self) -> bool:
        """Whether its answer has ended or failed while it was kept."""
        return self.whole or self.failed is not None

    def head(self, status: int, headers: Headers) -> None:
        """The answer begins."""
        self.sent = True
        self.status = status
        self._attempts.answered(self, status, headers)

    def fail(self, error: UpstreamFailed) -> None:
        """No answer, or it broke off."""
        if not self.status:
            self.sent = error.sent
        self._attempts.failed(self, error)

    def keep(self, headers: Headers) -> None:
        """Keep the answer until it is known whether it goes to the client."""
        self.headers = headers
        self.data = self._keep
        self.end = self._kept_whole

    def pour(self, relay: Relay) -> None:
        """Hand the kept answer to the client, and what is still to come of it."""
        self.data, self.end = relay.data, relay.end
        relay.head(self.status, self.headers)
        for piece in self._kept:
            if not relay.ended:
                relay.data(piece)
        self._kept = []
        if relay.ended:
            return
        if self.failed is not None:
            relay.fail(self.failed)
        elif self.whole:
            relay.end()
        elif self.call is not None:
            self.call.resume()

    def let_go(self) -> None:
        """Nobody wants the rest of it."""
        self._kept = []
        if self.call is not None and not self.over:
            self.call.cancel()

    def _keep(self, chunk: bytes) -> None:
        self._kept.append(chunk)
        self._kept_bytes += len(chunk)
        if self._kept_bytes > _KEPT_BYTES_MAX and self.call is not None:
            self.call.pause()

    def _kept_whole(self) -> None:
        self.whole = True


class Attempts:
    """Pushes one exchange through its targets in order; what is worth it goes on to the relay."""

    def __init__(
        self, relay: Relay, targets: tuple[Target, ...], upstream_of: Callable[[Target], Upstream], limits: StreamLimits, clock: Clock
    ) -> None:
        self._relay = relay
        self.targets = targets
        self._upstream_of = upstream_of
        self._limits = limits
        self._clock = clock
        self._position = 0
        self._made: list[Try] = []
        self._refused: Try | None = None  # the latest unbilled refusal that made room for a next target
        self.served: Try | None = None  # the try that the client's answer is of, or was to be of

    def start(self) -> None:
        """Try the target that is next. The record's intent is written: whatever happens now ends in its outcome, a mistake of ours on its way up too."""
        try:
            self._send(self.targets[self._position])
        except GatewayError as error:
            self._relay.interrupt(error)
        except BaseException:
            self._relay.interrupt(GatewayError("Headgate failed. Its log has the reason under this request's id."))
            raise

    def answered(self, one: Try, status: int, headers: Headers) -> None:
        """A try was answered; an unbilled refusal makes room for the next target."""
        one.answered_ns = self._clock.wall_ns()
        if status in _UNBILLED and self._has_next():
            one.keep(headers)
            self._drop_refused()
            self._refused = one
            self._next()
            return
        self._relay.head(status, headers)

    def failed(self, one: Try, error: UpstreamFailed) -> None:
        """No answer, or it broke off. Only what was never sent is tried elsewhere."""
        if one is not self.served:  # it was refused before, and another target is being tried
            one.failed = error
            return
        if not one.status:
            one.answered_ns = self._clock.wall_ns()
            one.error_code = error.code or "unreachable"
            if not error.sent and self._has_next():
                self._next()
                return
            if not error.sent and self._refused is not None and self._refused.failed is None:
                self._pour(self._refused)
                return
        self._relay.fail(error)

    def close(self) -> tuple[Attempt, ...]:
        """The record of every try, the one under way too. Called once, when the exchange has ended; lets go of all that a try holds."""
        self._drop_refused()
        now_ns = self._clock.wall_ns()
        made, self._made, self.served = self._made, [], None
        for one in made:
            one.call = None  # it holds the try as its sink
        return tuple([self._record(position, one, now_ns) for position, one in enumerate(made)])

    def _send(self, target: Target) -> None:
        relay, inbound, provider = self._relay, self._relay.inbound, target.provider
        one = Try(self, relay, target, self._clock.wall_ns())
        self._made.append(one)
        self.served = one
        relay.mask = one.mask
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
        relay.call = one.call = self._upstream_of(target).send(request, one)

    def _has_next(self) -> bool:
        return self._position + 1 < len(self.targets) and not self._relay.started and not self._relay.client_left_at_s

    def _next(self) -> None:
        self._position += 1
        self.start()

    def _pour(self, one: Try) -> None:
        self._refused = None
        self.served = one
        self._relay.mask, self._relay.call = one.mask, one.call
        one.pour(self._relay)

    def _drop_refused(self) -> None:
        refused, self._refused = self._refused, None
        if refused is not None:
            refused.let_go()

    def _record(self, position: int, one: Try, now_ns: int) -> Attempt:
        error_code = one.error_code
        if not one.answered_ns:  # the exchange ended under it
            error = self._relay.error
            error_code = self._relay.ended if error is None else error.code or error.kind
        return Attempt(
            provider=one.target.provider.name,
            model=one.target.model,
            status_code=one.status,
            error_code=error_code,
            started_at_ns=one.started_ns,
            latency_ms=max(0, (one.answered_ns or now_ns) - one.started_ns) // 1_000_000,
            action="fallback" if position else "",
        )


def _maskable(provider: Provider) -> bytes:
    """The provider's key as it is looked for in answers. A short one (`ollama`, `EMPTY`) is no secret but a word, and words are not masked."""
    key = provider.api_key.reveal().encode() if provider.api_key is not None else b""
    return key if len(key) >= _SECRET_BYTES_MIN else b""
