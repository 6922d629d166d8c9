"""Leaves out the fields that the target's model refuses, by its profile, or its dialect lacks: each with a loss."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from headgate.core.conversation import Conversation, Sampling
from headgate.core.dialect_traits import DialectTraits
from headgate.core.model_profile import ModelProfile
from headgate.translation.loss_list import LossList

_EMPTY = Conversation()
_SAMPLING = frozenset(Sampling.__struct_fields__)
# The parameters whose names are not those of the fields; all others that are no field are left to the encoder.
_FIELDS: Mapping[str, str] = MappingProxyType({
    "parallel_tool_calls": "parallel_calls",
    "prompt_cache_key": "cache_key",
    "service_tier": "tier",
    "logprobs": "log_probabilities",
    "top_logprobs": "log_probabilities",
    "user": "user",
    "verbosity": "verbosity",
})


def without_refused(conversation: Conversation, traits: DialectTraits, profile: ModelProfile, losses: LossList) -> Conversation:
    """The conversation without these fields. Stop sequences are not among them: Headgate can cut an answer itself."""
    changes: dict[str, Any] = {}
    sampling: dict[str, Any] = {}
    for name in profile.refused:
        if name in _SAMPLING and getattr(conversation.sampling, name) is not None:
            sampling[name] = None
            losses.add(name, "the model does not take it")
        elif (field := _FIELDS.get(name)) and getattr(conversation, field) != getattr(_EMPTY, field):
            changes[field] = getattr(_EMPTY, field)
            losses.add(name, "the model does not take it")
    if conversation.log_probabilities is not None and not traits.log_probabilities and "log_probabilities" not in changes:
        changes["log_probabilities"] = None
        losses.add("log_probabilities", "the provider has none")
    if sampling:
        changes["sampling"] = msgspec.structs.replace(conversation.sampling, **sampling)
    return msgspec.structs.replace(conversation, **changes) if changes else conversation
