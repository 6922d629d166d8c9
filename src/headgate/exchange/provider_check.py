"""Tests a provider: sends one small request through the same upstream as exchanges, with the same credential, and words the answer.

It is no exchange: no client asked, so it has no usage row. What it shows of a key or a target is remembered as an exchange's answer would be, if it is good.
"""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Provider, Target
from headgate.core.errors import UpstreamFailed
from headgate.core.headers import Headers
from headgate.dialects.check_request import answer_text, check_request
from headgate.dialects.provider_errors import refuses_key
from headgate.dialects.registry import PROVIDERS
from headgate.exchange.circuits import Circuits
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.mask import mask_of
from headgate.exchange.ports import Call, Deadlines, Upstream, UpstreamRequest
from headgate.exchange.provider_memory import ProviderMemory

TIMEOUT_S: Final = 20.0
_BODY_BYTES_MAX: Final = 1 << 20
_SENT: Headers = [(b"content-type", b"application/json"), (b"user-agent", b"headgate")]

Verdict = Literal["good", "key_refused", "refused", "failed"]


class CheckedProvider(msgspec.Struct, frozen=True, kw_only=True):
    """What a test found. `status` is 0 where there was no answer; `message` is in words, the provider's own where it refuses, without its key."""

    provider: str
    dialect: str
    model: str
    verdict: Verdict
    status: int
    message: str
    latency_ms: int


class Checking(msgspec.Struct, frozen=True):
    """What tests are made with; one for a worker."""

    upstream_of: Callable[[Target], Upstream]
    clock: Clock
    memory: ProviderMemory
    circuits: Circuits
    headers: ClientHeaders

    def check(self, provider: Provider, model: str, done: Callable[[CheckedProvider], None]) -> Call:
        """Send the test; `done` is called once, later, within `TIMEOUT_S`. Without a model the list of models is asked for."""
        dialect = provider.dialects[0]
        target = Target(provider, model, dialect)
        asked = check_request(provider, dialect, model)
        request = UpstreamRequest(
            provider=provider,
            method=asked.method,
            target=asked.target,
            headers=self.headers.to_provider(_SENT, provider, PROVIDERS[dialect]),
            body=asked.body,
            deadlines=Deadlines(TIMEOUT_S, TIMEOUT_S, TIMEOUT_S),
        )
        answer = _Answer(self, target, done)
        answer.call = self.upstream_of(target).send(request, answer)
        return answer.call


class _Answer:
    """The sink of a test's answer."""

    def __init__(self, checking: Checking, target: Target, done: Callable[[CheckedProvider], None]) -> None:
        self._checking = checking
        self._target = target
        self._done = done
        self._begun_s = checking.clock.monotonic_s()
        self._status = 0
        self._pieces: list[bytes] = []
        self._bytes = 0
        self.call: Call | None = None

    def head(self, status: int, _headers: Headers) -> None:
        """The answer begins."""
        self._status = status

    def data(self, chunk: bytes) -> None:
        """A piece of it. More than is looked at ends the test: that it answers is known."""
        self._pieces.append(chunk)
        self._bytes += len(chunk)
        if self._bytes > _BODY_BYTES_MAX and self.call is not None:
            self.call.cancel()
            self.end()

    def end(self) -> None:
        """The answer is complete."""
        target, checking, status = self._target, self._checking, self._status
        provider, body = target.provider, b"".join(self._pieces)
        good = 200 <= status < 300
        if good:
            checking.memory.key_accepted(provider)
            if target.model:
                checking.circuits.works(target)
        is_key = not good and provider.has_credential and refuses_key(status, body)
        if is_key:
            checking.memory.key_refused(provider, status)
        text = mask_of(provider, None).text(answer_text(target.dialect, target.model, status, body))
        self._tell("good" if good else "key_refused" if is_key else "refused", text)

    def fail(self, error: UpstreamFailed) -> None:
        """There was no answer, or it broke off."""
        self._tell("failed", error.message)

    def _tell(self, verdict: Verdict, message: str) -> None:
        target = self._target
        latency_ms = int((self._checking.clock.monotonic_s() - self._begun_s) * 1000)
        self._done(
            CheckedProvider(
                provider=target.provider.name,
                dialect=target.dialect,
                model=target.model,
                verdict=verdict,
                status=self._status,
                message=message,
                latency_ms=latency_ms,
            )
        )
