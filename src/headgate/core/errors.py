"""The errors whose message may reach a client, one level deep. Anything else that is raised is a bug: 500, opaque, logged.

A dialect encodes them (`kind` picks its own error type); this module knows no wire format.
"""

from headgate.core.budget import BudgetNotice
from headgate.core.limit_state import LimitState


class GatewayError(Exception):
    """A refusal or failure that is reported to the caller. The message says what happened, the limit, when it resets, and what to do.

    `code` is a short machine-readable name for it; `retry_after_s` says when a retry makes sense.
    """

    status = 500
    kind = "internal"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = self.status if status is None else status
        self.code = code
        self.retry_after_s = retry_after_s

    @property
    def repeatable(self) -> bool:
        """Whether the same request may succeed later without any other change."""
        return self.status >= 500 or self.kind == "limit_exceeded"


class BadRequest(GatewayError):
    """The request cannot be understood; sent again unchanged it fails again."""

    status = 400
    kind = "bad_request"


class TooLarge(GatewayError):
    """The request is larger than a stated limit (413), or one of its headers (431) or its target (414) is."""

    status = 413
    kind = "too_large"


class UnsupportedMedia(GatewayError):
    """The body's content type or content coding is not supported (415)."""

    status = 415
    kind = "bad_request"


class Unauthenticated(GatewayError):
    """No credential, two of them, or one that is unknown, revoked or expired."""

    status = 401
    kind = "unauthenticated"


class Forbidden(GatewayError):
    """The principal is known and may not do this."""

    status = 403
    kind = "forbidden"


class NotFound(GatewayError):
    """The route or the object does not exist."""

    status = 404
    kind = "not_found"


class FeatureDisabled(GatewayError):
    """An administrator has switched off the preview that the request needs."""

    status = 404
    kind = "feature_disabled"


class UnknownModel(GatewayError):
    """No endpoint answers to the model that was asked for.

    The status is a dialect's choice: Claude Code hides the text of a 404 (so Anthropic's dialect says 400), Codex stops at once on `model_not_found`.
    """

    status = 404
    kind = "model_not_found"


class LimitExceeded(GatewayError):
    """A rate limit has no room; `retry_after_s` says when it has, and `limit` how much is left of it. An agent should wait: it is soon."""

    status = 429
    kind = "limit_exceeded"

    def __init__(self, message: str, *, code: str = "", retry_after_s: float | None = None, limit: LimitState | None = None) -> None:
        super().__init__(message, code=code, retry_after_s=retry_after_s)
        self.limit = limit


class LimitSpent(LimitExceeded):
    """A rate limit has no room for longer than an agent should wait; it should stop and show the message."""

    kind = "limit_spent"


class OverLimit(LimitExceeded):
    """The request alone is larger than a rate limit, so it can never be let through; sent again unchanged it fails again."""

    status = 400
    kind = "bad_request"


class BudgetExhausted(GatewayError):
    """A budget is used up until it resets; an agent should stop rather than wait."""

    status = 429
    kind = "budget_exhausted"

    def __init__(self, message: str, *, code: str = "", retry_after_s: float | None = None, budget: BudgetNotice | None = None) -> None:
        super().__init__(message, code=code, retry_after_s=retry_after_s)
        self.budget = budget


class UpstreamFailed(GatewayError):
    """The provider could not be reached or broke off its answer (502), or did not answer in time (504).

    `sent` says whether any byte of the request may have reached the provider: only an unsent request is ever tried again.
    """

    status = 502
    kind = "upstream_failed"

    def __init__(self, message: str, *, status: int = 502, code: str = "", sent: bool = True) -> None:
        super().__init__(message, status=status, code=code)
        self.sent = sent


class CredentialRefused(UpstreamFailed):
    """The provider refused Headgate's own key (502). The client cannot fix this, and a retry does not help."""

    kind = "credential_refused"

    def __init__(self, provider: str) -> None:
        message = (
            f"Headgate's key for provider {provider} was refused. It is not your token. Ask your Headgate administrator to check the provider's key."
        )
        super().__init__(message, code="provider_credential_refused")

    @property
    def repeatable(self) -> bool:
        """Never: an administrator has to change the key first."""
        return False


class Untranslatable(GatewayError):
    """The request cannot be expressed in the dialect of the provider that would serve it."""

    status = 400
    kind = "bad_request"


class DestinationDeleted(GatewayError):
    """The endpoint sends the request to a provider that was deleted. Nothing else takes its place, so that no request goes where it was not meant to go."""

    status = 400
    kind = "bad_request"

    def __init__(self, message: str) -> None:
        super().__init__(message, code="destination_deleted")


class Unavailable(GatewayError):
    """Headgate cannot accept the request now: it is draining, or its journal cannot be written (503)."""

    status = 503
    kind = "unavailable"
