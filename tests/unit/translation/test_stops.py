"""Stop sequences."""

from headgate.core.conversation import Conversation
from headgate.core.model_profile import ModelProfile
from headgate.translation.stops import divided
from tests.fakes.translation import CHAT, RESPONSES

PROFILE = ModelProfile()


def test_all_are_sent_or_none():
    """One that was not sent could come before one that was."""
    assert divided(Conversation(stop=("a", "b", "a", "")), CHAT, PROFILE) == (("a", "b"), ())
    assert divided(Conversation(stop=tuple("abcde")), CHAT, PROFILE) == ((), tuple("abcde"))
    assert divided(Conversation(stop=("a",)), RESPONSES, PROFILE) == ((), ("a",))
    assert divided(Conversation(stop=("a",)), CHAT, ModelProfile(refused=("stop",))) == ((), ("a",))
