"""Headgate's additions to the price list: prices of tiers and tools that the list lacks. Each is dated and has its source; they come from a data file.

Pure: the caller passes the file's text. An entry is for one price list by its id, and for a model, or a pattern of models, as that list names it.
"""

import datetime as dt
import tomllib
from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from headgate.core.clock import midnight_ns
from headgate.core.model_names import matches


class OverlayEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_date": "from", "price_list": "list"}):
    """One price. With `tier` it has a `factor` on the list's ordinary price; with `use` (a tool's name) what a thousand uses cost.

    `once`: all uses in one answer are charged as one. `seen` is the day on which the source said so.
    """

    price_list: str
    model: str
    source: str
    seen: dt.date
    from_date: dt.date | None = None
    tier: str = ""
    factor: Annotated[float, Meta(gt=0)] | None = None
    use: str = ""
    kcount: Annotated[float, Meta(ge=0)] | None = None
    once: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prices: tuple[OverlayEntry, ...]


class PriceOverlay:
    """Looks entries up. If several match, the last one in the file whose date has come is used."""

    def __init__(self, entries: Sequence[OverlayEntry] = ()) -> None:
        self.entries = tuple(entries)

    def tier(self, price_list: str, model: str, word: str, at_ns: int) -> OverlayEntry | None:
        """How one word of a tier changes a list's price for a model."""
        return self._last((entry for entry in reversed(self.entries) if word and entry.tier == word), price_list, model, at_ns)

    def use(self, price_list: str, model: str, tool: str, at_ns: int) -> OverlayEntry | None:
        """What a tool costs when a model uses it."""
        return self._last((entry for entry in reversed(self.entries) if tool and entry.use == tool), price_list, model, at_ns)

    def _last(self, named: Iterable[OverlayEntry], price_list: str, model: str, at_ns: int) -> OverlayEntry | None:
        for entry in named:
            begun = entry.from_date is None or midnight_ns(entry.from_date) <= at_ns
            if begun and entry.price_list == price_list and matches(entry.model, model):
                return entry
        return None


# Builds what msgspec knows of the type while one thread imports this. Two that build it at the same time, at their first reading, end the process.
msgspec.json.Decoder(_File)


def parse(text: str) -> PriceOverlay:
    """The overlay in a file's text. Raises `ValueError` if the file is wrong, which happens only in a broken installation."""
    try:
        entries = msgspec.convert(tomllib.loads(text), _File).prices
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"the price overlay cannot be read: {error}") from error
    for entry in entries:
        if bool(entry.tier) != (entry.factor is not None) or bool(entry.use) != (entry.kcount is not None) or bool(entry.tier) == bool(entry.use):
            raise ValueError(f"the price overlay's entry for {entry.price_list} {entry.model} needs tier and factor, or use and kcount")
    return PriceOverlay(entries)
