"""A conversation is prepared for a target."""

from headgate.core.conversation import Conversation
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.prepare import prepare

TRAITS = DialectTraits(
    dialect="anthropic",
    family="anthropic",
    system_in_place=False,
    alternates=True,
    results_first=True,
    custom_tools=False,
    namespaces=False,
    openai_tools=False,
    result_media=True,
    name_pattern=r"[a-zA-Z0-9_-]+",
    name_length_max=128,
    call_id_pattern=r"[a-zA-Z0-9_-]+",
    call_id_length_max=64,
    stops_max=2,
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
    output_tokens_min=1,
)


def test_stop_sequences_that_the_target_does_not_take_are_cut_here():
    """More than it takes are not sent at all."""
    prepared = prepare(Conversation(stop=("a", "b", "c")), TRAITS, ModelProfile())

    assert prepared.conversation.stop == ()
    assert prepared.stop == ("a", "b", "c")
