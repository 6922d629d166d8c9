"""The price book: dated prices of the installed `genai-prices` package, additions from Headgate's own overlay, and prices from the configuration.

A tier that none of them knows has no price: it is never charged at the standard price. Importing this module loads pydantic, and `PriceBook.load` reads
about 2,000 models (a second, tens of megabytes), so only processes that write rows should use it, not the one that serves requests.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import genai_prices
import msgspec
from genai_prices import types as wire
from genai_prices.data_snapshot import DataSnapshot, find_provider_by_id, get_snapshot

from headgate.core.clock import midnight_ns
from headgate.core.usage import Counts
from headgate.metering import price_list_names
from headgate.metering.price import FREE, MODALITIES, Period, Rates, Sold, Steps, changed, covers, rates_at, step_of
from headgate.metering.price_overlay import PriceOverlay
from headgate.metering.price_rules import PriceRules

_PROVIDER_OF_DIALECT = {
    "anthropic": "anthropic",
    "openai": "openai",
    "openai_chat": "openai",
    "openai_responses": "openai",
    "gemini": "google",
}
_FREE = frozenset({"ollama"})  # price lists of models that run on the user's own machine
_KNOWN_MAX = 4096  # distinct names remembered; a client may invent names
# How the package names the tools that Headgate counts, and the package's names for the kinds of tiers.
_TOOLS = {"web_search": "web_searches", "x_search": "social_searches", "file_search": "storage_searches", "code_execution": "code_executions"}
_CONTEXTS = ("service_tier", "speed", "processing")


_Price = Decimal | wire.TieredPrices | None


class _Known(msgspec.Struct, frozen=True):
    """A model in a price list: the list's id, its rates by period, and the package's own entry for tiers and tools, which are looked up less often."""

    provider: str
    periods: tuple[Period, ...]
    model: wire.ModelInfo


class PriceBook:
    """Finds what a model's tokens cost at a moment. Remembers the names that it has looked up. `rules` may be replaced at any time."""

    def __init__(self, snapshot: DataSnapshot, rules: PriceRules, source: str, overlay: PriceOverlay | None = None) -> None:
        self.rules = rules
        self._overlay = overlay or PriceOverlay()
        self._providers = snapshot.providers
        self._source = source
        self._known: dict[tuple[str, str, str], _Known | None] = {}

    @classmethod
    def load(cls, rules: PriceRules | None = None, overlay: PriceOverlay | None = None) -> "PriceBook":
        """The bundled price data with the overlay; prices from the configuration override both."""
        return cls(get_snapshot(), rules or PriceRules(), f"genai-prices {genai_prices.__version__}", overlay)

    def rates(self, sold: Sold, at_ns: int, usage: Counts) -> Rates | None:
        """The rates for one sale: configured ones, else the list price of the first of its names that covers every class that was used."""
        if sold.part and sold.part not in MODALITIES:
            return self._use_rates(sold, at_ns)
        stated = self.rules.rates(sold, at_ns)
        if stated is not None:
            return stated
        if sold.price_as in _FREE:
            return FREE
        for model in sold.models:
            known = self._find(sold.dialect, sold.price_as, model)
            listed = self._listed(known, sold, at_ns, usage) if known is not None else None
            if listed is not None and covers(listed, usage):
                return self.rules.changed(sold, at_ns, listed)
        return None

    def _listed(self, known: _Known, sold: Sold, at_ns: int, usage: Counts) -> Rates | None:
        """The list price of a model for the tier that served it and the kind of tokens."""
        size = usage.all_input_tokens or 0
        if not sold.tier and not sold.part:
            return rates_at(known.periods, at_ns, size)
        moment = dt.datetime.fromtimestamp(at_ns / 1e9, tz=dt.UTC)
        context, words = _context(known.model, sold.tier, moment)
        rates = step_of(_steps(known.model.get_prices(moment, context), self._unpriced(known.provider, known.model), sold.part), size)
        for word in words:
            entry = self._overlay.tier(known.provider, known.model.id, word, at_ns)
            if entry is None or entry.factor is None:
                return None
            rates = changed(rates, entry.factor, f" ({entry.source})")
        return rates

    def _use_rates(self, sold: Sold, at_ns: int) -> Rates | None:
        """What uses of a tool cost: configured, else the list price for the first of the model's names, else the overlay's price for that list."""
        stated = self.rules.use_rates(sold, at_ns)
        if stated is not None:
            return stated
        if sold.price_as in _FREE:
            return FREE
        for model in sold.models:
            known = self._find(sold.dialect, sold.price_as, model)
            named = [(known.provider, known.model.id)] if known is not None else []
            for provider, name in named or [(each, model) for each in _provider_ids(sold.dialect, sold.price_as, model)]:
                entry = self._overlay.use(provider, name, sold.part, at_ns)
                price = _use_kcount(known.model, sold.part, at_ns) if known is not None else None
                source = self._source
                if price is None and entry is not None:
                    price, source = entry.kcount, entry.source
                if price is not None:
                    once = entry is not None and entry.once
                    return self.rules.changed(sold, at_ns, Rates(None, None, None, None, None, provider, name, source, price, once))
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
            for name in price_list_names.candidates(model):
                found = provider.find_model(name, all_providers=self._providers)
                if found is not None:
                    return _Known(provider.id, _periods(found, self._unpriced(provider.id, found)), found)
        return None

    def _unpriced(self, provider: str, model: wire.ModelInfo) -> Rates:
        """Rates that name the price list and the model, without a price yet."""
        return Rates(None, None, None, None, None, provider, model.id, self._source)


