"""What a provider answers to one attempt, on its way to the client: without the provider's key, without what the client did not ask for, and counted.

It writes to no client and does not decide what the client gets: `relay` does.
"""

from typing import Final

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.dialects.faces import AnswerFilter
from headgate.exchange.headers import is_coded, request_ids, to_client
from headgate.exchange.mask import Mask
from headgate.exchange.tally import Tally
from headgate.exchange.translated import TranslatedAnswer

_EVENTS: Final = b"text/event-stream"
STREAM_HEADERS: Final = ((b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))
_BESIDE_TYPE: Final = STREAM_HEADERS[1:]


class ProviderAnswer:
    """One answer: `begin` with its head, then a stream's pieces through `pass_on`, or a body's through `hold` until it is `whole` or too large.

    `names` are the first values of the headers that the client may see; `streams` says that the answer is a stream.
    """

    __slots__ = ("_filter", "_held", "_held_bytes", "delivered", "first_byte_at_s", "headers", "mask", "names", "status", "streams",
                 "tally", "translated")  # fmt: skip

    def __init__(self, mask: Mask, answer_filter: AnswerFilter | None, tally: Tally, translated: TranslatedAnswer | None = None) -> None:
        self.mask = mask  # of the provider's credential: it must not come back
        self.translated = translated  # what writes the answer anew, where the client speaks another dialect
        self._filter = answer_filter if translated is None else translated
        self.tally = tally
        self.status = 0
        self.headers: Headers = []
        self.names: dict[bytes, bytes] = {}
        self.streams = False
        self._held: list[bytes] | None = None
        self._held_bytes = 0
        self.first_byte_at_s = 0.0
        self.delivered = False  # a client that left had all of it

    def begin(self, status: int, headers: Headers, operation_streams: str) -> bool:
        """Take the provider's status and headers. False if the body is coded: it could neither be counted nor searched for the provider's key."""
        self.status = status
        coded = is_coded(headers)
        self.headers = passed = self.mask.headers(to_client(headers))
        names = self.names
        for name, value in passed:
            if name not in names:
                names[name] = value
        # An operation that always streams has no other kind of answer: Gemini's stream is one JSON array where its client asked for no events.
        self.streams = status == 200 and not coded and (operation_streams == "always" or names.get(b"content-type", b"")[:17].lower() == _EVENTS)
        if not self.streams:
            self._held = []
        translated = self.translated
        if translated is not None:
            self.headers = translated.headers(passed, streams=self.streams)
        return not coded

    def client_head(self, request_id: str, *, stream_asked: bool) -> Headers:
        """The headers that its client gets."""
        passed, names, status = self.headers.copy(), self.names, self.status
        if status in {401, 403}:
            # Our key was refused, not the client's: Claude Code would ask ten more times over three minutes.
            passed = [*(header for header in passed if header[0] != b"x-should-retry"), (b"x-should-retry", b"false")]
        # Compiled, loops cost less than lists of what is missing.
        for header in request_ids(request_id):
            if header[0] not in names:
                passed.append(header)
        if status == 200 and stream_asked:
            for header in _BESIDE_TYPE:
                if header[0] not in names:
                    passed.append(header)
        return passed

    def pass_on(self, chunk: bytes) -> bytes:
        """Count a piece; what the client gets of it."""
        chunk = self.mask.feed(chunk)
        if not self.streams or self._filter is not None:
            return self._passed(chunk)
        self.tally.stream_data(chunk)
        return chunk

    def rest(self) -> bytes:
        """Count what was held back for the key's sake; what the client gets at the end. It may be the last piece of a stream's closing event."""
        rest = self.mask.rest()
        return self._passed(rest) if rest else b""

    def filter_rest(self) -> bytes:
        """What the filter has held back of a stream."""
        return b"" if self._filter is None else self._filter.rest()

    @property
    def at_boundary(self) -> bool:
        """Whether Headgate may put an event of its own into the client's stream here."""
        translated = self.translated
        return self.tally.at_boundary if translated is None else translated.at_boundary

    @property
    def breaks_off(self) -> bool:
        """Whether a broken answer must end with its connection, because its client would not accept an event from Headgate here."""
        translated = self.translated
        return self.tally.breaks_off if translated is None else translated.breaks_off

    @property
    def failure(self) -> GatewayError | None:
        """What the provider reported in place of an answer, where the client cannot get that as it is."""
        translated = self.translated
        return None if translated is None else translated.failure

    @property
    def held(self) -> bool:
        """Whether the body is being gathered."""
        return self._held is not None

    @property
    def passes(self) -> bool:
        """Whether it goes to the client as it comes."""
        return self._held is None and self.status != 0

    @property
    def cut(self) -> bool:
        """Whether it is a stream that lacks its closing event and reports no failure."""
        return self.streams and not self.tally.complete and self.tally.meter.failure is None

    def hold(self, chunk: bytes) -> bool:
        """Gather a piece of the body. False if there is too much of it now."""
        if self._held is not None:
            self._held.append(chunk)
        self._held_bytes += len(chunk)
        return self._held_bytes <= self.tally.limits.whole_answer_bytes

    def release(self) -> list[bytes]:
        """Gather no more; the pieces that were gathered are passed on from here."""
        held, self._held = self._held or [], None
        return held

    def whole(self) -> bytes:
        """Count the whole body that was gathered; what the client gets of it."""
        held = self._held or ()
        body = self.mask.whole(held[0] if len(held) == 1 else b"".join(held))
        self.tally.whole(body)
        translated = self.translated
        return body if translated is None else translated.whole(self.status, self.names, body)

    def ended(self) -> None:
        """The answer has ended, however it did: count a body that broke off."""
        if self._held and not self.tally.bytes:
            self.tally.part(self.mask.whole(b"".join(self._held)))

    @property
    def failed(self) -> bool:
        """Whether it says that nothing came of what was asked."""
        return self.status >= 400 or self.tally.meter.failure is not None

    def message(self) -> str:
        """What it says of its failure, for a client that cannot get it as it is."""
        failure = self.tally.meter.failure
        return self.mask.text(failure.message) if failure is not None and failure.message else f"The provider answered {self.status}."

    def _passed(self, chunk: bytes) -> bytes:
        if not self.streams:
            self.tally.pass_on(chunk)
            return chunk
        translated = self.translated
        if translated is None:
            self.tally.stream_data(chunk)
            return chunk if self._filter is None else self._filter.feed(chunk)
        written = translated.feed(chunk)
        counted = translated.counted
        if counted is None:
            self.tally.stream_data(chunk)
        else:  # most chunks: what translates has read them
            self.tally.read_elsewhere(chunk, counted)
        return written
