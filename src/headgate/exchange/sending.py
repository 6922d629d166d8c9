"""What the tries of exchanges are made with; one for a worker."""

from collections.abc import Callable

import msgspec

from headgate.core.clock import Clock
from headgate.core.endpoint import Target
from headgate.exchange.failover import FailureMemory
from headgate.exchange.foreign_states import ForeignStates
from headgate.exchange.headers import ClientHeaders
from headgate.exchange.ports import Upstream
from headgate.exchange.provider_memory import ProviderMemory
from headgate.exchange.recall import NOTHING_KEPT, Recall
from headgate.exchange.refused_parameters import RefusalMemory
from headgate.exchange.settings import StreamLimits


class Sending(msgspec.Struct, frozen=True):
    """The upstreams, the limits of streams, and all that a worker remembers of providers and sessions."""

    upstream_of: Callable[[Target], Upstream]
    limits: StreamLimits
    clock: Clock
    memory: ProviderMemory
    failures: FailureMemory
    headers: ClientHeaders
    foreign: ForeignStates
    refusals: RefusalMemory
    recall: Recall = NOTHING_KEPT