def _provider_ids(provider_dialect: str, price_as: str, model: str) -> list[str]:
    """The price lists to search, in order.

    A provider that speaks a dialect may serve another maker's model, as gateways do: the maker's list price is the best estimate.
    Databricks sells the makers' models at their list price, in addition to its own models.
    """
    by_maker = [maker] if (maker := price_list_names.maker(model)) else []
    if price_as == "databricks":
        return [price_as, *by_maker]
    if price_as:
        return [price_as]
    own = _PROVIDER_OF_DIALECT.get(provider_dialect)
    hosted = ["databricks"] if model.startswith(("databricks-", "system.ai.")) else []
    return [*([own] if own else []), *by_maker, *hosted]


def _periods(model: wire.ModelInfo, unpriced: Rates) -> tuple[Period, ...]:
    if isinstance(model.prices, wire.ModelPrice):
        return (Period(_steps(model.prices, unpriced)),)
    return tuple(_period(conditional, unpriced) for conditional in model.prices)


def _period(conditional: wire.ConditionalPrice, unpriced: Rates) -> Period:
    constraint, steps = conditional.constraint, _steps(conditional.prices, unpriced)
    if isinstance(constraint, wire.StartDateConstraint):
        return Period(steps, from_ns=midnight_ns(constraint.start_date))
    if isinstance(constraint, wire.TimeOfDateConstraint):
        return Period(steps, window_s=(_utc_s(constraint.start_time), _utc_s(constraint.end_time)))
    return Period(steps)


def _utc_s(time: dt.time) -> int:
    """Seconds of the UTC day; a time without a zone is UTC."""
    offset = time.utcoffset() or dt.timedelta()
    seconds = time.hour * 3600 + time.minute * 60 + time.second - int(offset.total_seconds())
    return seconds % 86_400


def _context(model: wire.ModelInfo, tier: str, moment: dt.datetime) -> tuple[dict[str, str] | None, list[str]]:
    """The context with which to ask the package for a tier, and those words of the tier that the package does not know for this model."""
    words = tier.split("+") if tier else []
    for variant in model.price_variants or ():
        if variant.constraint is not None and not variant.constraint.active(moment):
            continue
        for word in words:
            for name in _CONTEXTS:
                if variant.when == {name: word}:
                    return {name: word}, [other for other in words if other != word]
    return None, words


def _use_kcount(model: wire.ModelInfo, tool: str, at_ns: int) -> float | None:
    price = getattr(model.get_prices(dt.datetime.fromtimestamp(at_ns / 1e9, tz=dt.UTC)), f"{_TOOLS.get(tool, tool)}_kcount", None)
    return float(price) if isinstance(price, Decimal) else None


def _steps(price: wire.ModelPrice, unpriced: Rates, modality: str = "") -> Steps:
    """The rates of a price, by size of the input. Sound, pictures and films have rates of their own where the price names them."""

    def of(plain: str, own: str) -> _Price:
        special: _Price = getattr(price, own, None) if modality else None
        general: _Price = getattr(price, plain)
        return general if special is None else special

    classes = {
        "input_mtok": of("input_mtok", f"input_{modality}_mtok"),
        "cache_read_mtok": of("cache_read_mtok", f"cache_{modality}_read_mtok"),
        "cache_write_5m_mtok": price.cache_write_mtok if price.cache_write_5m_mtok is None else price.cache_write_5m_mtok,
        "cache_write_1h_mtok": price.cache_write_1h_mtok,
        "output_mtok": of("output_mtok", f"output_{modality}_mtok"),
    }
    sizes = sorted({0, *(tier.start for each in classes.values() if isinstance(each, wire.TieredPrices) for tier in each.tiers)})
    return tuple((size, msgspec.structs.replace(unpriced, **{name: _rate(each, size) for name, each in classes.items()})) for size in sizes)


def _rate(price: _Price, size: int) -> float | None:
    """The rate just above a size of input."""
    if isinstance(price, wire.TieredPrices):
        return float(([price.base] + [tier.price for tier in price.tiers if tier.start <= size])[-1])
    return None if price is None else float(price)
