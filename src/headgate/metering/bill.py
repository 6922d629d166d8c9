"""The bill of an exchange that has ended: its lines and what each costs. If one line has no price, the sum has none.

Most answers have one line. That line is not built here: the usage row's own columns already say it.
"""

from decimal import Decimal
from typing import NamedTuple

import msgspec

from headgate.core.record import PAID_BY_DEMO, Outcome
from headgate.core.usage import Counts, Usage, UsageLine, total
from headgate.metering.price import MODALITIES, Rates, RatesOf, Sold, charge, sold, use_charge

ANSWER = "answer"
CHARGE_DIGIT = Decimal(1).scaleb(-12)
CHARGE_MAX = Decimal(10**6) - CHARGE_DIGIT


class BillLine(NamedTuple):
    """One line with its cost. `model` is the model whose price was used, or the model that did the work."""

    line: UsageLine
    model: str
    charge: Decimal | None = None
    rates: Rates | None = None


class Bill(NamedTuple):
    """The cost of an exchange. `status`: priced, unpriced (a line has no price), not_charged (the requester's own account paid), demo (what a real provider
    would have charged) or none (nothing was used).

    `rates` are those of the answer's own line. `lines` is empty if there is no other line. `list_charge` is what was not charged, where it has a price.
    """

    status: str
    charge: Decimal | None = None
    rates: Rates | None = None
    lines: tuple[BillLine, ...] = ()
    list_charge: Decimal | None = None


def bill(outcome: Outcome, rates_of: RatesOf) -> Bill:
    """The bill of an outcome."""
    priced = _priced(outcome, rates_of)
    paid_by = outcome.intent.paid_by
    if paid_by == PAID_BY_DEMO:
        return priced._replace(status="demo") if priced.status == "priced" else priced
    return _not_charged(priced) if paid_by and priced.status != "none" else priced


def _not_charged(priced: Bill) -> Bill:
    """The bill of an exchange that the requester's own account paid: nothing is charged, the price is only stated."""
    nothing = Decimal(0).quantize(CHARGE_DIGIT)
    lines = tuple(line._replace(charge=nothing) for line in priced.lines)
    return Bill("not_charged", nothing, priced.rates, lines, priced.charge)


def _priced(outcome: Outcome, rates_of: RatesOf) -> Bill:
    usage = outcome.usage
    if usage is None or (not usage.beside and usage.all_input_tokens is None and usage.output_tokens is None):
        return Bill("none")
    sale, at_ns = sold(outcome), outcome.intent.started_at_ns
    if usage.beside:
        return _itemised(usage, sale, at_ns, rates_of)
    rates = rates_of(sale, at_ns, usage)
    amount = _amount(charge(rates, usage))
    return Bill("unpriced") if amount is None else Bill("priced", amount, rates)


def _itemised(usage: Usage, sale: Sold, at_ns: int, rates_of: RatesOf) -> Bill:
    """A bill of several lines. Audio and image tokens count towards the size of the request; they join the answer's own line if they have the same price."""
    parts = [line for line in usage.beside if line.kind in MODALITIES]
    request = total((usage, *parts))
    rates = rates_of(sale, at_ns, request)
    own: Counts = usage
    lines: list[BillLine] = []
    for line in usage.beside:
        if line.kind in MODALITIES:
            apart = rates_of(msgspec.structs.replace(sale, part=line.kind), at_ns, request)
            if apart == rates:
                own = total((own, line))
            else:
                lines.append(BillLine(msgspec.structs.replace(line, tier=sale.tier), _model(sale), _amount(charge(apart, line)), apart))
        elif line.uses is None:
            lines.append(_sampling(line, sale, at_ns, rates_of))
        elif line.uses:
            used = rates_of(msgspec.structs.replace(sale, tier="", part=line.kind), at_ns, usage)
            lines.append(BillLine(line, _model(sale), _amount(use_charge(used, line.uses)), used))
    if own.all_input_tokens is not None or own.output_tokens is not None:
        answer = UsageLine(kind=ANSWER, tier=sale.tier, **{name: getattr(own, name) for name in Counts.__struct_fields__})
        lines.insert(0, BillLine(answer, _model(sale), _amount(charge(rates, own)), rates))
    return _summed(lines)


def _sampling(line: UsageLine, sale: Sold, at_ns: int, rates_of: RatesOf) -> BillLine:
    """The line of a separate request, possibly to another model."""
    other = msgspec.structs.replace(sale, models=(line.model,) if line.model else sale.models, tier=line.tier)
    if line.kind == "image_generation":
        other = msgspec.structs.replace(other, models=())  # the provider does not name the image model
    rates = rates_of(other, at_ns, line) if other.models else None
    return BillLine(line, _model(other), _amount(charge(rates, line)), rates)


def _summed(lines: list[BillLine]) -> Bill:
    if not lines:
        return Bill("none")
    unpriced = any(line.charge is None for line in lines)
    whole = None if unpriced else _amount(sum((line.charge for line in lines if line.charge is not None), Decimal(0)))
    rates = lines[0].rates if lines[0].line.kind == ANSWER else None
    plain = len(lines) == 1 and lines[0].line.kind == ANSWER
    if whole is None:
        return Bill("unpriced", None, None, () if plain else tuple(lines))
    return Bill("priced", whole, rates, () if plain else tuple(lines))


def _model(sale: Sold) -> str:
    return sale.models[0] if sale.models else ""


def _amount(exact: Decimal | None) -> Decimal | None:
    return None if exact is None or exact > CHARGE_MAX else exact.quantize(CHARGE_DIGIT)
