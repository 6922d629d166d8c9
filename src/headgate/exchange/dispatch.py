"""The attempts of one exchange: target after target until one answers. Falls back only before the first byte has reached the client.

What makes a next try: the provider could not be reached (nothing was sent), it answered 429, 503 or 529, or it refused Headgate's key; no provider bills
any of these. What may have been billed is tried again only if the endpoint declares it (`failover`): any server error, an answer that never began, a
stream whose first token is late. A refusal that made room for a target that cannot be reached is the answer after all. A provider that refuses the ask
for usage, which Headgate added, is asked again without it. A target that the request cannot be said to is passed over (`target_requests`).
"""

from collections.abc import Callable, Sequence
from typing import Final

from headgate.core.endpoint import Target
from headgate.core.errors import CredentialRefused, GatewayError, UpstreamFailed
from headgate.core.headers import Headers
from headgate.core.loss import Loss
from headgate.core.record import AttemptRecord
from headgate.dialects.asked import let_go
from headgate.dialects.faces import unfiltered
from headgate.dialects.parameter_refusal import parameter_refusal, without_fields
from headgate.dialects.provider_errors import refuses_key, refuses_usage
from headgate.dialects.registry import PROVIDERS
from headgate.exchange.answer import ProviderAnswer
from headgate.exchange.attempt import Attempt
from headgate.exchange.attempt_records import attempt_records
from headgate.exchange.content import Room
from headgate.exchange.ending import Ending
from headgate.exchange.failover import Passing, TargetOrder
from headgate.exchange.foreign_states import holds_foreign
from headgate.exchange.mask import mask_of
from headgate.exchange.ports import UpstreamRequest
from headgate.exchange.refused_parameters import without_refused
from headgate.exchange.relay import Relay
from headgate.exchange.sending import Sending
from headgate.exchange.tally import Tally
from headgate.exchange.target_requests import TargetRequests
from headgate.exchange.translated import TranslatedAnswer, neutral, warnings

_LATE: Final = "first_token_timeout"
_CLOSING: Final = "closing"  # Headgate's own end is no fault of a target
_CODE_MAX: Final = 256  # characters of a provider's code in a record
_USAGE_ASK: Final = frozenset({"stream_options"})
_SAYS_NOTHING: Final = frozenset({401, 403, 407, 408})  # of whether a target works: another client error shows that it does
_JUDGED: Final = frozenset({400, 401, 403, 422})  # the body says whether it is about something that Headgate added


