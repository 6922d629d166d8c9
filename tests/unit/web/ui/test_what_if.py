"""The use of models by the rates of another one."""

from decimal import Decimal

from headgate.metering.price import Rates
from headgate.web.ui.what_if import repriced, summed

RATES = Rates(
    input_mtok=1.0, cache_read_mtok=0.1, cache_write_5m_mtok=1.25, cache_write_1h_mtok=2.0, output_mtok=5.0, provider="p", model="m", source="list"
)
USED = {"requests": 3, "spend": "10.5", "uses": "0.02", "fresh": 1_000_000, "read": 3, "write_5m": 0, "write_1h": None, "output": 200_000}


def test_exact():
    """Every class by its own rate, to the last digit; tools cost what they cost."""
    (line,) = repriced([{"model": "a", **USED}], RATES)
    assert (line.model, line.requests, line.tokens, line.spent) == ("a", 3, 1_200_003, Decimal("10.5"))
    assert line.instead == Decimal("2.0200003")
    assert line.difference == Decimal("-8.4799997")


def test_without_a_price():
    """A class that was used and has no rate leaves the line, and the sum, without one."""
    lines = repriced([{"model": "a", **USED}, {"model": "b", **USED, "output": 0}], Rates(1.0, 0.1, None, None, None, "p", "m", "list"))
    assert [line.instead for line in lines] == [None, Decimal("1.0200003")]
    total = summed(lines)
    assert (total.requests, total.spent, total.instead, total.difference) == (6, Decimal("21.0"), None, None)
    assert summed([]) is None
