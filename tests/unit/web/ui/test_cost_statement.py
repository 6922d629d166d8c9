"""Statements: lines in cents that add up to the total, and rows by user or by model."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.web.ui.cost_statement import CostStatements, cents, statement_lines, whole_cents

AMOUNTS = st.lists(st.integers(0, 10**15).map(lambda digits: Decimal(digits).scaleb(-12)), min_size=1, max_size=30)


@given(AMOUNTS)
def test_cents_add_up(amounts):
    """To those of the total, and none is off by a cent or more."""
    total = cents(sum(amounts, Decimal(0)))
    found = whole_cents(amounts, total)
    assert sum(found) == total
    assert all(abs(share - amount) < Decimal("0.01") for share, amount in zip(found, amounts, strict=True))
    assert all(share == share.quantize(Decimal("0.01")) for share in found)


def test_the_largest_remainder_is_rounded_up():
    """Three thirds of a dollar: one of them has the cent more, the first of equal ones."""
    third = Decimal("0.333333333333")
    assert whole_cents([third, third, third + Decimal("0.000000000001")], Decimal(1)) == [Decimal("0.33"), Decimal("0.33"), Decimal("0.34")]
    assert whole_cents([Decimal("0.005"), Decimal("0.005")], Decimal("0.01")) == [Decimal("0.01"), Decimal("0.00")]


def test_lines():
    """By a name, the dearest first; what is not reported counts as nothing."""
    tokens = {"fresh_input_tokens": 5, "cache_read_tokens": None, "cache_write_tokens": 0, "output_tokens": 2}
    rows = [
        {"user": "ben", "model": "a", "requests": 1, "charge": "0.005000000000", **tokens},
        {"user": "ada", "model": "a", "requests": 2, "charge": "1.004000000000", **tokens},
        {"user": "ben", "model": None, "requests": 4, "charge": "0", **tokens},
    ]
    total = Decimal("1.009")
    by_user = statement_lines(rows, "user", total)
    assert [(line.name, line.requests, line.tokens, line.cents) for line in by_user] == [
        ("ada", 2, (5, 0, 0, 2), Decimal("1.00")),
        ("ben", 5, (10, 0, 0, 4), Decimal("0.01")),
    ]
    assert [line.name for line in statement_lines(rows, "model", total)] == ["a", "unknown"]


@pytest.mark.parametrize(
    ("days", "month", "told"), [(0, "2026-08", ""), (62, "2026-10", ""), (62, "2026-09", "2026-09-14"), (62, "2026-08", "2026-09-14")]
)
async def test_a_month_whose_rows_are_deleted_in_part_says_so(days, month, told):
    """A statement that is not whole is never taken for one."""
    clock = SimpleNamespace(wall_ns=lambda: int(dt.datetime(2026, 11, 15, tzinfo=dt.UTC).timestamp()) * 1_000_000_000)
    framed = SimpleNamespace(query={"month": month}, principal=None, framed=lambda *_names, **values: values)

    async def rows(*_given):
        return SimpleNamespace(records=list)

    statements = CostStatements(SimpleNamespace(clock=clock), SimpleNamespace(rows=rows), list, list, list, lambda: days)
    assert (await statements.shown(framed))["deleted_before"] == told
