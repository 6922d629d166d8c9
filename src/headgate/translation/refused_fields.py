"""Leaves out the fields that the target's model refuses, by its profile, or its dialect lacks: each with a loss."""

from typing import Any

import msgspec

from headgate.core.conversation import Conversation, Sampling
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList

_EMPTY = Conversation()
_SAMPLING = frozenset(Sampling.__struct_fields__)
_FIELDS = frozenset({"parallel_calls", "output_tokens_max", "verbosity", "cache_key", "user", "tier", "log_probabilities"})
FIELDS = frozenset({*_SAMPLING, *_FIELDS, "stop"})
"""What a profile can refuse."""


def without_refused(conversation: Conversation, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> Conversation:
    """The conversation without these fields. Stop sequences are not among them: Headgate can cut an answer itself."""
    changes: dict[str, Any] = {}
    sampling: dict[str, Any] = {}
    for name in profile.refused:
        if name in _SAMPLING and getattr(conversation.sampling, name) is not None:
            sampling[name] = None
            losses.add(name, "the model does not take it")
        elif name in _FIELDS and getattr(conversation, name) != getattr(_EMPTY, name):
            changes[name] = getattr(_EMPTY, name)
            losses.add(name, "the model does not take it")
    if conversation.log_probabilities is not None and not traits.log_probabilities and "log_probabilities" not in changes:
        changes["log_probabilities"] = None
        losses.add("log_probabilities", "the provider has none")
    if sampling:
        changes["sampling"] = msgspec.structs.replace(conversation.sampling, **sampling)
    return msgspec.structs.replace(conversation, **changes) if changes else conversation
