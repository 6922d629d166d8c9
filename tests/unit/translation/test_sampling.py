"""How the next token is chosen."""

from headgate.core.conversation import Reasoning, Sampling
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList
from headgate.translation.sampling import prepared_sampling
from tests.fakes.translation import ANTHROPIC, CHAT

THINKS = Reasoning(mode="on", budget_tokens=1024)


def _prepared(asked, traits, reasoning=Reasoning(), **profile):
    losses = LossList()
    return prepared_sampling(asked, reasoning, traits, ModelProfile(**profile), losses), [loss.what for loss in losses.all()]


def test_a_temperature_is_within_what_the_provider_takes():
    """A lower one stays."""
    losses = LossList()
    sampling = prepared_sampling(Sampling(temperature=1.5), Reasoning(), ANTHROPIC, ModelProfile(), losses)

    assert sampling == Sampling(temperature=1.0)
    assert losses.all() == (Loss("temperature", "the most that the provider takes is 1"),)
    hot = Sampling(temperature=1.5, seed=1)
    assert prepared_sampling(hot, Reasoning(), CHAT, ModelProfile(), losses) is hot


def test_a_model_that_does_not_sample_is_not_asked():
    """The other settings stay."""
    asked = Sampling(temperature=0.0, top_p=0.5, top_k=3, seed=1)

    assert _prepared(asked, CHAT, samples=False) == (Sampling(seed=1), ["temperature", "top_p", "top_k"])


def test_claude_thinks_at_one_temperature():
    """And without a choice of the most likely."""
    assert _prepared(Sampling(temperature=0.2, top_k=3, top_p=0.9), ANTHROPIC, THINKS) == (Sampling(), ["temperature", "top_k", "top_p"])
    assert _prepared(Sampling(temperature=1.0, top_p=0.95), ANTHROPIC, THINKS) == (Sampling(temperature=1.0, top_p=0.95), [])
    assert _prepared(Sampling(temperature=0.2), CHAT, THINKS) == (Sampling(temperature=0.2), [])
