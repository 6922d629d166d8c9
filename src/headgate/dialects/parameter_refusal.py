"""What a provider's 400 refuses of a request: a field that it does not know or does not take, or a value of the header `anthropic-beta`. Never raises.

The words are those of OpenAI (https://platform.openai.com/docs/guides/error-codes: `unknown_parameter`, `unsupported_parameter`, `unsupported_value`),
Anthropic ("Extra inputs are not permitted", "Unexpected value(s) … for the `anthropic-beta` header"), Google ("Unknown name … Cannot find field"), Bedrock
("extraneous key"), and of servers whose checks are pydantic's (vLLM, Mistral).
"""

import re
from collections.abc import Sequence

import msgspec

from headgate.dialects.lenient import decoded, items, mapping, text

# Without these a request asks for something else. All others can be left out: the answer is then as the provider's defaults make it.
_ESSENTIAL = frozenset({
    "model", "messages", "input", "contents", "prompt", "system", "instructions", "systemInstruction", "system_instruction", "tools", "tool_choice", "toolConfig",
    "stream", "max_tokens", "response_format", "text", "output_format", "previous_response_id", "conversation", "generationConfig",
})  # fmt: skip
_CODES = frozenset({"unknown_parameter", "unsupported_parameter", "unsupported_value"})
_BETA = re.compile(r"value\(s\) (`[^`]+`(?:, ?`[^`]+`)*) for the `anthropic-beta` header")
_QUOTED = re.compile(r"`([^`]+)`")
_FIELD = (
    re.compile(r"(?:Unknown|Unsupported|Unrecognized) (?:parameter|value)s?: '([\w.]+)'"),
    re.compile(r"Unrecognized request arguments? supplied: ([\w.]+)"),
    re.compile(r"(?:^|: |\n)([\w.]+): Extra inputs are not permitted"),
    re.compile(r"`(\w+)` (?:is|are) (?:not supported|not permitted|deprecated)"),
    re.compile(r'Unknown name "(\w+)"(?:: Cannot find field| at \'\')'),
    re.compile(r"extraneous key \[(\w+)\]"),
    re.compile(r"property '(\w+)' is unsupported"),
)
_ANY = msgspec.json.Decoder()
_MESSAGE_MAX = 4000


class RefusedParameters(msgspec.Struct, frozen=True):
    """Top-level fields of a body, and values of the header `anthropic-beta`, that a provider does not take."""

    fields: frozenset[str] = frozenset()
    betas: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.fields or self.betas)

    def __or__(self, other: "RefusedParameters") -> "RefusedParameters":
        return RefusedParameters(self.fields | other.fields, self.betas | other.betas)


def parameter_refusal(status: int, answer: bytes, sent: bytes) -> RefusedParameters:
    """What an error answer to the body `sent` refuses, of what may be left out and was sent."""
    if status not in {400, 422}:
        return RefusedParameters()
    body = mapping(decoded(_ANY, answer))
    error = mapping(body.get("error"))
    message = (text(error.get("message")) or text(body.get("message")) or text(body.get("error")) or text(body.get("detail")))[:_MESSAGE_MAX]
    named = [*_named(message), *_of_details(items(body.get("detail")))]
    if text(error.get("code")) in _CODES:
        named.append(text(error.get("param")))
    fields = {name.partition(".")[0] for name in named} - _ESSENTIAL
    betas = {beta for listed in _BETA.findall(message) for beta in _QUOTED.findall(listed)}
    return RefusedParameters(frozenset(name for name in fields if name and b'"%s"' % name.encode() in sent), frozenset(betas))


def without_fields(body: bytes, fields: frozenset[str]) -> bytes:
    """A body without these top-level fields; the values of all others are as they were."""
    members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({name: value for name, value in members.items() if name not in fields})


def _named(message: str) -> list[str]:
    return [name for pattern in _FIELD for name in pattern.findall(message)]


def _of_details(details: Sequence[object]) -> list[str]:
    """The fields that pydantic's checks refuse: `{"type": "extra_forbidden", "loc": ["body", "name"]}`."""
    found = []
    for detail in details:
        fields = mapping(detail)
        path = [text(part) for part in items(fields.get("loc"))]
        if fields.get("type") == "extra_forbidden" and path[:1] == ["body"]:
            found += path[1:2]
    return found
