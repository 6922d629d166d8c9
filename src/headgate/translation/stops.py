"""Which stop sequences the target is sent, and which Headgate cuts the answer at itself."""

from headgate.core.conversation import Conversation
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile

_NAMES = frozenset({"stop", "stop_sequences"})  # of the parameter


def divided(conversation: Conversation, traits: DialectTraits, profile: ModelProfile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those for the target, then those for Headgate: all of them are one or the other, so that the first in the text is found."""
    stops = tuple(dict.fromkeys(stop for stop in conversation.stop if stop))
    taken = len(stops) <= traits.stops_max and _NAMES.isdisjoint(profile.refused)
    return (stops, ()) if taken else ((), stops)
