"""The price of an exchange as it was reckoned: each line of its bill with tokens, rate and amount, exact to the last digit. Pure.

It reads what the usage row says and prices nothing itself. The classes and the rates used for missing ones are those of `metering.price`.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

import msgspec

_MILLION, _THOUSAND = Decimal(1_000_000), Decimal(1_000)
_LAST_DIGIT = Decimal(1).scaleb(-12)

# The class, its column, its rates: the first that is known counts.
_CLASSES = (
    ("Fresh input", "fresh_input_tokens", ("input_mtok",)),
    ("Read from a cache", "cache_read_tokens", ("cache_read_mtok", "input_mtok")),
    ("Written to a cache for 5 minutes", "cache_write_5m_tokens", ("cache_write_5m_mtok", "input_mtok")),
    ("Written to a cache for an hour", "cache_write_1h_tokens", ("cache_write_1h_mtok", "cache_write_5m_mtok", "input_mtok")),
    ("Output", "output_tokens", ("output_mtok",)),
)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One multiplication. `per` is a million for tokens, a thousand for uses of a tool. `note` says what a reader may not expect."""

    title: str
    count: int
    rate: Decimal | None
    per: int = 1_000_000
    amount: Decimal | None = None
    note: str = ""


class PricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the bill: its items, their sum, and what the row says that it costs."""

    kind: str
    model: str
    tier: str
    items: tuple[Item, ...]
    source: str = ""
    sum: Decimal | None = None
    charge: Decimal | None = None


class Arithmetic(msgspec.Struct, frozen=True, kw_only=True):
    """The whole bill. `sum` is that of the lines, `charge` what the row says, `adds_up` whether both are the same to the last digit."""

    lines: tuple[PricedLine, ...]
    status: str
    sum: Decimal | None = None
    charge: Decimal | None = None
    list_charge: Decimal | None = None

    @property
    def adds_up(self) -> bool:
        """Whether the lines make the charge; of what was not charged, whether they make the list price."""
        stated = self.list_charge if self.status == "not_charged" else self.charge
        return self.sum is not None and stated is not None and self.sum == stated


def arithmetic(row: Mapping[str, object]) -> Arithmetic:
    """The bill of a usage row whose decimals are text."""
    written = row.get("usage_lines")
    lines = (
        tuple(_line(line) for line in written if isinstance(line, Mapping)) if isinstance(written, Sequence) and not isinstance(written, str) else ()
    )
    return Arithmetic(
        lines=lines,
        status=str(row.get("charge_status") or "none"),
        sum=_total([line.sum for line in lines]),
        charge=_decimal(row.get("charge")),
        list_charge=_decimal(row.get("list_charge")),
    )


def digits(amount: Decimal | None) -> str:
    """An amount with all its digits and no zero behind them, but at least cents."""
    if amount is None:
        return "–"
    text = f"{amount:f}"
    whole, _, part = text.partition(".")
    return f"${whole}.{part.rstrip('0').ljust(2, '0')}"


def rate_text(rate: Decimal | None) -> str:
    """A rate with its digits: `3`, `0.3`."""
    return "–" if rate is None else f"{rate.normalize():f}"


def _line(line: Mapping[str, object]) -> PricedLine:
    found = line.get("rates")
    rates = found if isinstance(found, Mapping) else {}
    charge = _decimal(line.get("charge"))
    items = (*_tokens(line, rates), *_uses(line, rates, charge))
    return PricedLine(
        kind=str(line.get("kind") or ""),
        model=str(line.get("model") or ""),
        tier=str(line.get("tier") or ""),
        items=items,
        source=str(rates.get("source") or ""),
        sum=_total([item.amount for item in items]),
        charge=charge,
    )


def _tokens(line: Mapping[str, object], rates: Mapping[str, object]) -> Iterator[Item]:
    for title, column, names in _CLASSES:
        count = line.get(column)
        if not isinstance(count, int) or not count:
            continue
        name = next((name for name in names if rates.get(name) is not None), "")
        rate = _rate(rates.get(name)) if name else None
        note = "No rate of its own: the rate of the more general class counts." if name and name != names[0] else ""
        reasoning = line.get("reasoning_tokens")
        if column == "output_tokens" and isinstance(reasoning, int) and reasoning:
            note = f"{reasoning:,} of these are reasoning."
        yield Item(title=title, count=count, rate=rate, amount=None if rate is None else count * rate / _MILLION, note=note)


def _uses(line: Mapping[str, object], rates: Mapping[str, object], charge: Decimal | None) -> Iterator[Item]:
    uses = line.get("uses")
    if not isinstance(uses, int) or not uses:
        return
    rate, note = _rate(rates.get("use_kcount")), ""
    amount = None if rate is None else uses * rate / _THOUSAND
    if rate is not None and charge is not None and uses > 1 and charge == (rate / _THOUSAND).quantize(_LAST_DIGIT):
        amount, note = rate / _THOUSAND, "All uses in one answer are charged as one."
    yield Item(title="Uses", count=uses, rate=rate, per=1_000, amount=amount, note=note)


def _total(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """The sum to the last digit that a row has; `None` if one is not known, or there is none."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)).quantize(_LAST_DIGIT) if known and len(known) == len(amounts) else None


def _rate(value: object) -> Decimal | None:
    """A rate with exactly the digits that it was written with: `repr` returns them."""
    return Decimal(repr(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
