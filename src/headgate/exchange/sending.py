"""What the tries of exchanges are made with; one for a worker."""

from collections.abc import Callable
from typing import final

from headgate.core.clock import Clock
from headgate.core.endpoint import Target
from headgate.exchange.failover import FailureMemory
from headgate.exchange.foreign_states import ForeignStates
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.ports import Deadlines, Upstream
from headgate.exchange.provider_memory import ProviderMemory
from headgate.exchange.recall import NOTHING_KEPT, Recall
from headgate.exchange.refused_parameters import RefusalMemory
from headgate.exchange.settings import StreamLimits


@final
class Sending:
    """The upstreams, the limits of streams, and all that a worker remembers of providers and sessions. It is not changed."""

    __slots__ = ("clock", "deadlines", "failures", "foreign", "headers", "limits", "memory", "recall", "refusals", "upstream_of")

    def __init__(
        self,
        upstream_of: Callable[[Target], Upstream],
        limits: StreamLimits,
        clock: Clock,
        headers: ClientHeaders,
        recall: Recall = NOTHING_KEPT,
    ) -> None:
        self.upstream_of = upstream_of
        self.limits = limits
        self.deadlines = Deadlines(limits.first_byte_timeout_s, limits.idle_timeout_s, limits.total_timeout_s)
        self.clock = clock
        self.headers = headers
        self.recall = recall
        self.memory = ProviderMemory(clock)
        self.failures = FailureMemory(clock)
        self.foreign = ForeignStates()
        self.refusals = RefusalMemory(clock)
