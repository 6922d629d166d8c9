"""Which budgets apply to a request. Pure, immutable, built once from the declared budgets.

A look-up goes by the principal, its groups, the endpoint, the agent and the tags; it does not look at budgets of others, however many there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, final

from headgate.core.budget import BLOCK, DOWNGRADE, WARN, Budget, BudgetAction
from headgate.core.model_names import NamesOf, matches_one_of, only_itself
from headgate.core.principal import SERVICE_PRINCIPAL, USER, Principal

_NAMES_MAX = 1024  # endpoints whose budgets are remembered
_KINDS = {"user": USER, "service_principal": SERVICE_PRINCIPAL}
_NO_TAGS: Mapping[str, str] = {}
NEVER: Final = 1 << 62  # more money than any count has


@final
class Spender:
    """Whose and what money a request spends."""

    __slots__ = ("agent", "endpoint", "principal", "session_id", "tags")

    def __init__(self, principal: Principal, endpoint: str, agent: str = "", session_id: str = "", tags: Mapping[str, str] = _NO_TAGS) -> None:
        self.principal = principal
        self.endpoint = endpoint
        self.agent = agent
        self.session_id = session_id
        self.tags = tags


@final
class Allowance:
    """A budget, by its name `name` too, with the money that one of its counts has, and from how much on each action happens, in nano-US-dollars; `first_at` is
    the least of these.
    """

    __slots__ = ("block_at", "budget", "downgrade_at", "first_at", "marks", "name", "nano_usd", "warn_at")

    def __init__(self, budget: Budget, nano_usd: int) -> None:
        self.budget = budget
        self.name = budget.name
        self.nano_usd = nano_usd
        self.marks = tuple([(int(nano_usd * action.percent / 100), action) for action in budget.actions])
        self.warn_at = _first(self.marks, WARN)
        self.downgrade_at = _first(self.marks, DOWNGRADE)
        self.block_at = _first(self.marks, BLOCK)
        self.first_at = min((at for at, _ in self.marks), default=NEVER)


@final
class Share:
    """One count of a budget. `value` says whose it is, and `who` names the principal; both are empty for one that is shared."""

    __slots__ = ("allowance", "value", "who")

    def __init__(self, allowance: Allowance, value: str = "", who: str = "") -> None:
        self.allowance = allowance
        self.value = value
        self.who = who


class BudgetTable:
    """All declared budgets."""

    def __init__(self, budgets: Sequence[Budget], names_of: NamesOf = only_itself) -> None:
        self.has_sessions = any(budget.of_session for budget in budgets)
        self.by_agent = any(budget.agent for budget in budgets)
        self.by_tag = any(budget.tag_key for budget in budgets)
        self._amounts = {budget.name: _Amounts(budget) for budget in budgets}
        grouped: dict[tuple[str, str], list[_Amounts]] = {}
        for budget in budgets:
            grouped.setdefault((_KINDS.get(budget.holder_kind, budget.holder_kind), budget.holder), []).append(self._amounts[budget.name])
        self._everyone = _OfHolder(grouped.pop(("", ""), []), names_of)
        self._groups = {holder: _OfHolder(found, names_of) for (kind, holder), found in grouped.items() if kind == "group"}
        self._own = {(kind, holder): _OfHolder(found, names_of) for (kind, holder), found in grouped.items() if kind != "group"}

    def shares(self, spender: Spender) -> list[Share]:
        """The counts that a request of this spender needs room in."""
        found: list[Share] = []
        for holder in self._of(spender.principal):
            holder.collect(spender, found)
        return found

    @property
    def by_name(self) -> dict[str, Budget]:
        """All budgets."""
        return {name: amounts.budget for name, amounts in self._amounts.items()}

    def shares_of(self, principal: Principal) -> list[Share]:
        """The counts that requests of a principal can be in, whatever the endpoint, the agent and the tags; of sessions none."""
        return [amounts.share(principal, "") for holder in self._of(principal) for amounts in holder.budgets if not amounts.budget.of_session]

    def shares_of_all(self) -> list[Share]:
        """The counts of the budgets that are shared."""
        return [amounts.shared for amounts in self._amounts.values() if amounts.shared is not None]

    def names_of_sessions(self) -> list[str]:
        """The budgets whose counts are those of sessions."""
        return [name for name, amounts in self._amounts.items() if amounts.budget.of_session]

    def names_of_own(self) -> list[str]:
        """The budgets whose counts are those of principals or of sessions."""
        return [name for name, amounts in self._amounts.items() if amounts.shared is None]

    def counted(self, name: str, value: str, who: str) -> Share | None:
        """A count that was made earlier, by the name of its budget; `None` if there is no such budget."""
        amounts = self._amounts.get(name)
        return None if amounts is None else amounts.counted(value, who)

    def _of(self, principal: Principal) -> "list[_OfHolder]":
        found = [self._everyone]
        if self._own:
            names = (principal.name,) if principal.id == principal.name else (principal.name, principal.id)
            found += [self._own[principal.kind, name] for name in names if (principal.kind, name) in self._own]
        if self._groups:
            found += [self._groups[group] for group in principal.groups if group in self._groups]
        return found


class _Amounts:
    """A budget, and what its counts have: one amount, and others for single principals."""

    __slots__ = ("_allowance", "_own", "budget", "shared")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self._allowance = Allowance(budget, budget.nano_usd)
        self._own = {name: Allowance(budget, nano_usd) for name, nano_usd in budget.overrides.items()}
        self.shared = None if budget.per_user or budget.of_session else Share(self._allowance)

    def share(self, principal: Principal, session_id: str) -> Share:
        """The count of a principal's requests."""
        if self.shared is not None:
            return self.shared
        value = f"{principal.id}\n{session_id}" if self.budget.of_session else principal.id
        return self.counted(value, principal.name) if self._own else Share(self._allowance, value, principal.name)

    def counted(self, value: str, who: str) -> Share:
        """The count with this value, whose principal has this name."""
        if self.shared is not None:
            return self.shared
        own = self._own.get(who) or self._own.get(value.partition("\n")[0])
        return Share(own or self._allowance, value, who)


