"""Compiles the prices of the file into the rules that price rows. Checks what spans several keys of one price."""

import datetime as dt
from collections.abc import Iterable, Sequence

from headgate.config.entries import WrittenPrice
from headgate.config.problems import Path, Problems, nearest
from headgate.config.schema import Settings
from headgate.core.clock import midnight_ns
from headgate.core.endpoint import DEMO_SCHEME
from headgate.core.model_names import is_pattern
from headgate.core.price_rule import PriceRule

_OPTIONAL = ("cache_read_mtok", "cache_write_5m_mtok", "cache_write_1h_mtok")
_NEEDED = ("input_mtok", "output_mtok")


def compile_prices(settings: Settings, providers: Iterable[str], problems: Problems) -> tuple[PriceRule, ...]:
    """The rules, in the file's order; the demo beside real providers is free. `providers` are the names of all configured and found providers."""
    known = sorted({*providers, *(entry.name for entry in settings.providers)})
    rules: list[PriceRule] = []
    places: dict[tuple[str, str, dt.date | None, str, str], int] = {}
    for index, entry in enumerate(settings.prices):
        path: Path = ("prices", index)
        _check(entry, path, known, problems)
        for stated in _stated(entry):
            key = (entry.provider, entry.model, entry.from_date, entry.tier, stated)
            if key in places:
                problems.add(path, f"states what prices[{places[key]}] states already: the same model, provider and date")
                break
            places[key] = index
        rules.append(_rule(entry))
    free = (PriceRule(provider=entry.name, input_mtok=0.0, output_mtok=0.0) for entry in settings.providers if entry.base_url == DEMO_SCHEME)
    return (*rules, *free)


def _stated(entry: WrittenPrice) -> list[str]:
    """The things that an entry prices: tokens, by a factor or by rates, and each tool."""
    tokens = ["factor"] if entry.factor is not None else ["rates"] if entry.input_mtok is not None or not entry.uses_kcount else []
    return [*tokens, *sorted(entry.uses_kcount)]


def _check(entry: WrittenPrice, path: Path, known: Sequence[str], problems: Problems) -> None:
    if not is_pattern(entry.model):
        problems.add((*path, "model"), f"{entry.model!r} is no model name and no pattern of one: letters, digits and . _ : / @ - * only, at most 128")
    if entry.provider and entry.provider not in known:
        problems.add((*path, "provider"), f"no provider is named {entry.provider!r}{nearest(entry.provider, known)}")
    stated = [key for key in (*_NEEDED, *_OPTIONAL) if getattr(entry, key) is not None]
    if entry.factor is not None and stated:
        problems.add(
            (*path, "factor"), f"a price is a factor on the list price or rates of its own, not both: leave out factor or {', '.join(stated)}"
        )
    if entry.factor is not None and entry.uses_kcount:
        problems.add((*path, "factor"), "a factor changes the list price of tools too: state uses_kcount in an entry of its own")
    for name, text in (("tier", entry.tier.replace("+", "")), *(("uses_kcount", tool) for tool in entry.uses_kcount)):
        if text and not is_pattern(text):
            problems.add((*path, name), f"{text!r} is no name: letters, digits and . _ : / @ - only, at most 128")
    missing = [key for key in _NEEDED if getattr(entry, key) is None]
    if entry.factor is None and missing and (stated or not entry.uses_kcount):
        problems.add(path, f"a price needs {' and '.join(_NEEDED)}, or a factor on the list price; {' and '.join(missing)} missing")


def _rule(entry: WrittenPrice) -> PriceRule:
    begins = 0 if entry.from_date is None else midnight_ns(entry.from_date)
    return PriceRule(
        model=entry.model,
        provider=entry.provider,
        from_ns=begins,
        factor=entry.factor,
        input_mtok=entry.input_mtok,
        cache_read_mtok=entry.cache_read_mtok,
        cache_write_5m_mtok=entry.cache_write_5m_mtok,
        cache_write_1h_mtok=entry.cache_write_1h_mtok,
        output_mtok=entry.output_mtok,
        tier=entry.tier,
        uses_kcount=entry.uses_kcount,
    )
