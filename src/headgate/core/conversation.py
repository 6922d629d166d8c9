"""A request in the words of no dialect: what every dialect can say, so that one can be said in another. Pure data, frozen.

A decoder of a dialect makes it, `translation` prepares it for a target, an encoder of the target's dialect writes it. It is a superset: a value that a
dialect cannot say is not lost here but where it is encoded, and that is reported as a `Loss`. JSON of others (schemas, arguments) stays text, with its
order of keys and its numbers as they were written.
"""

from typing import Final

import msgspec

from headgate.core.opaque_state import OpaqueState

SYSTEM: Final = "system"
USER: Final = "user"
ASSISTANT: Final = "assistant"

FUNCTION: Final = "function"  # called with JSON
CUSTOM: Final = "custom"  # called with free text, perhaps bound by a grammar
SERVER: Final = "server"  # run by the provider: web search, code execution, …
TOOL_SEARCH: Final = "tool_search"  # Codex looks for tools that it has not listed
LOCAL_SHELL: Final = "local_shell"  # OpenAI's own tool types that the client runs
SHELL: Final = "shell"
APPLY_PATCH: Final = "apply_patch"

WEB_SEARCH: Final = "web_search"  # the one server's tool that several providers have


class Text(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Text that was written or generated. `cached`: the client marks the end of a prefix to cache here. `state` is what a provider hung on it.

    `apart`: it begins another message than the text before it, of the same turn.
    """

    text: str
    cached: bool = False
    state: OpaqueState | None = None
    apart: bool = False


class Media(msgspec.Struct, frozen=True, tag=True, gc=False):
    """An image, a document, a sound or a video, by exactly one of: its bytes in base64, a URL, the id of a file at the provider, its text."""

    kind: str  # "image" | "document" | "audio" | "video"
    mime: str = ""
    base64: str = ""
    url: str = ""
    file_id: str = ""
    text: str = ""  # of a document that is plain text
    name: str = ""
    detail: str = ""  # "low" | "high" | "auto" | "", how closely an image is looked at
    cached: bool = False


class ToolCall(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A call of a tool that the model made. `arguments` is JSON text, as the model wrote it, or the free text of a custom tool.

    Of OpenAI's own tools it is the JSON object in `action` (shells), `operation` (apply_patch) or `arguments` (tool_search).
    """

    call_id: str
    name: str
    arguments: str
    kind: str = FUNCTION
    namespace: str = ""
    item_id: str = ""  # the id of the item beside that of the call (Responses)
    state: OpaqueState | None = None
    cached: bool = False


class ToolResult(msgspec.Struct, frozen=True, tag=True, gc=False):
    """What a tool answered. `kind` is that of its call where the dialect says it. `name` may be empty where it is known by the id alone."""

    call_id: str
    parts: tuple[Text | Media, ...]
    name: str = ""
    failed: bool = False
    kind: str = FUNCTION
    tools: tuple["Tool", ...] = ()  # that a tool search found: they count from here on
    cached: bool = False


class Thinking(msgspec.Struct, frozen=True, tag=True, gc=False):
    """What a model thought. `text` is a summary where `summary`; `state` is the provider's proof of it; `redacted`: there is a state alone."""

    text: str = ""
    summary: bool = False
    state: OpaqueState | None = None
    redacted: bool = False


class RefusalText(msgspec.Struct, frozen=True, tag=True, gc=False):
    """What a model said in place of an answer."""

    text: str


class Foreign(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A part that only its own dialect has: passed on to that dialect as it is, elsewhere a loss."""

    dialect: str
    kind: str  # for the report of the loss
    raw: msgspec.Raw


Part = Text | Media | ToolCall | ToolResult | Thinking | RefusalText | Foreign


class Turn(msgspec.Struct, frozen=True, gc=False):
    """One message. `role` is `system`, `user` or `assistant`; results of tools are in `user` turns. A system turn may be anywhere."""

    role: str
    parts: tuple[Part, ...]


class Location(msgspec.Struct, frozen=True, gc=False):
    """About where a user is."""

    city: str = ""
    region: str = ""
    country: str = ""
    timezone: str = ""


class WebSearch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The settings of a search of the web. `others` are the names of those that only the client's own provider knows."""

    allowed_domains: tuple[str, ...] = ()
    blocked_domains: tuple[str, ...] = ()
    location: Location = Location()
    context: str = ""  # how much of what is found the model is to read: "low" | "medium" | "high"
    uses_max: int = 0  # 0: no bound
    others: tuple[str, ...] = ()


class Tool(msgspec.Struct, frozen=True, gc=False):
    """A tool that the model may call. `schema` is a JSON Schema, `None` where there is none. `raw` is the definition of a server's tool, with its `dialect`."""

    name: str
    kind: str = FUNCTION
    description: str = ""
    schema: msgspec.Raw | None = None
    namespace: str = ""
    namespace_description: str = ""
    strict: bool | None = None
    grammar: str = ""  # of a custom tool: its definition
    grammar_syntax: str = ""  # "lark" | "regex"
    server_type: str = ""  # "web_search" | "web_fetch" | "code_execution" | the provider's own word
    dialect: str = ""
    raw: msgspec.Raw | None = None
    cached: bool = False
    search: WebSearch | None = None  # of a server's tool that searches the web


class ToolChoice(msgspec.Struct, frozen=True, gc=False):
    """`auto`, `none`, `required` (some tool), `named` (this one) or `allowed` (these alone, and required where `must_call`)."""

    mode: str = "auto"
    names: tuple[str, ...] = ()
    must_call: bool = False


class Sampling(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How the next token is chosen; `None` is the provider's default."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None


class Reasoning(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much a model is to think before it answers. `mode`: `` (not said), `off`, `adaptive` (as much as it needs), `on` (by `effort` or `budget_tokens`).

    `effort` is one of `minimal`, `low`, `medium`, `high`, `xhigh`, `max`, or empty. `shown`: whether the thoughts, or a summary of them, are wanted.
    """

    mode: str = ""
    effort: str = ""
    budget_tokens: int | None = None
    shown: bool | None = None


class OutputFormat(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The form of the answer: `text`, `json_object` (some JSON) or `json_schema`."""

    kind: str = "text"
    name: str = ""
    description: str = ""
    schema: msgspec.Raw | None = None
    strict: bool | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One request. `model` is the name that the provider knows, once the target is chosen."""

    model: str = ""
    turns: tuple[Turn, ...] = ()
    tools: tuple[Tool, ...] = ()
    choice: ToolChoice = ToolChoice()
    parallel_calls: bool | None = None
    output_tokens_max: int = 0  # 0: not said
    sampling: Sampling = Sampling()
    stop: tuple[str, ...] = ()
    reasoning: Reasoning = Reasoning()
    format: OutputFormat = OutputFormat()
    verbosity: str = ""
    cache_key: str = ""  # of the provider's prompt cache, by the client or by the session
    cached: bool = False  # the client asks for caching of the whole prompt
    user: str = ""  # who asks, as the client writes it: hashed before it is sent on
    tier: str = ""
    stream: bool = False
    usage_in_stream: bool = True  # whether the client asked for counts at the end of a stream (Chat Completions)
    answers: int = 1
    log_probabilities: int | None = None  # how many for each token
    previous_response_id: str = ""
    stored: bool = False  # the client may ask for the answer again, or go on from it
    counting: bool = False  # only the tokens of the request are asked for
    beyond: dict[str, msgspec.Raw] = {}  # what only the client's dialect has, by name; within parts and tools with its kind: `text.citations`
