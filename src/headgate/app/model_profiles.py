"""What is known of models, as it is installed and as the configuration states it."""

from functools import cache
from importlib import resources

from headgate.config.load import Configuration
from headgate.core.model_profile import ModelProfile
from headgate.translation.model_profiles import ModelProfiles, parse


def profiles_of(configuration: Configuration) -> ModelProfiles:
    """The profiles that requests of this configuration are translated by."""
    return ModelProfiles(installed(), configuration.model_profiles)


@cache
def installed() -> tuple[ModelProfile, ...]:
    """Headgate's own facts, read once in a process."""
    return parse(resources.files("headgate.translation").joinpath("model_profiles.toml").read_text(encoding="utf-8"))
