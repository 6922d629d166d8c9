"""The codecs of Chat Completions: what its clients ask and are answered, and how its providers are asked, where the other end speaks another dialect."""

from headgate.core.dialect_traits import DialectTraits
from headgate.dialects.asked import Asked
from headgate.dialects.codec import ClientCodec, ProviderCodec
from headgate.dialects.openai_chat.decode_answer import ChatAnswerDecoder, decode_answer
from headgate.dialects.openai_chat.decode_request import decode
from headgate.dialects.openai_chat.encode_answer import ChatAnswerEncoder, whole
from headgate.dialects.openai_chat.encode_request import encode

TRAITS = DialectTraits(
    dialect="openai_chat",
    family="openai",
    system_in_place=False,  # the chat templates of several models take a system message at the beginning alone
    alternates=False,
    results_first=True,
    custom_tools=True,  # at OpenAI's own API alone: the profiles of all other models have none
    namespaces=False,
    openai_tools=False,
    result_media=False,
    name_pattern=r"[A-Za-z0-9_-]+",
    name_length_max=64,
    call_id_pattern=r"\S+",  # Kimi's models want their own ids back, `functions.name:0`
    call_id_length_max=40,
    stops_max=4,
    web_search=False,  # only models for nothing else have it
    thinking_states=False,
    argument_objects=False,
    result_errors=False,
    allowed_tools=True,
    many_answers=False,  # it has `n`, but only one answer can be passed on
    log_probabilities=False,  # it has them, but an answer that is translated does not
    json_object=True,
    cache_marks=False,
    temperature_max=2.0,
    output_tokens_required=False,
    output_tokens_min=0,
)


def _count(_tokens: int) -> bytes:
    """Chat Completions cannot be asked to count."""
    return b"{}"


def _without_envelopes(asked: Asked) -> Asked:
    """The request as it is: its answers have no place for a state, so none comes back."""
    return asked


def _count_of(_body: bytes) -> int | None:
    return None


CLIENT: ClientCodec = ClientCodec(
    decode=decode, encoder=ChatAnswerEncoder, whole=whole, count=_count, brings_states=False, without_envelopes=_without_envelopes
)
PROVIDER: ProviderCodec = ProviderCodec(
    counts=False, traits=TRAITS, encode=encode, decoder=ChatAnswerDecoder, decode_answer=decode_answer, count_of=_count_of
)