class _OfHolder:
    """The budgets of one holder, or those for everyone; by endpoint."""

    __slots__ = ("_names_of", "_of_endpoint", "budgets")

    def __init__(self, budgets: Sequence[_Amounts], names_of: NamesOf) -> None:
        self.budgets = budgets
        self._names_of = names_of
        self._of_endpoint: dict[str, _OfEndpoint | None] = {}

    def collect(self, spender: Spender, found: list[Share]) -> None:
        """Add the counts of a request."""
        if not self.budgets:
            return
        try:
            of_endpoint = self._of_endpoint[spender.endpoint]
        except KeyError:
            of_endpoint = self._look_up(spender.endpoint)
        if of_endpoint is not None:
            of_endpoint.collect(spender, found)

    def _look_up(self, endpoint: str) -> "_OfEndpoint | None":
        if len(self._of_endpoint) >= _NAMES_MAX:
            self._of_endpoint = {}
        names = self._names_of(endpoint)
        budgets = [amounts for amounts in self.budgets if matches_one_of(amounts.budget.endpoint, names)]
        made = self._of_endpoint[endpoint] = _OfEndpoint(budgets) if budgets else None
        return made


class _OfEndpoint:
    """The budgets of one holder for one endpoint: those that always apply, and those of an agent or a tag."""

    __slots__ = ("_always", "_of_agent", "_of_tag", "_tag_keys")

    def __init__(self, budgets: Sequence[_Amounts]) -> None:
        self._always = tuple(each for each in budgets if not each.budget.agent and not each.budget.tag_key)
        self._of_agent = _grouped(("", each.budget.agent, each) for each in budgets if each.budget.agent)
        self._of_tag = _grouped(
            (each.budget.tag_key, each.budget.tag_value, each) for each in budgets if each.budget.tag_key and not each.budget.agent
        )
        self._tag_keys = tuple(dict.fromkeys(key for key, _ in self._of_tag))

    def collect(self, spender: Spender, found: list[Share]) -> None:
        """Add the counts of a request."""
        principal, session_id = spender.principal, spender.session_id
        found.extend([each.share(principal, session_id) for each in self._always])
        if self._of_agent:
            of_agent = self._of_agent.get(("", spender.agent), ())
            found.extend([each.share(principal, session_id) for each in of_agent if _has_tag(spender, each.budget)])
        for key in self._tag_keys:
            value = spender.tags.get(key)
            if value is not None:
                found.extend([each.share(principal, session_id) for each in self._of_tag.get((key, value), ())])


def _first(marks: Iterable[tuple[int, BudgetAction]], kind: str) -> int:
    return min((at for at, action in marks if action.kind == kind), default=NEVER)


def _has_tag(spender: Spender, budget: Budget) -> bool:
    return not budget.tag_key or spender.tags.get(budget.tag_key) == budget.tag_value


def _grouped(found: Iterable[tuple[str, str, _Amounts]]) -> dict[tuple[str, str], tuple[_Amounts, ...]]:
    grouped: dict[tuple[str, str], tuple[_Amounts, ...]] = {}
    for key, value, each in found:
        grouped[key, value] = (*grouped.get((key, value), ()), each)
    return grouped
