"""Which limits and budgets apply to a request: looked up once for each principal, token, endpoint and agent, and remembered as long as they are declared so.

It counts nothing and decides nothing.
"""

from collections.abc import Sequence

from headgate.core.principal import Principal
from headgate.dialects.asked import Asked
from headgate.exchange.candidate import ApplyingRules
from headgate.exchange.declared_budgets import Budgets
from headgate.exchange.inbound import Inbound
from headgate.policy.budgets import Share, Spender
from headgate.policy.limits import NO_COUNTS, CountedFor, LimitTable

_REMEMBERED_MAX = 20_000
_SESSION_CHARS_MAX = 256


class DeclaredRules:
    """The limits and budgets that are declared; `None` where there are none."""

    def __init__(self, limits: LimitTable | None, budgets: Budgets | None) -> None:
        self.limits = limits
        self.budgets = budgets
        self._by_agent = (limits is not None and limits.by_agent) or (budgets is not None and budgets.table.by_agent)
        self._by_tag = (limits is not None and limits.by_tag) or (budgets is not None and budgets.table.by_tag)
        self._by_session = budgets is not None and budgets.table.has_sessions
        self._found: dict[tuple[str, str, str], tuple[Principal, ApplyingRules]] = {}  # a principal of another snapshot may have other groups

    def applying(self, inbound: Inbound, asked: Asked, endpoint: str) -> ApplyingRules:
        """What applies to a request for the endpoint of this name."""
        if self._by_session or (self._by_tag and inbound.head.request_tags):
            return self._look_up(inbound, asked, endpoint)
        token = inbound.head.token
        key = (token.id, endpoint, inbound.attribution.agent if self._by_agent else "")
        known = self._found.get(key)
        if known is not None and known[0] is token.principal:
            return known[1]
        if len(self._found) >= _REMEMBERED_MAX:
            self._found = {}
        found = self._look_up(inbound, asked, endpoint)
        self._found[key] = token.principal, found
        return found

    def _look_up(self, inbound: Inbound, asked: Asked, endpoint: str) -> ApplyingRules:
        principal, agent, tags = inbound.head.token.principal, inbound.attribution.agent, inbound.head.request_tags
        counts = NO_COUNTS
        shares: Sequence[Share] = ()
        if self.limits is not None:
            counts = self.limits.counts(endpoint, CountedFor(principal, inbound.head.token.id, agent, tags))
        if self.budgets is not None:
            session_id = inbound.attribution.session_id
            if not session_id and self._by_session:
                session_id = inbound.head.face.session_id(asked)[:_SESSION_CHARS_MAX]  # as in the record
            shares = self.budgets.table.shares(Spender(principal, endpoint, agent, session_id, tags))
        return ApplyingRules(counts, tuple(shares), counts_tokens=self.limits is not None and self.limits.counts_tokens)
