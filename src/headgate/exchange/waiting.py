"""An exchange whose admission is not decided yet: until they are, its client may leave, and Headgate may end. Then it is recorded, and nothing was sent."""

from collections.abc import Callable

import msgspec

from headgate.core.endpoint import Endpoint
from headgate.core.errors import GatewayError
from headgate.dialects.asked import Asked
from headgate.exchange.admission import Admission, Admissions
from headgate.exchange.dispatch import Dispatch
from headgate.exchange.ending import Ending
from headgate.exchange.ports import ClientStream
from headgate.exchange.pulse import Pulse
from headgate.exchange.relay import Relay
from headgate.exchange.settle import Recorder, intent_of, left_before_sending


class Prepared(msgspec.Struct, frozen=True):
    """An exchange that is ready to be sent, if it is admitted."""

    relay: Relay
    dispatch: Dispatch
    asked: Asked
    endpoint: Endpoint
    on_released: Callable[[], None]


class Waiting:
    """Waits for the decision. `go` sends the exchange; it raises GatewayError if it cannot."""

    __slots__ = ("_admission", "_admissions", "_go", "_prepared", "_pulse", "_recorder")

    def __init__(self, prepared: Prepared, admission: Admission, admissions: Admissions, recorder: Recorder, pulse: Pulse) -> None:
        self._prepared = prepared
        self._admission = admission
        self._admissions = admissions
        self._recorder = recorder
        self._pulse = pulse
        self._go: Callable[[], None] | None = None

    def begin(self, client: ClientStream, go: Callable[[], None]) -> None:
        """Wait: the client is watched, and early headers go out to it as to any other."""
        relay = self._prepared.relay
        self._go = go
        self._admission.on_decided = self._decided
        relay.on_end = self._ended
        self._pulse.add(relay)
        self._admissions.watch(self._admission, relay.interrupt)
        client.watch(relay)

    def _decided(self) -> None:
        go = self._go
        try:
            self._admission.require()
            if go is not None:
                self._admissions.forget(self._admission)
                go()
        except GatewayError as error:
            self._prepared.relay.interrupt(error)

    def _ended(self, relay: Relay, ending: Ending) -> None:
        """It ended before it was sent."""
        prepared, recorder = self._prepared, self._recorder
        self._admissions.forget(self._admission)
        self._pulse.discard(relay)
        endpoint = self._admission.candidate.endpoint  # a budget may have sent it to another
        intent = intent_of(relay.inbound, prepared.asked, endpoint, None, self._admission)
        self._admission.give_back()
        prepared.dispatch.close(ending, recorder.clock.monotonic_s())
        if ending.error is not None:
            recorder.refused(relay.inbound, intent, ending.error, endpoint)
        else:
            recorder.keep(left_before_sending(relay.inbound, intent, recorder.clock))
        prepared.on_released()
