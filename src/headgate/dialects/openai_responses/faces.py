"""The two faces of Responses. Each line names the function that does it."""

import re

from headgate.dialects import openai_errors, openai_models
from headgate.dialects.asked import Asked
from headgate.dialects.faces import ClientFace, ProviderFace, unfiltered
from headgate.dialects.openai_responses import parameters, request, stream, text
from headgate.dialects.openai_responses.assemble import assemble

CLIENT: ClientFace = ClientFace(
    name="openai_responses",
    speaks="openai_responses",
    keep_alive=stream.KEEP_ALIVE,
    read=request.read,
    request_text_length=text.request_text_length,
    output_tokens_max=request.output_tokens_max,
    bounded=parameters.bounded,
    tools=parameters.tools,
    session_id=request.session_id,
    error=openai_errors.answer_in_responses,
    stream_error=stream.stream_error,
    models=openai_models.listing,
    model=openai_models.one,
)

PROVIDER: ProviderFace = ProviderFace(
    name="openai_responses",
    key_header=(b"authorization", b"Bearer "),
    path=request.path,
    body=Asked.with_model,
    reader=stream.StreamReader,
    # `response.created`, `response.queued` and `response.in_progress` come before it; a model that thinks begins with an item and has no text for long.
    first_token=re.compile(rb'response\.(?:output_item\.added|completed|failed|incomplete)|\.delta"|"type"\s*:\s*"error"'),
    answer_filter=unfiltered,
    read_answer=stream.read_answer,
    body_reader=stream.body_reader,
    answer_text_length=text.answer_text_length,
    stream_text_length=text.stream_text_length,
    assemble=assemble,
)
