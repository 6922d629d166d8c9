"""The codecs of Anthropic Messages. Each line names the function that does it."""

from headgate.core.dialect_traits import DialectTraits
from headgate.dialects.anthropic import encode_answer
from headgate.dialects.anthropic.decode_answer import MessagesAnswerDecoder, count_of, decode_answer
from headgate.dialects.anthropic.decode_request import decode
from headgate.dialects.anthropic.encode_request import encode
from headgate.dialects.anthropic.state_slots import FAMILY
from headgate.dialects.anthropic.without_envelopes import without_envelopes
from headgate.dialects.codec import ClientCodec, ProviderCodec

CLIENT: ClientCodec = ClientCodec(
    decode=decode,
    encoder=encode_answer.MessagesAnswerEncoder,
    whole=encode_answer.whole,
    count=encode_answer.count,
    breaks_off=True,  # Claude Code asks again when the connection breaks; an error event ends the turn in some versions
    without_envelopes=without_envelopes,
)

PROVIDER: ProviderCodec = ProviderCodec(
    traits=DialectTraits(
        dialect="anthropic",
        family=FAMILY,
        system_in_place=False,  # only newer models: their profiles say so
        alternates=True,
        results_first=True,
        custom_tools=False,
        namespaces=False,
        openai_tools=False,
        result_media=True,
        name_pattern=r"[a-zA-Z0-9_-]{1,128}",
        name_length_max=128,
        call_id_pattern=r"[a-zA-Z0-9_-]+",
        call_id_length_max=64,
        stops_max=16,
        thinking_states=True,
        argument_objects=True,
        result_errors=True,
        allowed_tools=False,
        many_answers=False,
        log_probabilities=False,
        json_object=False,
        cache_marks=True,
        temperature_max=1.0,
        output_tokens_required=True,
        output_tokens_min=0,
    ),
    encode=encode,
    decoder=MessagesAnswerDecoder,
    decode_answer=decode_answer,
    count_of=count_of,
)
