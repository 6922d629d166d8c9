"""The price book: dated prices of the installed `genai-prices` package, what our own overlay adds to them, and what the configuration states instead.

A tier that neither knows has no price: it is never charged as the ordinary one. Importing this module loads pydantic, and `PriceBook.load` some 2,000
models (about a second, tens of megabytes), so it belongs where rows are written, not where requests are served.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

import genai_prices
import msgspec
from genai_prices import types as wire
from genai_prices.data_snapshot import DataSnapshot, find_provider_by_id, get_snapshot

from headgate.core.clock import midnight_ns
from headgate.core.usage import Counts
from headgate.metering import price_list_names
from headgate.metering.price import FREE, MODALITIES, Named, Period, Rates, Scale, Sold, Tariff, changed, covers, tariff_at
from headgate.metering.price_overlay import PriceOverlay
from headgate.metering.price_rules import PriceRules

_PROVIDER_OF_DIALECT = {
    "anthropic": "anthropic",
    "openai": "openai",
    "openai_chat": "openai",
    "openai_responses": "openai",
    "gemini": "google",
}
_FREE = frozenset({"ollama"})  # price lists of models that run on a machine of one's own
_KNOWN_MAX = 4096  # distinct names remembered; a client may invent names
# How the package names a tool that we count, and how it names what a tier's word answers to.
_TOOLS = {"web_search": "web_searches", "x_search": "social_searches", "file_search": "storage_searches", "code_execution": "code_executions"}
_CONTEXTS = ("service_tier", "speed", "processing")


class _Known(msgspec.Struct, frozen=True):
    """A model that was found: its periods, where they come from, and the package's own entry, for what is asked seldom."""

    periods: tuple[Period, ...]
    named: Named
    model: wire.ModelInfo
    steps: tuple[int, ...]  # the sizes of input above which any of its rates changes
    made: dict[tuple[int, int], Rates] = {}  # by tariff, which lives as long as this, and by how many of the steps the input exceeds

    def rates(self, at_ns: int, input_tokens: int) -> Rates:
        """The rates of the ordinary tier; for all rows that have the same they are made once."""
        tariff = tariff_at(self.periods, at_ns)
        key = (id(tariff), bisect_left(self.steps, input_tokens))
        rates = self.made.get(key)
        if rates is None:
            rates = self.made[key] = tariff.rates(input_tokens, self.named)
        return rates


class PriceBook:
    """Answers what a model's tokens cost at a moment. Remembers every name it was asked for. `rules` may be replaced at any time."""

    def __init__(self, snapshot: DataSnapshot, rules: PriceRules, source: str, overlay: PriceOverlay | None = None) -> None:
        self.rules = rules
        self._overlay = overlay or PriceOverlay()
        self._providers = snapshot.providers
        self._source = source
        self._known: dict[tuple[str, str, str], _Known | None] = {}

    @classmethod
    def load(cls, rules: PriceRules | None = None, overlay: PriceOverlay | None = None) -> "PriceBook":
        """The bundled price data with our overlay, under what the configuration states."""
        return cls(get_snapshot(), rules or PriceRules(), f"genai-prices {genai_prices.__version__}", overlay)

    def rates(self, sold: Sold, at_ns: int, usage: Counts) -> Rates | None:
        """The rates that one sale is charged by: those that are stated, or else those of the first of its names whose list price covers what was used."""
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
        """The list price of a model, as it was served and of the kind of tokens that is asked for."""
        size = usage.all_input_tokens or 0
        if not sold.tier and not sold.part:
            return known.rates(at_ns, size)
        moment = dt.datetime.fromtimestamp(at_ns / 1e9, tz=dt.UTC)
        context, words = _context(known.model, sold.tier, moment)
        rates = _tariff(known.model.get_prices(moment, context), sold.part).rates(size, known.named)
        for word in words:
            entry = self._overlay.tier(known.named.provider, known.named.model, word, at_ns)
            if entry is None or entry.factor is None:
                return None
            rates = changed(rates, entry.factor, f" ({entry.source})")
        return rates

    def _use_rates(self, sold: Sold, at_ns: int) -> Rates | None:
        """What uses of a tool cost: as stated, or as the list of the first of the model's names says, or else as our overlay says of that list."""
        stated = self.rules.use_rates(sold, at_ns)
        if stated is not None:
            return stated
        if sold.price_as in _FREE:
            return FREE
        for model in sold.models:
            known = self._find(sold.dialect, sold.price_as, model)
            named = [(known.named.provider, known.named.model)] if known is not None else []
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
                    periods = _periods(found)
                    return _Known(periods, Named(provider.id, found.id, self._source), found, _steps(periods))
        return None


def _provider_ids(provider_dialect: str, price_as: str, model: str) -> list[str]:
    """Whose price lists to look in, in order.

    A provider that speaks a family's dialect may serve another maker's model (any gateway does): its maker's list price is the best that is known.
    Databricks sells the makers' models at their list price beside its own.
    """
    by_maker = [maker] if (maker := price_list_names.maker(model)) else []
    if price_as == "databricks":
        return [price_as, *by_maker]
    if price_as:
        return [price_as]
    own = _PROVIDER_OF_DIALECT.get(provider_dialect)
    hosted = ["databricks"] if model.startswith(("databricks-", "system.ai.")) else []
    return [*([own] if own else []), *by_maker, *hosted]


def _steps(periods: Sequence[Period]) -> tuple[int, ...]:
    tariffs = [period.tariff for period in periods]
    scales = [scale for each in tariffs for scale in (each.input, each.cache_read, each.cache_write_5m, each.cache_write_1h, each.output)]
    return tuple(sorted({above for scale in scales for above, _ in scale[1:]}))


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


def _context(model: wire.ModelInfo, tier: str, moment: dt.datetime) -> tuple[dict[str, str] | None, list[str]]:
    """What the package has to be asked with for a tier, and the tier's words that it does not know of this model."""
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


def _tariff(price: wire.ModelPrice, modality: str = "") -> Tariff:
    """The scales of a price; of sound, pictures or films those that they have of their own."""
    write = price.cache_write_mtok
    plain = Tariff(
        input=_scale(price.input_mtok),
        cache_read=_scale(price.cache_read_mtok),
        cache_write_5m=_scale(write if price.cache_write_5m_mtok is None else price.cache_write_5m_mtok),
        cache_write_1h=_scale(price.cache_write_1h_mtok),
        output=_scale(price.output_mtok),
    )
    if not modality:
        return plain
    return msgspec.structs.replace(
        plain,
        input=_scale(getattr(price, f"input_{modality}_mtok", None)) or plain.input,
        cache_read=_scale(getattr(price, f"cache_{modality}_read_mtok", None)) or plain.cache_read,
        output=_scale(getattr(price, f"output_{modality}_mtok", None)) or plain.output,
    )


def _scale(price: Decimal | wire.TieredPrices | None) -> Scale:
    if price is None:
        return ()
    if isinstance(price, wire.TieredPrices):
        return ((0, float(price.base)), *((tier.start, float(tier.price)) for tier in price.tiers))
    return ((0, float(price)),)
