"""The two faces of Chat Completions. Each line names the function that does it.

Its own clients are OpenCode, Qwen Code, Copilot CLI and OpenAI's SDKs. A comment keeps these waiting in silence, and an in-band `data: {"error": …}` without
`[DONE]` is the only ending that none of them takes for a whole answer. They name their session in headers, if at all.
"""

import re

from headgate.dialects import openai_errors, openai_models
from headgate.dialects.faces import ClientFace, ProviderFace
from headgate.dialects.openai_chat import parameters, request, stream, text
from headgate.dialects.openai_chat.assemble import assemble

CLIENT: ClientFace = ClientFace(
    name="openai_chat",
    speaks="openai_chat",
    keep_alive=b": keep-alive\n\n",
    read=request.read,
    request_text_length=text.request_text_length,
    output_tokens_max=request.output_tokens_max,
    bounded=parameters.bounded,
    tools=parameters.tools,
    session_id=request.session_id,
    error=openai_errors.answer,
    stream_error=stream.stream_error,
    models=openai_models.listing,
    model=openai_models.one,
)

PROVIDER: ProviderFace = ProviderFace(
    name="openai_chat",
    key_header=(b"authorization", b"Bearer "),
    path=request.path,
    body=request.body,
    reader=stream.StreamReader,
    # The first chunk often has only the role, with empty content.
    first_token=re.compile(
        rb'"(?:content|reasoning|reasoning_content|refusal|arguments|finish_reason)"\s*:\s*"[^"]|"(?:tool_calls|function_call|error)"\s*:\s*[\[{]|\[DONE\]'
    ),
    answer_filter=stream.answer_filter,
    read_answer=stream.read_answer,
    body_reader=stream.body_reader,
    answer_text_length=text.answer_text_length,
    stream_text_length=text.stream_text_length,
    assemble=assemble,
)
