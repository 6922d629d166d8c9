"""How well providers do in the demo: rarely badly, and very badly on the afternoon of one incident. Decides by a generator that it is given."""

import random
from typing import Final

import msgspec

from headgate.app.demo_month.records import Trouble

OVERLOADED: Final = Trouble(status=529, error_code="overloaded_error", message="Overloaded")
_SERVER: Final = Trouble(status=500, error_code="api_error", message="Internal server error")
_PROVIDER_LIMIT: Final = Trouble(
    status=429,
    error_code="rate_limit_error",
    message="This request would exceed your organization's rate limit of 2,000,000 input tokens per minute.",
)
_TIMEOUT: Final = Trouble(status=504, error_code="first_byte_timeout", message="The provider sent nothing for 120 s.")

_USUAL = 0.006
_INCIDENT = 0.6


class Incident(msgspec.Struct, frozen=True):
    """When one provider is in trouble."""

    provider: str
    from_ns: int
    until_ns: int

    def holds(self, provider: str, at_ns: int) -> bool:
        """Whether a request then meets it."""
        return provider == self.provider and self.from_ns <= at_ns < self.until_ns


def trouble(rng: random.Random, provider: str, at_ns: int, incident: Incident | None) -> Trouble | None:
    """What a request to a provider meets; usually nothing."""
    met = incident is not None and incident.holds(provider, at_ns)
    if rng.random() >= (_INCIDENT if met else _USUAL):
        return None
    kinds = (OVERLOADED, _SERVER, _TIMEOUT) if met else (_SERVER, _PROVIDER_LIMIT, OVERLOADED)
    return rng.choices(kinds, (6, 3, 1) if met else (3, 4, 2))[0]
