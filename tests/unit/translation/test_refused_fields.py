"""Fields that a model refuses."""

from headgate.core.conversation import Conversation, Sampling
from headgate.core.loss import Loss
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList
from headgate.translation.refused_fields import without_refused
from tests.fakes.translation import ANTHROPIC, CHAT, RESPONSES


def test_what_the_model_refuses_is_left_out():
    """Each with a loss; what was not asked is none."""
    losses = LossList()
    asked = Conversation(parallel_calls=True, sampling=Sampling(seed=1, top_p=0.5), stop=("a",))
    profile = ModelProfile(refused=("seed", "parallel_tool_calls", "stop", "verbosity", "unheard_of"))

    assert without_refused(asked, CHAT, profile, losses) == Conversation(sampling=Sampling(top_p=0.5), stop=("a",))
    assert losses.all() == (Loss("seed", "the model does not take it"), Loss("parallel_tool_calls", "the model does not take it"))


def test_log_probabilities_are_left_out_where_a_dialect_has_none():
    """That is a loss too."""
    losses = LossList()
    asked = Conversation(log_probabilities=3)

    assert without_refused(asked, RESPONSES, ModelProfile(), losses) is asked
    assert without_refused(asked, ANTHROPIC, ModelProfile(), losses) == Conversation()
    assert losses.all() == (Loss("log_probabilities", "the provider has none"),)
