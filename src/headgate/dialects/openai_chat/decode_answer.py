"""Decodes an answer of Chat Completions, streamed or whole, for a client of another dialect. Of several choices it reads the first alone.

An answer ends with `[DONE]`, or with the stream if a finish reason was seen before. Thoughts are in `reasoning_content` (DeepSeek, vLLM), `reasoning` (vLLM,
Groq, OpenRouter, Ollama) or `reasoning_details` (OpenRouter); where several have the same, the first counts. Mistral writes content as a list of parts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from headgate.core.event import Event, Failed, Finished, Started
from headgate.dialects.lenient import decoded, items, mapping, text
from headgate.dialects.openai_chat.answer_parts import AnswerParts
from headgate.dialects.openai_chat.answer_shape import WANTED, ChatBody, SpokenChoice, counted_in, failed_in, read_body, started_in
from headgate.dialects.openai_chat.decode_messages import thought_of
from headgate.dialects.openai_chat.stream import DONE
from headgate.dialects.sse import SseSplitter
from headgate.dialects.wanted import EVERYTHING, Wanted

_ANY: Final = msgspec.json.Decoder()
_CHOICES: Final = msgspec.json.Decoder(list[SpokenChoice | str | int | float | bool | list[Any] | None])
_WANTED: Final = Wanted(**{**WANTED.parts, "choices": EVERYTHING, "created": EVERYTHING})
_FRAME_BYTES_MAX: Final = 16 << 20  # a call may have a whole file in its arguments, and come in one chunk
# OpenAI's words, and those of servers that pass on another API's.
_CAUSES: Final[Mapping[str, str]] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "MAX_TOKENS": "length",
    "content_filter": "filter",
    "safety": "filter",
    "SAFETY": "filter",
}
# OpenRouter and Databricks; vLLM, when it drops a request; DeepSeek, https://api-docs.deepseek.com/api/create-chat-completion.
_FAILURES: Final = frozenset({"error", "abort", "insufficient_system_resource"})
_CUT: Final = Failed("incomplete", "The provider ended its answer before it was complete.")
_UNREADABLE: Final = Failed("invalid_answer", "The provider's answer is not JSON of Chat Completions.")


class ChatAnswerDecoder:
    """Decodes one answer."""

    def __init__(self) -> None:
        self._frames = SseSplitter(wanted=_WANTED, frame_bytes_max=_FRAME_BYTES_MAX)
        self._parts = AnswerParts()
        self._started = False
        self._ended = False
        self._reason = ""
        self._tier: object = None
        self._unreadable: Failed | None = _UNREADABLE  # what a frame means that is not JSON
        self._seed = ""  # what ids of calls are made from, where they have none
        self.counted: Sequence[Event] | None = None

    def feed(self, chunk: bytes) -> Sequence[Event]:
        """The events completed by this chunk."""
        self.counted = None
        frames = self._frames.feed(chunk)
        if not frames or self._ended:
            return ()
        events: list[Event] = []
        for _, data in frames:
            if self._ended:
                break
            if data.startswith(DONE):
                self.finish(events)
            else:
                self._take_frame(data, events)
        return events

    def end(self) -> Sequence[Event]:
        """The end of the answer where it is not yet seen: it is complete if it had a finish reason, also where it is cut within what comes after that."""
        self._unreadable = None if self._reason else _CUT
        events = [*self.feed(b"\n\n")]
        if not self._ended and self._reason:
            self.finish(events)
        elif not self._ended:
            self._fail(_CUT, events)
        return events

    def take(self, body: ChatBody, events: list[Event]) -> None:
        """One chunk, or a whole answer."""
        self._start(body, events)
        news = bool(events) or not self._seed  # the reader of the native way has begun with the chunk that names the answer
        if body.service_tier is not None:
            news = news or body.service_tier != self._tier
            self._tier = body.service_tier
        choices = [choice for choice in decoded(_CHOICES, body.choices) or () if isinstance(choice, SpokenChoice)]
        counted = counted_in(body, choices, self._tier)
        if counted:
            self._begin(events)
        events += counted
        for choice in choices:
            news = news or bool(choice.finish_reason)
        for choice in choices:
            if choice.index is None or choice.index == 0:
                self._say(choice, events)
                break
        failures = failed_in(body)
        self.counted = () if self._frames.alone and not (news or counted or failures) else None
        if failures:
            self._fail(failures[0], events)
        elif self._reason in _FAILURES:
            self._fail(Failed(self._reason, f"The provider ended its answer with the finish reason {self._reason}."), events)

    def finish(self, events: list[Event]) -> None:
        """The end of a complete answer."""
        self._begin(events)
        self._parts.close(self._seed, events)
        cause = _CAUSES.get(self._reason) or ("tool_use" if self._parts.called else "stop")
        if cause == "stop" and self._parts.refused:  # OpenAI ends a refusal with `stop`; every other dialect says that it is one
            cause = "filter"
        events.append(Finished(self._reason, cause))
        self._ended = True

    def _take_frame(self, data: bytes, events: list[Event]) -> None:
        body = read_body(data, _WANTED)
        if body is not None:
            self.take(body, events)
        elif self._unreadable is not None and decoded(_ANY, data) is None and data.strip() not in {b"", b"null"}:
            self._fail(self._unreadable, events)

    def _start(self, body: ChatBody, events: list[Event]) -> None:
        begun = () if self._started else started_in(body)
        if begun:
            self._started = True
            self._seed = f"{text(body.id)}/{text(body.model)}"
            events += begun

    def _begin(self, events: list[Event]) -> None:
        """The beginning of an answer that has not named itself."""
        if not self._started:
            self._started = True
            events.append(Started("", ""))

    def _say(self, choice: SpokenChoice, events: list[Event]) -> None:
        said = mapping(choice.delta) or ({} if self._parts.any else mapping(choice.message))
        if said:
            self._begin(events)
        self._reason = text(choice.finish_reason) or self._reason
        parts = self._parts
        if len(said) == 1 and isinstance(said.get("content"), str):  # most chunks
            parts.grow("text", text(said["content"]), events)
            return
        parts.grow("thinking", _thought(said), events)
        for kind, text_of_part in _content(said.get("content")):
            parts.grow(kind, text_of_part, events)
        parts.grow("refusal", text(said.get("refusal")), events)
        for annotation in items(said.get("annotations")):
            parts.cite(annotation, events)
        for call in items(said.get("tool_calls")):
            parts.call(call, self._seed, events)
        if legacy := mapping(said.get("function_call")):
            parts.call({"index": 0, "function": legacy}, self._seed, events)

    def _fail(self, failed: Failed, events: list[Event]) -> None:
        self._parts.close(self._seed, events)
        events.append(failed)
        self._ended = True


def decode_answer(body: bytes) -> Sequence[Event]:
    """All events of a whole answer; `Failed` where the body is an error or none. Never raises."""
    answer = read_body(body, _WANTED)
    if answer is None:
        return [_UNREADABLE]
    failed = failed_in(answer)
    if failed:
        return failed
    if not items(decoded(_ANY, answer.choices)):
        return [_refusal(body)]
    events: list[Event] = []
    decoder = ChatAnswerDecoder()
    decoder.take(answer, events)
    if not (events and isinstance(events[-1], Failed)):
        decoder.finish(events)
    return events


def _refusal(body: bytes) -> Failed:
    """The failure in a body without choices: servers write `message` with a `type` (vLLM), or `detail` (FastAPI), where OpenAI has an `error`."""
    fields = mapping(decoded(_ANY, body))
    message = text(fields.get("message")) or text(fields.get("detail"))
    return Failed(text(fields.get("type")), message) if message else _UNREADABLE


def _thought(said: Mapping[str, object]) -> str:
    plain = text(said.get("reasoning_content")) or text(said.get("reasoning"))
    return plain or "".join(map(thought_of, items(said.get("reasoning_details"))))


def _content(content: object) -> Iterator[tuple[str, str]]:
    """The texts of a content, by their kind."""
    if isinstance(content, str):
        yield "text", content
    for part in map(mapping, items(content)):
        if part.get("type") == "thinking":
            thought = part.get("thinking")
            yield "thinking", text(thought) or "".join(text(mapping(piece).get("text")) for piece in items(thought))
        else:
            yield "text", text(part.get("text"))
