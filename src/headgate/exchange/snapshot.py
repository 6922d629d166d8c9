"""The control state as one immutable value. A worker holds one and replaces it whole; an exchange keeps the one it began with."""

import msgspec

from headgate.exchange.declared_budgets import Budgets
from headgate.policy.authenticate import TokenTable
from headgate.policy.limits import LimitTable
from headgate.policy.permissions import PermissionTable
from headgate.policy.previews import Previews
from headgate.routing.table import EndpointTable
from headgate.translation.model_profiles import ModelProfiles


class Snapshot(msgspec.Struct, frozen=True):
    """The valid tokens, the endpoints, who may use them, the rate limits, the previews and what is known of models. `version` is the state's version that it was made from.

    `ended_sessions` are the browser sessions that a sign-out has ended, by digest.
    """

    version: int
    tokens: TokenTable
    endpoints: EndpointTable
    ended_sessions: frozenset[bytes] = frozenset()
    groups: frozenset[str] = frozenset()  # the names of all groups
    permissions: PermissionTable | None = None  # every principal may use every endpoint
    limits: LimitTable | None = None  # none are declared
    budgets: Budgets | None = None  # none are declared
    previews: Previews = Previews()
    profiles: ModelProfiles = ModelProfiles()
