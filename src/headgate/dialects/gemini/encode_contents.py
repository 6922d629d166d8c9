"""The turns of a prepared conversation as the system instruction and the contents of a request to Gemini.

Results of functions come first in their content. A signature is on the part that it came with: Gemini 3 refuses a call without one where it is the
first of its step, so such a call gets the text that the documentation gives for it (https://ai.google.dev/gemini-api/docs/thought-signatures). All turns
get it, not the current one alone, so that a longer history begins with the same bytes.
"""

from typing import Final

import msgspec

from headgate.core.conversation import ASSISTANT, SYSTEM, Foreign, Media, Part, RefusalText, Text, Thinking, ToolCall, ToolResult, Turn
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.core.opaque_state import OpaqueState
from headgate.dialects.gemini.encode_media import media_part, media_parts
from headgate.dialects.gemini.seals import FAMILY, SKIPPED
from headgate.dialects.lenient import decoded

_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RAW: Final = "__raw__"  # arguments that are no JSON object, in history alone
_UNNAMED: Final = "unknown"


class ContentsEncoder:
    """Encodes the turns of one request in order."""

    def __init__(self, profile: ModelProfile) -> None:
        self._profile = profile
        self._names: dict[str, str] = {}  # of calls, by id
        self.losses: list[Loss] = []

    def system(self, turns: tuple[Turn, ...]) -> dict[str, object] | None:
        """The system instruction: the turns of the system before all others, each text a part."""
        parts = [part for turn in turns[: _system_turns(turns)] for part in turn.parts]
        texts = [part.text for part in parts if isinstance(part, Text) and part.text]
        if not all(isinstance(part, Text) for part in parts):
            self.losses.append(Loss("system", "Gemini takes instructions as text alone."))
        return {"parts": [{"text": text} for text in texts]} if texts else None

    def contents(self, turns: tuple[Turn, ...]) -> list[dict[str, object]]:
        """The contents; a turn of the system among them is the user's. Raises Untranslatable for media that Gemini cannot be sent."""
        encoded: list[dict[str, object]] = []
        for turn in turns[_system_turns(turns) :]:
            role, parts = ("model", self._answer(turn)) if turn.role == ASSISTANT else ("user", self._question(turn))
            if parts:
                encoded.append({"role": role, "parts": parts})
        return encoded

    def _answer(self, turn: Turn) -> list[dict[str, object]]:
        parts: list[dict[str, object]] = []
        calls = 0
        for part in turn.parts:
            if isinstance(part, ToolCall):
                self._names[part.call_id] = part.name
                parts.append(self._call(part, calls))
                calls += 1
            else:
                parts += self._part(part)
        return parts

    def _call(self, call: ToolCall, ordinal: int) -> dict[str, object]:
        identity = {"id": call.call_id} if call.call_id else {}
        part = _signed({"functionCall": {**identity, "name": call.name, "args": _arguments(call.arguments)}}, call.state)
        if ordinal == 0 and "thoughtSignature" not in part and self._profile.signature_required:
            part["thoughtSignature"] = SKIPPED
        return part

    def _question(self, turn: Turn) -> list[dict[str, object]]:
        responses: list[dict[str, object]] = []
        media: list[dict[str, object]] = []
        others: list[dict[str, object]] = []
        for part in turn.parts:
            if isinstance(part, ToolResult):
                responses.append(self._result(part, media))
            else:
                others += self._part(part)
        return [*responses, *media, *others]

    def _result(self, result: ToolResult, beside: list[dict[str, object]]) -> dict[str, object]:
        """A function's response. Its media are in it where the model takes them there, else beside it."""
        text = "\n".join(part.text for part in result.parts if isinstance(part, Text))
        media = [media_part(part) for part in result.parts if isinstance(part, Media)]
        response: dict[str, object] = {"id": result.call_id} if result.call_id else {}
        response["name"] = result.name or self._names.get(result.call_id) or _UNNAMED
        response["response"] = {"error" if result.failed else "output": text}
        if media and self._profile.result_media:
            response["parts"] = media
            if any(isinstance(part, Media) and part.name for part in result.parts):
                self.losses.append(Loss("document.title", "Gemini takes no names of files in the response of a function."))
        else:
            beside += media
        return {"functionResponse": response}

    def _part(self, part: Part) -> list[dict[str, object]]:
        match part:
            case Text(text=text, state=state):
                signed = _signed({"text": text}, state)
                return [signed] if text or "thoughtSignature" in signed else []
            case RefusalText(text=text):
                return [{"text": text}] if text else []
            case Media():
                return media_parts(part, self.losses)
            case Thinking():
                return self._thought(part)
            case Foreign(dialect=dialect, raw=raw) if dialect == FAMILY:
                known = decoded(_OBJECT, raw)
                return [dict(known)] if known else []
            case Foreign(kind=kind):
                self.losses.append(Loss(kind, "Gemini has nothing like it."))
            case ToolCall():
                return [self._call(part, 1)]
            case ToolResult():
                return [self._result(part, [])]
        return []

    def _thought(self, thinking: Thinking) -> list[dict[str, object]]:
        if thinking.state is None or thinking.state.family != FAMILY:
            self.losses.append(Loss("thinking", "Gemini takes back only thoughts that it has signed."))
            return []
        return [_signed({"text": thinking.text, "thought": True} if thinking.text else {"text": ""}, thinking.state)]


def _system_turns(turns: tuple[Turn, ...]) -> int:
    """How many turns of the system come before all others."""
    return next((place for place, turn in enumerate(turns) if turn.role != SYSTEM), len(turns))


def _signed(part: dict[str, object], state: OpaqueState | None) -> dict[str, object]:
    return {**part, "thoughtSignature": state.data} if state is not None and state.family == FAMILY and state.data else part


def _arguments(text: str) -> object:
    """A call's arguments as the model wrote them; what is no JSON object is kept as a text in one."""
    data = text.strip().encode(errors="replace") or b"{}"
    return msgspec.Raw(msgspec.json.format(data, indent=-1)) if decoded(_OBJECT, data) is not None else {_RAW: text}
