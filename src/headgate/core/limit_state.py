"""What is left of a rate limit for one request."""

from typing import final


@final
class LimitState:
    """What is left of a limit for one request. `reset_s`: when the request would fit; 0 for one that does, or where nothing says when."""

    __slots__ = ("key", "maximum", "measure", "remaining", "reset_s")

    def __init__(self, key: str, measure: str, maximum: int, remaining: int, reset_s: int = 0) -> None:
        self.key = key
        self.measure = measure
        self.maximum = maximum
        self.remaining = remaining
        self.reset_s = reset_s
