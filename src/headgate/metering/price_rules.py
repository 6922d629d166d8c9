"""Which of the stated prices holds for an answer, and what it makes of the list price.

Of the rules that fit, one that names the provider goes before one that does not, an exact model before a pattern, a longer pattern before a shorter one, and
then the latest that has begun. Stated rates take the place of the price list; a factor changes the price that the list gives. Pure.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from headgate.core.model_names import matches
from headgate.core.price_rule import PriceRule
from headgate.metering.price import Rates, Sold

SOURCE = "configuration"
_KNOWN_MAX = 4096  # distinct sales remembered; a client may invent names


class PriceRules:
    """Answers what the configuration says of a sale. Remembers which rules fit which names."""

    def __init__(self, rules: Sequence[PriceRule] = ()) -> None:
        self._rules = tuple(rules)
        self._fitting: dict[tuple[str, tuple[str, ...]], tuple[PriceRule, ...]] = {}

    def rates(self, sold: Sold, at_ns: int) -> Rates | None:
        """The rates that are stated for it, if any are."""
        rule = next((rule for rule in self._of(sold) if rule.factor is None and rule.from_ns <= at_ns), None)
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

    def changed(self, sold: Sold, at_ns: int, listed: Rates) -> Rates:
        """The list price as the factor that is stated for it makes it, if one is."""
        rule = next((rule for rule in self._of(sold) if rule.factor is not None and rule.from_ns <= at_ns), None)
        if rule is None or rule.factor is None:
            return listed
        return msgspec.structs.replace(
            listed,
            input_mtok=_times(listed.input_mtok, rule.factor),
            cache_read_mtok=_times(listed.cache_read_mtok, rule.factor),
            cache_write_5m_mtok=_times(listed.cache_write_5m_mtok, rule.factor),
            cache_write_1h_mtok=_times(listed.cache_write_1h_mtok, rule.factor),
            output_mtok=_times(listed.output_mtok, rule.factor),
            source=f"{listed.source} × {rule.factor:g}",
        )

    def _of(self, sold: Sold) -> tuple[PriceRule, ...]:
        """The rules that fit it, whenever they hold, the first choice first."""
        key = (sold.provider, sold.models)
        if key not in self._fitting:
            if len(self._fitting) >= _KNOWN_MAX:
                self._fitting.clear()
            found = [rule for rule in self._rules if rule.provider in {"", sold.provider} and any(matches(rule.model, name) for name in sold.models)]
            self._fitting[key] = tuple(sorted(found, key=_precedence, reverse=True))
        return self._fitting[key]


def _precedence(rule: PriceRule) -> tuple[bool, bool, int, int]:
    return bool(rule.provider), "*" not in rule.model, len(rule.model), rule.from_ns


def _times(mtok: float | None, factor: float) -> float | None:
    """A rate of as many digits as the two have together: floats would add a tail of their own."""
    return None if mtok is None else float(Decimal(repr(mtok)) * Decimal(repr(factor)))
