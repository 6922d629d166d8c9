"""The two codecs of Gemini's generateContent. Each line names the function that does it."""

from headgate.core.dialect_traits import DialectTraits
from headgate.dialects.codec import AnswerContext, ClientCodec, ProviderCodec
from headgate.dialects.gemini import decode_answer, decode_request, encode_answer, encode_request
from headgate.dialects.gemini.seals import FAMILY
from headgate.dialects.gemini.without_envelopes import without_envelopes


def _stream_type(context: AnswerContext) -> bytes:
    return b"text/event-stream" if encode_answer.is_event_stream(context) else b"application/json; charset=UTF-8"


CLIENT: ClientCodec = ClientCodec(
    decode=decode_request.decode,
    encoder=encode_answer.GeminiAnswerEncoder,
    whole=encode_answer.whole,
    count=encode_answer.count,
    seals_as_base64=True,
    stream_type=_stream_type,
    without_envelopes=without_envelopes,
)

TRAITS = DialectTraits(
    dialect="gemini",
    family=FAMILY,
    system_in_place=False,
    alternates=True,
    results_first=True,
    custom_tools=False,
    namespaces=False,
    openai_tools=False,
    result_media=True,
    name_pattern=r"[A-Za-z_][A-Za-z0-9_.:\-]*",
    name_length_max=128,
    call_id_pattern=r"[A-Za-z0-9_\-]+",
    call_id_length_max=128,
    stops_max=encode_request.STOPS_MAX,
    thinking_states=True,
    argument_objects=True,
    result_errors=True,
    allowed_tools=True,
    many_answers=False,
    log_probabilities=False,
    json_object=True,
    cache_marks=False,
    temperature_max=2.0,
    output_tokens_required=False,
    output_tokens_min=0,
)
"""What Gemini's reference says (types `FunctionDeclaration` and `GenerateContentConfig` of the `google-genai` SDK 3.4)."""

PROVIDER: ProviderCodec = ProviderCodec(
    traits=TRAITS,
    encode=encode_request.encode,
    decoder=decode_answer.GeminiAnswerDecoder,
    decode_answer=decode_answer.decode_answer,
    count_of=decode_answer.count_of,
)
