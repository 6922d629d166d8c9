"""The two faces of Anthropic Messages. Each line names the function that does it."""

import re

from headgate.dialects.anthropic import errors, models, parameters, request, stream, text
from headgate.dialects.anthropic.assemble import assemble
from headgate.dialects.asked import Asked
from headgate.dialects.faces import ClientFace, ProviderFace, unfiltered

CLIENT: ClientFace = ClientFace(
    name="anthropic",
    speaks="anthropic",
    keep_alive=b'event: ping\ndata: {"type": "ping"}\n\n',  # resets Claude Code's watchdog of 300 s
    read=request.read,
    request_text_length=text.request_text_length,
    output_tokens_max=request.output_tokens_max,
    bounded=parameters.bounded,
    tools=parameters.tools,
    session_id=request.session_id,
    error=errors.answer,
    stream_error=errors.stream_error,
    models=models.listing,
    model=models.one,
)

PROVIDER: ProviderFace = ProviderFace(
    name="anthropic",
    key_header=(b"x-api-key", b""),
    headers=((b"anthropic-version", b"2023-06-01"),),
    path=request.path,
    body=Asked.with_model,
    reader=stream.StreamReader,
    first_token=re.compile(rb"content_block_start|message_delta|message_stop|event: error"),  # `message_start` and `ping` come before it
    answer_filter=unfiltered,
    read_answer=stream.read_answer,
    body_reader=stream.body_reader,
    answer_text_length=text.answer_text_length,
    stream_text_length=text.stream_text_length,
    assemble=assemble,
)
