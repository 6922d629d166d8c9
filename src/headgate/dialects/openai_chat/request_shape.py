"""The members of a Chat Completions request that are read for translation, with their types. Parts and tools stay text until their type is known.
A member that is not here is refused by these types; `unread` takes it out and notes it.

https://platform.openai.com/docs/api-reference/chat/create. Of other servers: `top_k` (vLLM), `reasoning` (OpenRouter), `thinking` (DeepSeek).
"""

from typing import Any

import msgspec


class ChatFunction(msgspec.Struct, forbid_unknown_fields=True):
    """A function that was called. Some clients write its arguments as an object."""

    name: str
    arguments: msgspec.Raw = msgspec.Raw(b'""')


class ChatCustom(msgspec.Struct, forbid_unknown_fields=True):
    """A custom tool that was called."""

    name: str
    input: str = ""


class ChatCall(msgspec.Struct, forbid_unknown_fields=True):
    """A call in a message of the assistant's."""

    id: str | None = None
    type: str | None = None
    function: ChatFunction | None = None
    custom: ChatCustom | None = None
    index: Any = None  # its place in the stream that it came in


class ChatMessage(msgspec.Struct, forbid_unknown_fields=True):
    """One message. Thoughts come back in the member that the client knows them by."""

    role: str
    content: str | list[msgspec.Raw] | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[ChatCall] | None = None
    tool_call_id: str | None = None
    function_call: ChatFunction | None = None
    audio: msgspec.Raw = msgspec.Raw()
    annotations: msgspec.Raw = msgspec.Raw()  # sources of what was said
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None


class ChatFunctionTool(msgspec.Struct, forbid_unknown_fields=True):
    """The definition of a function."""

    name: str
    description: str | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None


class ChatGrammar(msgspec.Struct, forbid_unknown_fields=True):
    """What a custom tool's text must match."""

    definition: str = ""
    syntax: str = ""


class ChatCustomFormat(msgspec.Struct, forbid_unknown_fields=True):
    """The form of a custom tool's text: any, or by a grammar."""

    type: str = "text"
    grammar: ChatGrammar | None = None


class ChatCustomTool(msgspec.Struct, forbid_unknown_fields=True):
    """The definition of a custom tool."""

    name: str
    description: str | None = None
    format: ChatCustomFormat | None = None


class ChatTool(msgspec.Struct, forbid_unknown_fields=True):
    """One tool."""

    type: str = "function"
    function: ChatFunctionTool | None = None
    custom: ChatCustomTool | None = None


class ChatToolName(msgspec.Struct, forbid_unknown_fields=True):
    """A tool by its name."""

    name: str


class ChatChosenTool(msgspec.Struct, forbid_unknown_fields=True):
    """One tool of a choice."""

    type: str = "function"
    function: ChatToolName | None = None
    custom: ChatToolName | None = None


class ChatAllowedTools(msgspec.Struct, forbid_unknown_fields=True):
    """The tools that may be called."""

    mode: str = "auto"
    tools: list[ChatChosenTool] = []


class ChatToolChoice(ChatChosenTool):
    """A tool that must be called, or those that may be."""

    allowed_tools: ChatAllowedTools | None = None


class ChatStreamOptions(msgspec.Struct, forbid_unknown_fields=True):
    """Of a stream."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None  # of the client's own stream


class ChatJsonSchema(msgspec.Struct, forbid_unknown_fields=True):
    """A schema of the answer."""

    name: str = ""
    description: str | None = None
    schema: msgspec.Raw = msgspec.Raw()
    strict: bool | None = None


class ChatResponseFormat(msgspec.Struct, forbid_unknown_fields=True):
    """The form of the answer."""

    type: str = "text"
    json_schema: ChatJsonSchema | None = None


class ChatReasoningOptions(msgspec.Struct, forbid_unknown_fields=True):
    """OpenRouter's settings of reasoning: https://openrouter.ai/docs/use-cases/reasoning-tokens."""

    effort: str | None = None
    max_tokens: int | None = None
    exclude: bool | None = None
    enabled: bool | None = None
    summary: Any = None  # as in Responses: Cursor sends it here too


class ChatThinkingOptions(msgspec.Struct, forbid_unknown_fields=True):
    """Settings of thinking as DeepSeek and Z.ai take them, in Anthropic's words."""

    type: str = ""
    budget_tokens: int | None = None


class ChatRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A request. Members that are not here go `beyond`."""

    messages: list[ChatMessage] = []
    tools: list[msgspec.Raw] | None = None
    functions: list[ChatFunctionTool] | None = None
    tool_choice: str | ChatToolChoice | None = None
    function_call: str | ChatToolName | None = None
    web_search_options: msgspec.Raw = msgspec.Raw()
    parallel_tool_calls: bool | None = None
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    reasoning_effort: str | None = None
    reasoning: ChatReasoningOptions | None = None
    thinking: ChatThinkingOptions | None = None
    response_format: ChatResponseFormat | None = None
    verbosity: str | None = None
    prompt_cache_key: str | None = None
    safety_identifier: str | None = None
    user: str | None = None
    service_tier: str | None = None
    n: int | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    stream_options: ChatStreamOptions | None = None
    store: bool | None = None


def present(raw: msgspec.Raw) -> msgspec.Raw | None:
    """A member as it is written; `None` where it is missing or null."""
    return None if bytes(raw) in {b"", b"null"} else raw


READ = frozenset({*ChatRequest.__struct_fields__, "model", "stream"})
"""The members that a decoder gives a place."""
