"""Why a request has no room in a rate limit. Decides nothing."""

from typing import final

import msgspec

from headgate.core.limit import Limit


@final
class LimitDenial(msgspec.Struct, frozen=True):
    """The limit that keeps a request out longest. `wait_s` is infinite for a request that is larger than the limit."""

    limit: Limit
    value: str
    measure: str
    maximum: int
    used: int
    amount: int
    wait_s: float
