"""The two faces of Gemini's generateContent. Each line names the function that does it."""

import re

from headgate.dialects.faces import ClientFace, ProviderFace, unfiltered
from headgate.dialects.gemini import errors, models, parameters, request, stream, text
from headgate.dialects.gemini.assemble import assemble

CLIENT: ClientFace = ClientFace(
    name="gemini",
    speaks="gemini",
    keep_alive=b"\n",  # a comment or an `event:` line would make Gemini CLI lose the rest of the answer
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
    name="gemini",
    key_header=(b"x-goog-api-key", b""),
    path=request.path,
    body=request.body,
    reader=stream.StreamReader,
    first_token=re.compile(rb'"(?:parts|finishReason|promptFeedback|error)"'),
    answer_filter=unfiltered,
    read_answer=stream.read_answer,
    body_reader=stream.DocumentReader,
    answer_text_length=text.answer_text_length,
    stream_text_length=text.stream_text_length,
    assemble=assemble,
)
