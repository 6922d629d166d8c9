"""Where a provider's models are hosted, if not by the maker of their dialect, and how Headgate signs in there. Data; it knows no protocol."""

from collections.abc import Mapping

import msgspec

from headgate.core.secret import Secret

BEDROCK, VERTEX, AZURE, DATABRICKS = "bedrock", "vertex", "azure", "databricks"
PLATFORM_DIALECTS: Mapping[str, tuple[str, ...]] = {
    BEDROCK: ("anthropic",),
    VERTEX: ("anthropic", "gemini"),
    AZURE: ("openai", "openai_chat", "openai_responses", "anthropic"),
    DATABRICKS: ("anthropic", "openai", "openai_chat", "openai_responses", "gemini"),
}
"""Every platform, with the words of `provider_dialect.WORDS` that a provider there may speak."""

OAUTH, AWS, GOOGLE = "oauth", "aws", "google"


class Platform(msgspec.Struct, frozen=True):
    """A host with paths or headers of its own. `betas` are the values of `anthropic-beta` that it takes, as patterns; `None`: those that it documents."""

    name: str
    region: str = ""  # of AWS, or the location of Google Cloud
    project: str = ""  # of Google Cloud
    api_version: str = ""  # Azure's query parameter
    betas: tuple[str, ...] | None = None


class PlatformLogin(msgspec.Struct, frozen=True):
    """How Headgate gets a credential that ends: `oauth` by client credentials, `aws` or `google` by their own sources.

    AWS keys of the environment are here as `client_id`, `secret` and `session_token`; without them the profile and AWS's other sources are asked.
    """

    kind: str
    client_id: str = ""
    secret: Secret | None = None
    session_token: Secret | None = None
    token_url: str = ""
    scope: str = ""
    profile: str = ""  # of AWS
    file: str = ""  # of Google: a service account's or another credential's

    @property
    def identity(self) -> tuple[str, ...]:
        """Equal for two of them that get the same credential. Holds secrets: it is compared and never shown."""
        secrets = tuple("" if secret is None else secret.reveal() for secret in (self.secret, self.session_token))
        return (self.kind, self.client_id, *secrets, self.token_url, self.scope, self.profile, self.file)
