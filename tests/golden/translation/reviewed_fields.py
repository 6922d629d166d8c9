"""Fields that are neither in a translated request nor in a loss, each with the reason why nothing is missing without it."""

from collections.abc import Mapping
from typing import Final

_DEFAULT: Final = "It is what is so without it."
_ID: Final = "Ids of calls are made anew where a dialect does not take them, and pair calls with results in any case."
_ITEM_ID: Final = "The id of an item at its own provider: nothing refers to it."
_STATUS: Final = "Says how an item came to be, not what is in it."
_MARK: Final = "The other providers cache without marks; how long is reported."
_HASHED: Final = "Who asks is sent as a hash."
_LABEL: Final = "A label for the provider's own lists: nothing of the answer depends on it."
_CALLER: Final = "The model itself calls tools everywhere."
_STREAM: Final = "How the client's own stream is written, which Headgate does itself."
_SHOWN: Final = "Whether thoughts are shown: Headgate leaves them out for a client that does not want them, and shows those that come."
_SCHEMA_ORDER: Final = "The properties are written in an order already."

REVIEWED: Final[Mapping[str, Mapping[str, str]]] = {
    "anthropic": {
        "model*": "The target's own name is sent.",
        "*cache_control<ephemeral>": _MARK,
        "*cache_control<ephemeral>.ttl=5m": _MARK,
        "*.tool_use_id": _ID,
        "*<tool_use>.caller<direct>": _CALLER,
        "tools[[]].allowed_callers[[]]=direct": _CALLER,
        "tools[[]].eager_input_streaming=*": "How the arguments stream: the other providers stream them as they come.",
        "metadata.user_id": _HASHED,
        "service_tier=auto": _DEFAULT,
        "service_tier=standard_only": _DEFAULT,
        "speed=standard": _DEFAULT,
        "stream=False": _DEFAULT,
        "*.media_type=application/pdf": "The type is in the request, whether or not the client says it.",
        "*.media_type=text/plain": "A text is sent as text.",
        "thinking<*>.display=*": _SHOWN,
        "thinking<adaptive>": "A model of a server of Chat Completions thinks as much as it needs.",
        "thinking<between_tools>": "A model of a server of Chat Completions thinks as much as it needs.",
        "tool_choice<auto>": _DEFAULT,
        "tools[[]]<web_search_*>.name=web_search": "The other provider's search has its own name.",
        "tools[[]]<web_search_*>.defer_loading=*": "A search of the web is offered at once.",
        "tools[[]]<web_search_*>.strict=*": "The provider that searches writes the arguments of its own search.",
        "tools[[]]<web_search_*>.user_location<approximate>": "A place without a name.",
    },
    "openai_chat": {
        "model*": "The target's own name is sent.",
        "messages[[]]<tool>.tool_call_id": _ID,
        "messages[[]]*<image_url>.image_url.detail=auto": _DEFAULT,
        "metadata": _LABEL,
        "prompt_cache_key": "The other providers find their caches by the prompt alone; it is sent to OpenAI as a hash.",
        "*.prompt_cache_breakpoint.mode=explicit": _MARK,
        "*.prompt_cache_breakpoint.ttl=30m": _MARK,
        "response_format<text>": _DEFAULT,
        "response_format<json_schema>.json_schema.name": "A label: the schema itself is sent.",
        "response_format<json_schema>.json_schema.strict=*": "Anthropic and Gemini keep to the schema of an answer in any case.",
        "safety_identifier": _HASHED,
        "user": _HASHED,
        "service_tier=auto": _DEFAULT,
        "service_tier=default": _DEFAULT,
        "store=*": _LABEL,
        "stream=False": _DEFAULT,
        "stream_options.*": _STREAM,
        "tool_choice=auto": _DEFAULT,
        "function_call=auto": _DEFAULT,
        "tools[[]]<custom>.custom.format<text>": _DEFAULT,
        "top_logprobs": "It says nothing without `logprobs`, which is reported.",
    },
    "openai_responses": {
        "model*": "The target's own name is sent.",
        "*.call_id": _ID,
        "input[[]].id": _ITEM_ID,
        "*>.id": _ITEM_ID,
        "*.status=*": _STATUS,
        "*.caller<direct>": _CALLER,
        "*.allowed_callers[[]]=direct": _CALLER,
        "*<function_call_output>.namespace": "A result belongs to its call by the id.",
        "*<tool_search_output>.execution=client": _DEFAULT,
        "*.environment<local>": "The client's own machine, as for every tool of a client.",
        "input[[]]<message>.role=developer": "The system, in a newer word.",
        "*.format<text>": _DEFAULT,
        "*.prompt_cache_breakpoint.mode=explicit": _MARK,
        "*.prompt_cache_breakpoint.ttl=30m": _MARK,
        "include[[]]=reasoning.encrypted_content": "Headgate always gives it.",
        "metadata": _LABEL,
        "prompt_cache_key": "The other providers find their caches by the prompt alone; it is sent to OpenAI as a hash.",
        "reasoning.summary=auto": _SHOWN,
        "reasoning.generate_summary=auto": _SHOWN,
        "safety_identifier": _HASHED,
        "user": _HASHED,
        "service_tier=auto": _DEFAULT,
        "service_tier=default": _DEFAULT,
        "store=*": "Headgate keeps the response itself.",
        "stream=False": _DEFAULT,
        "stream_options.*": _STREAM,
        "text.format<json_schema>.name": "A label: the schema itself is sent.",
        "text.format<json_schema>.strict=*": "Anthropic and Gemini keep to the schema of an answer in any case.",
        "tool_choice=auto": _DEFAULT,
        "truncation=disabled": _DEFAULT,
        "*tools[[]]<web_search*>.type=*": "The other provider's search has its own name.",
        "*tools[[]]<web_search*>.user_location<approximate>": "A place without a name.",
    },
    "gemini": {
        "toolConfig.functionCallingConfig.mode=AUTO": _DEFAULT,
        "toolConfig.functionCallingConfig.mode=MODE_UNSPECIFIED": _DEFAULT,
        "generationConfig.logprobs": "It says nothing without `responseLogprobs`, which is reported.",
        "generationConfig.responseModalities[[]]=MODALITY_UNSPECIFIED": _DEFAULT,
        "generationConfig.responseModalities[[]]=TEXT": _DEFAULT,
        "*.mediaResolution.level=MEDIA_RESOLUTION_MEDIUM": _DEFAULT,
        "*.mediaResolution.level=MEDIA_RESOLUTION_UNSPECIFIED": _DEFAULT,
        "generationConfig.responseSchema.nullable=*": "A schema that says no type allows null already.",
        "generationConfig.responseSchema.propertyOrdering[[]]": _SCHEMA_ORDER,
        "generationConfig.responseSchema.type=TYPE_UNSPECIFIED": _DEFAULT,
        "store=*": _LABEL,
        "systemInstruction.role": "It is the system's whatever role it names.",
        "generationConfig.thinkingConfig.includeThoughts=*": _SHOWN,
        "generationConfig.thinkingConfig.thinkingLevel=THINKING_LEVEL_UNSPECIFIED": _DEFAULT,
    },
}
"""Patterns of paths by the client's dialect. Each is in use for some target."""
