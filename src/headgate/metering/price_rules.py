"""Selects the configured price for an answer, and applies configured factors to the list price.

If several rules match, the most specific one wins. In order: it names the provider; it names the exact model; its pattern is longer; it names the tier
rather than `*`; its date is later (but not in the future). Configured rates replace the price list, for the standard tier unless they name another. A factor
changes the list price, of every tier unless it names one. Pure.
"""

from collections.abc import Sequence

from headgate.core.model_names import matches
from headgate.core.price_rule import PriceRule
from headgate.metering.price import Rates, Sold, changed

SOURCE = "configuration"
_KNOWN_MAX = 4096  # distinct sales remembered; a client may invent names


class PriceRules:
    """Finds the configured price of a sale. Remembers which rules match which names."""

    def __init__(self, rules: Sequence[PriceRule] = ()) -> None:
        self._rules = tuple(rules)
        self._fitting: dict[tuple[str, tuple[str, ...]], tuple[PriceRule, ...]] = {}

    def rates(self, sold: Sold, at_ns: int) -> Rates | None:
        """The configured rates for its tokens, if any."""
        if not self._rules:
            return None
        rule = next((rule for rule in self._of(sold) if rule.input_mtok is not None and rule.from_ns <= at_ns and _for_tier(rule, sold.tier)), None)
        if rule is None:
            return None
        return Rates(
            rule.input_mtok,
            rule.cache_read_mtok,
            rule.cache_write_5m_mtok,
            rule.cache_write_1h_mtok,
            rule.output_mtok,
            sold.provider,
            rule.model,
            SOURCE,
        )

    def use_rates(self, sold: Sold, at_ns: int) -> Rates | None:
        """The configured price for uses of a tool, if any."""
        rule = next((rule for rule in self._of(sold) if sold.part in rule.uses_kcount and rule.from_ns <= at_ns), None)
        if rule is None:
            return None
        return Rates(None, None, None, None, None, sold.provider, rule.model, SOURCE, rule.uses_kcount[sold.part])

    def changed(self, sold: Sold, at_ns: int, listed: Rates) -> Rates:
        """The list price, multiplied by the configured factor if there is one."""
        if not self._rules:
            return listed
        fitting = (
            rule for rule in self._of(sold) if rule.factor is not None and rule.from_ns <= at_ns and (not rule.tier or _for_tier(rule, sold.tier))
        )
        rule = next(fitting, None)
        return listed if rule is None or rule.factor is None else changed(listed, rule.factor, "")

    def _of(self, sold: Sold) -> tuple[PriceRule, ...]:
        """The rules that match it at any time, the most specific first."""
        key = (sold.provider, sold.models)
        if key not in self._fitting:
            if len(self._fitting) >= _KNOWN_MAX:
                self._fitting.clear()
            found = [rule for rule in self._rules if rule.provider in {"", sold.provider} and any(matches(rule.model, name) for name in sold.models)]
            self._fitting[key] = tuple(sorted(found, key=_precedence, reverse=True))
        return self._fitting[key]


def _for_tier(rule: PriceRule, tier: str) -> bool:
    return matches(rule.tier, tier)


def _precedence(rule: PriceRule) -> tuple[bool, bool, int, bool, int, int]:
    return bool(rule.provider), "*" not in rule.model, len(rule.model), "*" not in rule.tier, len(rule.tier), rule.from_ns
