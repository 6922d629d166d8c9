"""The codecs of Responses as the registry has them."""

import re

from headgate.dialects.openai_responses.codec import CLIENT, PROVIDER, TRAITS
from headgate.dialects.openai_responses.encode_request import OUTPUT_TOKENS_MIN
from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS


def test_both_ends_are_registered():
    """Under the name of the dialect."""
    assert CLIENT_CODECS["openai_responses"] is CLIENT
    assert PROVIDER_CODECS["openai_responses"] is PROVIDER


def test_what_the_dialect_can_say():
    """Everything of OpenAI's own; no stop sequences."""
    assert (TRAITS.dialect, TRAITS.family, TRAITS.stops_max, TRAITS.output_tokens_min) == ("openai_responses", "openai", 0, OUTPUT_TOKENS_MIN)
    assert TRAITS.custom_tools
    assert TRAITS.namespaces
    assert TRAITS.openai_tools
    assert re.fullmatch(TRAITS.name_pattern, "mcp__a-b_C9")
    assert not re.fullmatch(TRAITS.name_pattern, "a.b")
    assert re.fullmatch(TRAITS.call_id_pattern, "functions.get:0")
