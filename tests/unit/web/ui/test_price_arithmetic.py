"""The arithmetic of a row's price: it comes from the row alone and adds up to the row's charge, to the last digit."""

from decimal import Decimal

import pytest

from headgate.web.ui.price_arithmetic import arithmetic, digits, rate_text
from tests.fakes.ledger_views import Ledger, exchange


def rows(*exchanges):
    """The usage rows of these exchanges as a page is given them: decimals are text."""
    found = Ledger(exchanges).ask("SELECT * FROM system.ai_gateway.usage ORDER BY request_id").to_pylist(maps_as_pydicts="lossy")
    for row in found:
        row["charge"], row["list_charge"] = (None if row[name] is None else f"{row[name]:f}" for name in ("charge", "list_charge"))
        row["usage_lines"] = [line | {"charge": None if line["charge"] is None else f"{line['charge']:f}"} for line in row["usage_lines"] or []]
    return found


@pytest.mark.parametrize(
    "tokens",
    [(10, 0, 0, 50), (123_457, 987_653, 31, 7), (1, 1, 1, 1), (0, 333_333, 0, 0)],
    ids=["plain", "large", "one of each", "cache alone"],
)
def test_the_classes_make_the_charge(tokens):
    """Tokens by rate, class by class, are the row's charge, with every digit that it has."""
    [row] = rows(exchange("a", tokens=tokens))
    bill = arithmetic(row)
    [line] = bill.lines
    assert bill.adds_up
    assert bill.sum == Decimal(row["charge"])
    assert sum(item.count for item in line.items) == sum(tokens)
    assert all(item.amount == item.count * item.rate / item.per for item in line.items)


def test_lines_of_tools_and_of_other_models_are_charged_apart():
    """Searches by their number, an adviser at its own model's rates; together they are the charge."""
    answer = {
        "kind": "answer",
        "fresh_input_tokens": 10,
        "output_tokens": 20,
        "reasoning_tokens": 5,
        "rates": {"input_mtok": 3.0, "output_mtok": 15.0},
    }
    search = {"kind": "web_search", "uses": 3, "rates": {"use_kcount": 10.0}}
    adviser = {"kind": "advisor_message", "model": "small", "output_tokens": 77, "rates": {"input_mtok": 0.1, "output_mtok": 0.7}}
    bill = arithmetic({"usage_lines": [answer, search, adviser], "charge": "0.030383900000", "charge_status": "priced"})
    assert [(line.kind, line.sum) for line in bill.lines] == [
        ("answer", Decimal("0.00033")),
        ("web_search", Decimal("0.03")),
        ("advisor_message", Decimal("0.0000539")),
    ]
    assert bill.adds_up
    assert [(item.title, item.count, item.per) for item in bill.lines[1].items] == [("Uses", 3, 1000)]
    assert bill.lines[0].items[-1].note == "5 of these are reasoning."


def test_what_has_no_price_has_no_sum():
    """An unknown model: the classes are there without rates, and nothing is taken for 0."""
    [row] = rows(exchange("a", model_sent="no-such-model"))
    bill = arithmetic(row)
    assert (bill.status, bill.charge, bill.sum, bill.adds_up) == ("unpriced", None, None, False)
    assert [item.rate for line in bill.lines for item in line.items] == [None, None]


def test_what_the_requester_paid_adds_up_to_the_list_price():
    """The charge is 0, and the sum is what it would have cost."""
    [row] = rows(exchange("a", paid_by="requester"))
    bill = arithmetic(row)
    assert (bill.status, bill.charge, bill.adds_up) == ("not_charged", Decimal(0), True)
    assert bill.sum == Decimal(row["list_charge"])


def test_a_class_without_a_rate_of_its_own_is_charged_as_the_more_general_one():
    """A one-hour write by the rate of a five-minute write, and it says so."""
    rates = {"input_mtok": 3.0, "cache_write_5m_mtok": 3.75, "cache_write_1h_mtok": None}
    line = {"kind": "answer", "cache_write_1h_tokens": 8, "rates": rates, "charge": "0.000030000000"}
    [item] = arithmetic({"usage_lines": [line], "charge": "0.000030000000", "charge_status": "priced"}).lines[0].items
    assert (item.amount, "more general" in item.note) == (Decimal("0.00003"), True)


def test_all_uses_of_one_answer_that_are_charged_as_one():
    """The row's own charge says so."""
    line = {"kind": "web_search", "uses": 4, "rates": {"use_kcount": 35.0}, "charge": "0.035000000000"}
    bill = arithmetic({"usage_lines": [line], "charge": "0.035000000000", "charge_status": "priced"})
    assert bill.adds_up
    assert bill.lines[0].items[0].note == "All uses in one answer are charged as one."


@pytest.mark.parametrize("row", [{}, {"usage_lines": None}, {"usage_lines": "odd", "charge": "x"}, {"usage_lines": [None, {}]}])
def test_a_row_without_a_bill_has_none(row):
    """Odd values raise nothing."""
    assert arithmetic(row).sum is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0.000677000000", "$0.000677"), ("1.500000000000", "$1.50"), ("12", "$12.00"), ("0.000000000001", "$0.000000000001"), ("0", "$0.00")],
)
def test_amounts_are_shown_with_every_digit(amount, text):
    """Nothing is rounded; zeros at the end are left out, cents are not."""
    assert digits(Decimal(amount)) == text


def test_what_is_not_known_is_a_dash():
    """Amounts and rates alike."""
    assert (digits(None), rate_text(None), rate_text(Decimal("3.0")), rate_text(Decimal("0.30"))) == ("–", "–", "3", "0.3")
