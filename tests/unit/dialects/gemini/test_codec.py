"""The codecs of Gemini."""

import re

from headgate.core.conversation import Conversation
from headgate.dialects.codec import AnswerContext
from headgate.dialects.gemini.codec import CLIENT, TRAITS
from headgate.dialects.registry import CLIENT_CODECS, PROVIDER_CODECS


def test_both_are_registered():
    """By the name of the dialect."""
    assert CLIENT_CODECS["gemini"] is CLIENT
    assert PROVIDER_CODECS["gemini"].traits is TRAITS


def test_a_stream_has_the_type_of_its_form():
    """Nothing can be put into an array."""
    both = [AnswerContext(request_id="", model_asked="", created_at_s=0, asked=Conversation(), query=query) for query in ("alt=sse", "")]
    assert [CLIENT.stream_type(context) for context in both] == [b"text/event-stream", b"application/json; charset=UTF-8"]


def test_names_begin_with_a_letter_or_an_underscore():
    """As the reference says."""
    assert re.fullmatch(TRAITS.name_pattern, "_a.b:c-1")
    assert not re.fullmatch(TRAITS.name_pattern, "1a")
