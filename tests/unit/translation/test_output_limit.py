"""How many tokens an answer may have."""

import pytest

from headgate.core.conversation import Conversation
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList
from headgate.translation.output_limit import output_tokens
from tests.fakes.translation import ANTHROPIC, CHAT, RESPONSES


@pytest.mark.parametrize(
    ("asked", "traits", "most", "sent", "lost"),
    [
        (0, CHAT, 16_384, 0, False),
        (0, ANTHROPIC, 64_000, 64_000, False),
        (0, ANTHROPIC, 0, 32_000, False),
        (1000, ANTHROPIC, 64_000, 1000, False),
        (100_000, CHAT, 16_384, 16_384, True),
        (100_000, CHAT, 0, 100_000, False),
        (1, RESPONSES, 0, 16, True),
    ],
)
def test_the_bound_is_within_what_the_target_takes(asked, traits, most, sent, lost):
    """One that must be sent is the model's own."""
    losses = LossList()

    assert output_tokens(Conversation(output_tokens_max=asked), traits, ModelProfile(output_tokens_max=most), losses) == sent
    assert bool(losses.all()) == lost


def test_counting_needs_no_bound():
    """There is no answer."""
    assert output_tokens(Conversation(counting=True), ANTHROPIC, ModelProfile(), LossList()) == 0
