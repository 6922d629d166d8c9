"""Service tiers."""

import pytest

from headgate.core.conversation import Conversation
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList
from headgate.translation.tiers import prepared_tier
from tests.fakes.translation import ANTHROPIC, CHAT

FAST, PRIORITY, UNKNOWN = ModelProfile(tiers=("fast",)), ModelProfile(tiers=("priority", "flex")), ModelProfile()


@pytest.mark.parametrize(
    ("asked", "traits", "profile", "sent", "lost"),
    [
        ("", ANTHROPIC, FAST, "", False),
        ("priority", ANTHROPIC, FAST, "fast", False),
        ("fast", CHAT, PRIORITY, "priority", False),
        ("flex", CHAT, PRIORITY, "flex", False),
        ("flex", CHAT, UNKNOWN, "flex", False),
        ("auto", ANTHROPIC, UNKNOWN, "", False),
        ("standard_only", CHAT, PRIORITY, "", False),
        ("flex", ANTHROPIC, FAST, "", True),
        ("fast", ANTHROPIC, UNKNOWN, "", True),
    ],
)
def test_a_tier_is_in_the_targets_words(asked, traits, profile, sent, lost):
    """What it does not have is a loss."""
    losses = LossList()

    assert prepared_tier(Conversation(tier=asked), traits, profile, losses) == sent
    assert bool(losses.all()) == lost
