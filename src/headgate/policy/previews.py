"""The previews: features that an administrator switches on and off for everybody. Decides nothing about a single caller."""

import msgspec

from headgate.core.errors import FeatureDisabled


class Previews(msgspec.Struct, frozen=True, kw_only=True):
    """Which previews are on."""

    coding_agents: bool = True
    opentelemetry: bool = True

    def require(self, name: str) -> None:
        """Raise FeatureDisabled if the preview of this name is off."""
        if not getattr(self, name):
            raise FeatureDisabled(
                f"The preview {name!r} is switched off in this Headgate. An administrator can switch it on, by `headgate preview on {name}` or by "
                f"{name} = true under [previews] in headgate.toml. It is on within two seconds, without a restart.",
                code="FEATURE_DISABLED",
            )