class Dispatch:
    """Pushes one exchange through its targets in order; what is worth it goes on to the relay.

    `served` is the attempt that the client's answer comes from, or was to come from.
    """

    __slots__ = ("_failover", "_made", "_refused", "_relay", "_requests", "_room", "_sending", "losses", "order", "served")

    def __init__(self, relay: Relay, order: TargetOrder, room: Room | None, sending: Sending) -> None:
        self._relay = relay
        self.order = order
        self._room = room
        self._sending = sending
        self._made: list[Attempt] = []
        self._refused: Attempt | None = None  # the latest unbilled refusal that made room for a next target
        self._failover = order.failover
        self._requests = TargetRequests(relay.inbound, order, sending)  # of the attempt under way
        self.losses: tuple[Loss, ...] = ()  # of what is asked: by its translation, and because the target refuses it
        self.served = self._begin()

    def start(self) -> None:
        """Send the first attempt. The record's intent is written: whatever happens now ends in its outcome, including a bug that is raised from here."""
        self._guarded(self._send)

    def lose(self, error: GatewayError) -> None:
        """The intent could not be kept, so nothing of the exchange leaves."""
        self.served.sent = False
        self._relay.interrupt(error)

    def answered(self, one: Attempt, status: int, headers: Headers) -> None:
        """A try was answered."""
        one.answered_at_s = self._sending.clock.monotonic_s()
        if status >= 400:
            self._refused_by(one, status, headers)
            return
        if self._sending.memory.keys_refused_s:
            self._sending.memory.key_accepted(one.target.provider)
        if self._requests.plain:
            self._sending.memory.usage_refused(one.target.provider)
        failover = self._failover
        if failover is not None and failover.first_token_timeout_s and self._expects_token():
            one.keep_until_token(headers, one.answer.tally.face.first_token)
            return
        if self._sending.failures.circuits.troubled:
            self._sending.failures.circuits.works(one.target)
        self._head(one, status, headers)

    def failed(self, one: Attempt, error: UpstreamFailed) -> None:
        """No answer, or it broke off. Without fallbacks only what was never sent is tried elsewhere."""
        follows_sent = self._failover is not None and self._failover.follows_sent
        if one.kept is not None:
            one.kept.failed = error
            if one is not self.served:  # it was refused before, and another target is being tried
                return
            if one.kept.first_token is not None and follows_sent and self._advance():
                self._replace(one, error.code or "cut")
            else:
                self._pour(one)
        elif one.status:
            self._relay.fail(error)
        else:
            one.answered_at_s = self._sending.clock.monotonic_s()
            one.error_code = error.code or "unreachable"
            if one.error_code != _CLOSING:
                self._sending.failures.circuits.fails(one.target)
            if error.sent and not follows_sent:
                self._relay.fail(error)
            else:
                self._go_on(error)

    def token(self, one: Attempt) -> None:
        """A kept stream has its first token, or its end: it is the client's answer, unless it is an error that a fallback may answer in its place."""
        if one is not self.served or one.kept is None:
            return
        failure = one.kept.failure(one.answer.tally.face)
        if failure is None:
            self._sending.failures.circuits.works(one.target)
        elif self._failover is not None and self._failover.follows_sent and self._advance():
            self._replace(one, one.answer.mask.text(failure.code)[:_CODE_MAX] or "provider_error")
            return
        self._pour(one)

    def late(self) -> None:
        """The first token of the try under way is not here in time. It is given up for another target; without one it may take as long as it takes."""
        one = self.served
        if one.status >= 400 or (one.status and one.kept is None):
            return
        if self._advance():
            self._replace(one, _LATE)
        elif one.kept is not None:
            self._pour(one)

    def judge(self, one: Attempt) -> None:
        """A kept refusal is whole, or as much of it is here as is looked at: is it about something that Headgate added?"""
        if one is not self.served or one.kept is None:
            return  # it made room for another target
        body = one.kept.body
        provider, memory = one.target.provider, self._sending.memory
        if provider.has_credential and refuses_key(one.status, body):
            memory.key_refused(provider, one.status)
            self._sending.failures.circuits.fails(one.target)
            one.let_go()
            error = CredentialRefused(provider.name)
            one.error_code = error.code
            self._go_on(error)
        elif self._requests.said.sent.usage_hidden and refuses_usage(one.status, body) and self._relay.may_try_again:
            one.let_go()
            one.error_code = "usage_refused"
            self._requests.plain = True
            self._guarded(self._send_again)
        elif self._learns(one, body):
            one.let_go()
            one.error_code = "parameters_refused"
            self._guarded(self._send_again)
        elif one.status == 400 and self._brings_states():
            one.let_go()
            one.error_code = "foreign_states"
            self._sending.foreign.note(self._relay.inbound)
            self._guarded(self._send_again)
        else:
            self._pour(one)

    def _learns(self, one: Attempt, body: bytes) -> bool:
        """Whether the target refuses parameters that can be left out, and did not say so before."""
        if one.status not in {400, 422} or not self._relay.may_try_again:
            return False
        refused = parameter_refusal(one.status, body, self._body(one.target))
        return bool(refused) and self._sending.refusals.learn(one.target, refused)

    def _body(self, target: Target) -> bytes:
        """The bytes of the request for a target, before what it refuses is left out."""
        translated = self.served.answer.translated
        if translated is None:
            return PROVIDERS[target.dialect].body(self._requests.said.sent, target.model)
        return b"" if translated.request is None else translated.request.body

    def _brings_states(self) -> bool:
        """Whether the request was refused with states of other providers in it, and may be asked again without them."""
        return self.served.answer.translated is None and self._relay.may_try_again and holds_foreign(self._requests.said.sent)

    @property
    def needs_request(self) -> bool:
        """Whether the request is needed to the end of the answer: it is kept with it, or the answer is translated, which reads it."""
        return self._room is not None or self.served.answer.translated is not None

    def release_request(self, text_length: int) -> None:
        """Hold no more what would be sent: nothing is sent any more."""
        let_go(self.order.asked, text_length)
        let_go(self._requests.said.sent)

    def close(self, ending: Ending, now_s: float) -> tuple[AttemptRecord, ...]:
        """The record of every try, the one under way too. Called once, when the exchange has ended; lets go of all that a try holds."""
        self._drop_refused()
        made, self._made = self._made, []
        for one in made:
            one.leave()
        passed: Sequence[Passing] = ()
        if self._failover is not None:
            self._failover.expect_nothing(self)
            passed = self._failover.passed
        return attempt_records(made, passed, self._relay.inbound, ending, now_s)

    def _begin(self) -> Attempt:
        """Make the attempt of the target that is next."""
        relay, sending, said, target = self._relay, self._sending, self._requests.said, self._requests.target
        inbound, face, translated = relay.inbound, PROVIDERS[target.dialect], said.translated
        answer_filter = None if translated is not None or face.answer_filter is unfiltered else face.answer_filter(said.sent)
        self.losses = () if translated is None else translated.losses
        answer = ProviderAnswer(mask_of(target.provider, inbound.head.own), answer_filter, Tally(face, sending.limits, self._room), translated)
        attempt = Attempt(self, relay, target, answer, sending.clock.monotonic_s())
        self._made.append(attempt)
        relay.begin(answer)
        return attempt

    def _send(self) -> None:
        attempt, inbound, sending = self.served, self._relay.inbound, self._sending
        target, face = attempt.target, attempt.answer.tally.face
        provider = target.provider
        headers = inbound.headers if self.order.headers is None else self.order.headers
        operation, query, body = inbound.head.operation, inbound.head.query, b""
        translated = attempt.answer.translated
        if translated is None:
            body = face.body(self._requests.said.sent, target.model)
        elif translated.request is None:
            self._answer_own(attempt, translated)
            return
        else:
            headers = neutral(headers)
            operation, query, body = translated.request.operation, translated.request.query, translated.request.body
            if not provider.ask_usage or not sending.memory.takes_usage(provider):
                body = without_fields(body, _USAGE_ASK)
        if sending.refusals.learnt:
            headers, body = self._without_refused(target, headers, body)
        memory = inbound.head.memory if headers is inbound.headers else None
        known = None if memory is None else memory.sent(provider, face.name)
        if known is None:
            headers = sending.headers.to_provider(headers, provider, face, inbound.head.own, memory)
        else:
            headers = known.of(headers)
        sent = UpstreamRequest(provider, "POST", face.path(operation, target.model, query), headers, body, sending.deadlines)
        if known is not None:
            sent.known = known.known
        attempt.call = call = sending.upstream_of(target).send(sent, attempt)
        self._relay.follow(call)
        if self._failover is not None and self._expects_token():
            self._failover.expect_token(self)

    def _without_refused(self, target: Target, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        """The request without what the target was learnt to refuse."""
        refused = self._sending.refusals.of(target)
        if refused is None:
            return headers, body
        headers, body, left_out = without_refused(refused, headers, body)
        self.losses += left_out
        return headers, body

    def _answer_own(self, one: Attempt, translated: TranslatedAnswer) -> None:
        """Answer without asking the target, whose API cannot do what is asked."""
        one.sent, one.answered_at_s = False, self._sending.clock.monotonic_s()
        self._note(one)
        self._relay.answer_own(translated.own_answer)

    def _send_again(self) -> None:
        self._requests.again()
        self._send_next()

    def _send_next(self) -> None:
        self.served = self._begin()
        self._send()

    def _guarded(self, send: Callable[[], None]) -> None:
        """End the exchange with the error where nothing can be sent."""
        try:
            send()
        except GatewayError as error:
            self._relay.interrupt(error)
        except BaseException:
            request_id = self._relay.inbound.request_id
            self._relay.interrupt(GatewayError(f"Headgate failed. Its log has the reason under the request's id, {request_id}."))
            raise

    def _refused_by(self, one: Attempt, status: int, headers: Headers) -> None:
        """An error answer: one that is followed by another try makes room for it, one that may be about something that Headgate added is looked at first."""
        circuits = self._sending.failures.circuits
        if status >= 500 or (status == 429 and self._relay.inbound.head.own is None):  # a limit of the client's own account concerns no other client
            circuits.refuses(one.target, status, headers)
        elif circuits.troubled and status != 429 and status not in _SAYS_NOTHING:
            circuits.works(one.target)
        if self._failover is not None:
            self._failover.expect_nothing(self)
            if self._failover.follows_status(status) and self._advance():
                one.keep(headers)
                self._drop_refused()
                self._refused = one
                self._guarded(self._send_next)
                return
        if status in _JUDGED and (status == 400 or one.target.provider.has_credential or self._requests.said.sent.usage_hidden):
            one.keep(headers)
        else:
            self._head(one, status, headers)

    def _go_on(self, error: UpstreamFailed) -> None:
        """Try the next target; where there is none, the answer is an earlier refusal, or else this error."""
        if self._advance():
            self._guarded(self._send_next)
        elif self._refused is not None and self._refused.kept is not None and self._refused.kept.failed is None:
            self._pour(self._refused)
        else:
            self._relay.fail(error)

    def _advance(self) -> bool:
        """Go on to the next target, if there is one that may be tried."""
        return self._failover is not None and self._relay.may_try_again and self._requests.advance(len(self._made))

    def _expects_token(self) -> bool:
        """Whether a first token that is late would lead to another target."""
        return self.order.asked.stream and not self._requests.is_last and self._relay.may_try_again

    def _replace(self, one: Attempt, error_code: str) -> None:
        """Give up a try whose answer has not begun, or has no token yet, and send to the target that is next."""
        one.answered_at_s = one.answered_at_s or self._sending.clock.monotonic_s()
        one.error_code = error_code
        self._sending.failures.circuits.fails(one.target)
        one.kept = None
        if one.call is not None:
            one.call.cancel()
        self._guarded(self._send_next)

    def _head(self, one: Attempt, status: int, headers: Headers) -> None:
        """The client's answer begins, with the name of its target where the endpoint has several, and with what was changed of the request."""
        if self._failover is not None or self.order.notes is not None or self.losses:
            self._note(one)
        self._relay.head(status, headers)

    def _note(self, one: Attempt) -> None:
        notes = [*(self._relay.own_headers or ()), *(self.order.notes or ())]
        if self._failover is not None:
            notes.append((b"x-headgate-target", one.target.label.encode()))
        if self.losses:
            notes.append((b"x-headgate-warnings", warnings(self.losses)))
        self._relay.own_headers = notes

    def _pour(self, one: Attempt) -> None:
        """The client gets a kept answer after all."""
        if one is self._refused:
            self._refused = None
        self.served = one
        if self._failover is not None:
            self._failover.expect_nothing(self)
        if self._failover is not None or self.order.notes is not None or self.losses:
            self._note(one)
        one.pour(self._relay)

    def _drop_refused(self) -> None:
        refused, self._refused = self._refused, None
        if refused is not None:
            refused.let_go()
