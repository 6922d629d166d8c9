"""Requests for a response by its id: to read it, its input, or to delete it. What Headgate keeps it answers itself; else the provider that keeps it is asked.

They are no exchanges: no model answers, so they have no usage row. A principal finds its own responses alone, and a provider's only while it may use the
endpoint that the response came from.
"""

import re
from collections.abc import Callable
from typing import Final

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.client_credential import ClientCredential
from headgate.core.endpoint import Endpoint, Target
from headgate.core.errors import CredentialRefused, GatewayError, NotFound, UpstreamFailed
from headgate.core.headers import Headers
from headgate.core.kept_response import KeptResponse
from headgate.dialects.codec import ResponseKeeping
from headgate.dialects.provider_errors import refuses_key
from headgate.dialects.registry import CLIENT_CODECS, PROVIDERS
from headgate.exchange.headers import ClientHeaders, is_coded, to_client
from headgate.exchange.mask import Mask, mask_of
from headgate.exchange.ports import Call, Deadlines, ResponseStore, Upstream, UpstreamRequest
from headgate.exchange.settings import StreamLimits
from headgate.exchange.snapshot import Snapshot
from headgate.policy.payer import paid_targets
from headgate.policy.permit import permit

_TIMEOUT_S: Final = 60.0
_DELETE: Final = "DELETE"
_JSON: Final = (b"content-type", b"application/json")
_QUERY: Final = re.compile(r"[A-Za-z0-9_.~%&=\[\],-]*")

Answered = Callable[[int, Headers, bytes], None]
"""Is called once with the answer: status, headers without the length, body."""


class ResponseCall(msgspec.Struct, frozen=True, kw_only=True):
    """One such request, its caller known. `part` is what is read of the response: nothing for all, or `input_items`."""

    method: str
    response_id: str
    part: str
    query: str
    face: str
    speaks: str
    token: AccessToken
    own: ClientCredential | None
    headers: Headers


class ResponseCalls(msgspec.Struct, frozen=True):
    """Answers such requests; one for a worker."""

    snapshot: Callable[[], Snapshot]
    upstream_of: Callable[[Target], Upstream]
    responses: ResponseStore | None
    headers: ClientHeaders
    limits: StreamLimits

    def ask(self, call: ResponseCall, done: Answered, failed: Callable[[GatewayError], None]) -> Call | None:
        """Answer at once, or ask the provider: then the call is returned, and `done` or `failed` comes later. Raises NotFound and BadRequest."""
        codec = CLIENT_CODECS[call.face]
        kept = None if self.responses is None else self.responses.find(call.token.principal.id, call.response_id)
        if kept is None or codec.keeping is None or self.responses is None:
            raise _unknown(call.response_id)
        if kept.at_provider:
            return self._pass(call, kept, codec.keeping, _Answer(call, done, failed, self.limits.whole_answer_bytes))
        if call.method == _DELETE:
            self.responses.delete(call.token.principal.id, call.response_id)
            body = codec.keeping.deleted(call.response_id)
        else:
            body = codec.keeping.read(kept, call.part, call.query)
        done(200, [_JSON], body)
        return None

    def _pass(self, call: ResponseCall, kept: KeptResponse, keeping: ResponseKeeping, answer: "_Answer") -> Call:
        snapshot = self.snapshot()
        endpoint = snapshot.endpoints.resolve(kept.endpoint, call.speaks)
        if endpoint is None:
            raise _unknown(call.response_id)
        permit(call.token, endpoint, snapshot.permissions, snapshot.endpoints.names_of)
        target = _target_of(endpoint, kept.provider, call)
        provider, face = target.provider, PROVIDERS[target.dialect]
        query = call.query if _QUERY.fullmatch(call.query) else ""
        request = UpstreamRequest(
            provider=provider,
            method=call.method,
            target=keeping.path(call.response_id, call.part) + (f"?{query}" if query else ""),
            headers=self.headers.to_provider(call.headers, provider, face, call.own),
            body=b"",
            deadlines=Deadlines(_TIMEOUT_S, _TIMEOUT_S, _TIMEOUT_S),
        )
        answer.target, answer.mask = target, mask_of(provider, call.own)
        if call.method == _DELETE and self.responses is not None:
            answer.responses = self.responses
        answer.call = sent = self.upstream_of(target).send(request, answer)
        return sent


class _Answer:
    """The sink of a provider's answer, which is passed on whole."""

    target: Target

    def __init__(self, asked: ResponseCall, done: Answered, failed: Callable[[GatewayError], None], bytes_max: int) -> None:
        self._asked = asked
        self._done = done
        self._failed = failed
        self._bytes_max = bytes_max
        self._status = 0
        self._headers: Headers = []
        self._pieces: list[bytes] = []
        self._bytes = 0
        self._coded = False
        self.mask = Mask()
        self.responses: ResponseStore | None = None  # where the note of a response that is deleted is
        self.call: Call | None = None

    def head(self, status: int, headers: Headers) -> None:
        """The answer begins."""
        self._status, self._coded = status, is_coded(headers)
        self._headers = self.mask.headers(to_client(headers))

    def data(self, chunk: bytes) -> None:
        """A piece of it."""
        self._pieces.append(chunk)
        self._bytes += len(chunk)
        if self._bytes > self._bytes_max and self.call is not None:
            self.call.cancel()
            self._failed(UpstreamFailed(f"The provider sent more than {self._bytes_max} bytes. They were not passed on.", code="answer_too_large"))

    def end(self) -> None:
        """The answer is complete."""
        status, body, provider = self._status, b"".join(self._pieces), self.target.provider
        if self._coded or 300 <= status < 400:
            self._failed(UpstreamFailed("The provider answered with what cannot be passed on: a redirect or a coded body.", code="bad_answer"))
        elif provider.has_credential and refuses_key(status, body):
            self._failed(CredentialRefused(provider.name))
        else:
            if self.responses is not None and status in {200, 204, 404}:
                self.responses.delete(self._asked.token.principal.id, self._asked.response_id)
            self._done(status, self._headers, self.mask.whole(body))

    def fail(self, error: UpstreamFailed) -> None:
        """There was no answer, or it broke off."""
        self._failed(error)


def _target_of(endpoint: Endpoint, provider: str, call: ResponseCall) -> Target:
    """The target of the endpoint at the provider that keeps the response. Raises NotFound where it is gone, Forbidden where another one pays."""
    for target in paid_targets(endpoint, (*endpoint.targets, *endpoint.fallbacks), call.own):
        asked = target.asked_in(call.speaks)
        if target.provider.name == provider and asked.dialect == call.speaks and not target.provider.deleted:
            return asked
    raise _unknown(call.response_id)


def _unknown(response_id: str) -> NotFound:
    return NotFound(f"Response with id {response_id!r} not found.", code="response_not_found")
