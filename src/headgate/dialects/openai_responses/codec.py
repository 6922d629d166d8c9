"""The codecs of Responses: what its clients ask and are answered, and how its providers are asked, where the other end speaks another dialect."""

from headgate.core.dialect_traits import DialectTraits
from headgate.dialects.codec import ClientCodec, ProviderCodec
from headgate.dialects.openai_responses.decode_answer import ResponsesDecoder, count_of, decode_answer
from headgate.dialects.openai_responses.decode_request import decode
from headgate.dialects.openai_responses.encode_answer import ResponsesEncoder, count, whole
from headgate.dialects.openai_responses.encode_request import OUTPUT_TOKENS_MIN, encode
from headgate.dialects.openai_responses.envelopes import without_envelopes
from headgate.dialects.openai_responses.keeping import KEEPING

TRAITS = DialectTraits(
    dialect="openai_responses",
    family="openai",
    system_in_place=True,
    alternates=False,
    results_first=True,  # OpenAI does not ask for it; servers that make a chat of it do
    custom_tools=True,
    namespaces=True,
    openai_tools=True,
    result_media=True,
    name_pattern=r"[A-Za-z0-9_-]+",
    name_length_max=64,
    call_id_pattern=r"\S+",
    call_id_length_max=64,
    stops_max=0,
    thinking_states=True,
    argument_objects=False,
    result_errors=False,
    allowed_tools=True,
    many_answers=False,
    log_probabilities=False,  # it has them, but an answer that is translated does not
    json_object=True,
    cache_marks=False,
    temperature_max=2.0,
    output_tokens_required=False,
    output_tokens_min=OUTPUT_TOKENS_MIN,
)

CLIENT: ClientCodec = ClientCodec(
    decode=decode, encoder=ResponsesEncoder, whole=whole, count=count, keeping=KEEPING, without_envelopes=without_envelopes
)
PROVIDER: ProviderCodec = ProviderCodec(traits=TRAITS, encode=encode, decoder=ResponsesDecoder, decode_answer=decode_answer, count_of=count_of)
