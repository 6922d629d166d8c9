"""Which limits and budgets apply to a request: looked up once for each principal, token, endpoint and agent, and remembered as long as they are declared so.

It counts nothing and decides nothing.
"""

from collections.abc import Sequence

import msgspec

from headgate.core.budget import BudgetMark
from headgate.core.endpoint import Endpoint
from headgate.core.principal import Principal
from headgate.dialects.faces import Asked
from headgate.exchange.inbound import Inbound
from headgate.policy.budgets import BudgetTable, Share, Spender
from headgate.policy.limits import NO_COUNTS, CountedFor, LimitTable, RequestCounts

_REMEMBERED_MAX = 20_000
_SESSION_CHARS_MAX = 256


class ApplyingRules(msgspec.Struct, frozen=True):
    """The counts of limits and of budgets that a request needs room in. `marks` is what its record says of these budgets where none does anything."""

    counts: RequestCounts = NO_COUNTS
    shares: tuple[Share, ...] = ()
    marks: tuple[BudgetMark, ...] = ()


class DeclaredRules:
    """The limits and budgets that are declared; `None` where there are none."""

    def __init__(self, limits: LimitTable | None, budgets: BudgetTable | None) -> None:
        self.limits = limits
        self.budgets = budgets
        self.counts_tokens = limits is not None and limits.counts_tokens
        tables = [table for table in (limits, budgets) if table is not None]
        self._by_agent = any(table.by_agent for table in tables)
        self._by_tag = any(table.by_tag for table in tables)
        self._by_session = budgets is not None and budgets.has_sessions
        self._found: dict[tuple[Principal, str, str, str], ApplyingRules] = {}

    def applying(self, inbound: Inbound, asked: Asked, endpoint: Endpoint) -> ApplyingRules:
        """What applies to a request for this endpoint."""
        if self._by_session or (self._by_tag and inbound.request_tags):
            return self._look_up(inbound, asked, endpoint)
        token = inbound.token
        key = (token.principal, token.id, endpoint.name, inbound.attribution.agent if self._by_agent else "")
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _REMEMBERED_MAX:
                self._found = {}
            found = self._found[key] = self._look_up(inbound, asked, endpoint)
        return found

    def _look_up(self, inbound: Inbound, asked: Asked, endpoint: Endpoint) -> ApplyingRules:
        principal, agent, tags = inbound.token.principal, inbound.attribution.agent, inbound.request_tags
        counts = NO_COUNTS
        shares: Sequence[Share] = ()
        if self.limits is not None:
            counts = self.limits.counts(endpoint.name, CountedFor(principal, inbound.token.id, agent, tags))
        if self.budgets is not None:
            session_id = inbound.attribution.session_id
            if not session_id and self._by_session:
                session_id = inbound.face.session_id(asked)[:_SESSION_CHARS_MAX]  # as in the record
            shares = self.budgets.shares(Spender(principal, endpoint.name, agent, session_id, tags))
        return ApplyingRules(counts, tuple(shares), tuple(BudgetMark(share.allowance.budget.name, share.value) for share in shares))
