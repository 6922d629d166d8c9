"""Request bodies by the types of the providers' official SDKs: what these do not define is an error here, as it would be one at the provider."""

from functools import cache

from anthropic.types.message_count_tokens_params import MessageCountTokensParams
from anthropic.types.message_create_params import MessageCreateParams
from google.genai import types as genai
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.responses.input_token_count_params import InputTokenCountParams
from openai.types.responses.response_create_params import ResponseCreateParams
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.alias_generators import to_camel


class GeminiBody(BaseModel):
    """The body of `generateContent` and `countTokens`, which the SDK assembles itself from these types."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    contents: list[genai.Content]
    system_instruction: genai.Content | None = None
    tools: list[genai.Tool] | None = None
    tool_config: genai.ToolConfig | None = None
    generation_config: genai.GenerationConfig | None = None
    safety_settings: list[genai.SafetySetting] | None = None
    cached_content: str | None = None
    service_tier: str | None = None
    store: bool | None = None


class GeminiCount(BaseModel):
    """The body of `countTokens` in its full form."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    generate_content_request: dict[str, object] | None = None
    contents: list[genai.Content] | None = None


TYPES: dict[str, object] = {
    "messages": MessageCreateParams,
    "count_tokens": MessageCountTokensParams,
    "chat": CompletionCreateParams,
    "responses": ResponseCreateParams,
    "input_tokens": InputTokenCountParams,
    "generateContent": GeminiBody,
    "streamGenerateContent": GeminiBody,
    "countTokens": GeminiCount,
}
# Fields that an API takes and its SDK has no longer, or never had: of models before the newest, of servers that speak the dialect, of APIs under a beta header.
BEYOND: dict[str, frozenset[str]] = {"messages": frozenset({"temperature", "top_p", "top_k"})}


@cache
def _adapter(operation: str) -> TypeAdapter[list[object]]:
    return TypeAdapter(list[TYPES[operation]], config=ConfigDict(extra="forbid"))  # the list, because a type's own settings come first


def check(operation: str, body: dict[str, object]) -> None:
    """Raises ValidationError where the body is not what the SDK of the operation's dialect would send."""
    beyond = BEYOND.get(operation, frozenset())
    _read(_adapter(operation).validate_python([{name: value for name, value in body.items() if name not in beyond}]))


def _read(value: object) -> None:
    """Read all of a value: pydantic checks an `Iterable` only where it is read."""
    if isinstance(value, dict):
        for each in value.values():
            _read(each)
    elif not isinstance(value, str | bytes | BaseModel) and hasattr(value, "__iter__"):
        for each in value:
            _read(each)
