"""The price book: dated prices of the installed `genai-prices` package, and what the configuration states instead.

Importing this module loads pydantic, and `PriceBook.load` some 2,000 models (about a second, tens of megabytes), so it belongs where rows are
written, not where requests are served. Service tiers (batch, priority) and prices per search are not counted.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import genai_prices
import msgspec
from genai_prices import types as wire
from genai_prices.data_snapshot import DataSnapshot, find_provider_by_id, get_snapshot

from headgate.core.clock import midnight_ns
from headgate.core.usage import Usage
from headgate.metering import model_names
from headgate.metering.price import FREE, Named, Period, Rates, Scale, Sold, Tariff, covers, tariff_at
from headgate.metering.price_rules import PriceRules

_PROVIDER_OF_DIALECT = {"anthropic": "anthropic", "openai": "openai", "gemini": "google"}
_FREE = frozenset({"ollama"})  # price lists of models that run on a machine of one's own
_KNOWN_MAX = 4096  # distinct names remembered; a client may invent names


class _Known(msgspec.Struct, frozen=True):
    """A model that was found: its periods and where they come from."""

    periods: tuple[Period, ...]
    named: Named


class PriceBook:
    """Answers what a model's tokens cost at a moment. Remembers every name it was asked for. `rules` may be replaced at any time."""

    def __init__(self, snapshot: DataSnapshot, rules: PriceRules, source: str) -> None:
        self.rules = rules
        self._providers = snapshot.providers
        self._source = source
        self._known: dict[tuple[str, str, str], _Known | None] = {}

    @classmethod
    def load(cls, rules: PriceRules | None = None) -> "PriceBook":
        """The bundled price data, under what the configuration states."""
        return cls(get_snapshot(), rules or PriceRules(), f"genai-prices {genai_prices.__version__}")

    def rates(self, sold: Sold, at_ns: int, usage: Usage) -> Rates | None:
        """The rates that one answer is charged by: those that are stated, or else those of the first of its names whose list price covers what was used."""
        stated = self.rules.rates(sold, at_ns)
        if stated is not None:
            return stated
        if sold.price_as in _FREE:
            return FREE
        for model in sold.models:
            known = self._find(sold.dialect, sold.price_as, model)
            listed = tariff_at(known.periods, at_ns).rates(usage.all_input_tokens or 0, known.named) if known is not None else None
            if listed is not None and covers(listed, usage):
                return self.rules.changed(sold, at_ns, listed)
        return None

    def _find(self, provider_dialect: str, price_as: str, model: str) -> _Known | None:
        key = (provider_dialect, price_as, model)
        if key not in self._known:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            self._known[key] = self._look_up(_provider_ids(provider_dialect, price_as, model), model)
        return self._known[key]

    def _look_up(self, provider_ids: Sequence[str], model: str) -> _Known | None:
        for provider_id in provider_ids:
            provider = find_provider_by_id(self._providers, provider_id)
            if provider is None:
                continue
            for name in model_names.candidates(model):
                found = provider.find_model(name, all_providers=self._providers)
                if found is not None:
                    return _Known(_periods(found), Named(provider.id, found.id, self._source))
        return None


def _provider_ids(provider_dialect: str, price_as: str, model: str) -> list[str]:
    """Whose price lists to look in, in order.

    A provider that speaks a family's dialect may serve another maker's model (any gateway does): its maker's list price is the best that is known.
    Databricks sells the makers' models at their list price beside its own.
    """
    by_maker = [maker] if (maker := model_names.maker(model)) else []
    if price_as == "databricks":
        return [price_as, *by_maker]
    if price_as:
        return [price_as]
    own = _PROVIDER_OF_DIALECT.get(provider_dialect)
    hosted = ["databricks"] if model.startswith(("databricks-", "system.ai.")) else []
    return [*([own] if own else []), *by_maker, *hosted]


def _periods(model: wire.ModelInfo) -> tuple[Period, ...]:
    if isinstance(model.prices, wire.ModelPrice):
        return (Period(_tariff(model.prices)),)
    return tuple(_period(conditional) for conditional in model.prices)


def _period(conditional: wire.ConditionalPrice) -> Period:
    constraint, tariff = conditional.constraint, _tariff(conditional.prices)
    if isinstance(constraint, wire.StartDateConstraint):
        return Period(tariff, from_ns=midnight_ns(constraint.start_date))
    if isinstance(constraint, wire.TimeOfDateConstraint):
        return Period(tariff, window_s=(_utc_s(constraint.start_time), _utc_s(constraint.end_time)))
    return Period(tariff)


def _utc_s(time: dt.time) -> int:
    """Seconds of the UTC day; a time without a zone is UTC."""
    offset = time.utcoffset() or dt.timedelta()
    seconds = time.hour * 3600 + time.minute * 60 + time.second - int(offset.total_seconds())
    return seconds % 86_400


def _tariff(price: wire.ModelPrice) -> Tariff:
    write = price.cache_write_mtok
    return Tariff(
        input=_scale(price.input_mtok),
        cache_read=_scale(price.cache_read_mtok),
        cache_write_5m=_scale(write if price.cache_write_5m_mtok is None else price.cache_write_5m_mtok),
        cache_write_1h=_scale(price.cache_write_1h_mtok),
        output=_scale(price.output_mtok),
    )


def _scale(price: Decimal | wire.TieredPrices | None) -> Scale:
    if price is None:
        return ()
    if isinstance(price, wire.TieredPrices):
        return ((0, float(price.base)), *((tier.start, float(tier.price)) for tier in price.tiers))
    return ((0, float(price)),)
