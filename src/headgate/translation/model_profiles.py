"""Finds what is known of a model: what the configuration states of it before what Headgate knows."""

from collections.abc import Sequence

from headgate.core.model_names import matches
from headgate.core.model_profile import ModelProfile

_UNKNOWN = ModelProfile()


class ModelProfiles:
    """Profiles by dialect and model. Of several that match the most specific pattern wins, and one for this dialect before one for all."""

    def __init__(self, profiles: Sequence[ModelProfile] = ()) -> None:
        self._profiles = sorted(profiles, key=_specificity, reverse=True)

    def of(self, dialect: str, model: str) -> ModelProfile:
        """The profile of a model as a provider of this dialect serves it. One that is not known is as lenient as can be."""
        for profile in self._profiles:
            if profile.dialect in {"", dialect} and matches(profile.pattern, model):
                return profile
        return _UNKNOWN


def _specificity(profile: ModelProfile) -> tuple[bool, int]:
    return "*" not in profile.pattern, len(profile.pattern.replace("*", ""))
