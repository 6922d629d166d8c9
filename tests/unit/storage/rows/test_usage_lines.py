"""The lines of usage rows."""

from decimal import Decimal

from headgate.core.usage import Usage, UsageLine
from headgate.metering.price import Rates
from headgate.storage.rows.usage_rows import UsageRows
from tests.fakes.records import RATES, outcome

SEARCH = Rates(None, None, None, None, None, "anthropic", "claude-opus-4-6", "a test", 10.0)
SUMMARY = UsageLine(kind="compaction", input_tokens=100_000, cache_read_tokens=80_000, output_tokens=3_500)
SEARCHED = UsageLine(kind="web_search", uses=3)
ITEMISED = Usage(input_tokens=23_000, cache_read_tokens=0, output_tokens=1_000, beside=(SUMMARY, SEARCHED))


def rates_of(sold, _at_ns, _usage):
    """One model in the ordinary tier, and its searches."""
    return None if sold.tier else SEARCH if sold.part == "web_search" else RATES


def rows(*usages):
    """The rows of answers with these usages."""
    outcomes = [outcome(f"r-{index}", usage=usage) for index, usage in enumerate(usages)]
    return UsageRows(rates_of).table(outcomes).to_pylist(maps_as_pydicts="strict")


def test_a_plain_answer_is_one_line():
    """All that the row says, in a line."""
    [row] = rows(Usage(input_tokens=10, cache_read_tokens=1_000, output_tokens=50, reasoning_tokens=7))

    assert row["usage_lines"] == [
        {
            "kind": "answer", "model": "claude-opus-4-6", "tier": None, "fresh_input_tokens": 10, "cache_read_tokens": 1_000,
            "cache_write_5m_tokens": None, "cache_write_1h_tokens": None, "output_tokens": 50, "reasoning_tokens": 7, "uses": None,
            "charge": row["charge"], "rates": {**row["rates"], "use_kcount": None},
        }
    ]  # fmt: skip
    assert row["charge"] == Decimal("0.0018")
    assert (row["service_tier"], row["charge_reported"]) == (None, None)


def test_counts_and_charges_of_the_lines_add_up_to_the_rows():
    """Class by class, whatever the lines are."""
    [row] = rows(ITEMISED)

    assert [(line["kind"], line["uses"], line["charge"]) for line in row["usage_lines"]] == [
        ("answer", None, Decimal("0.14")),
        ("compaction", None, Decimal("0.6275")),
        ("web_search", 3, Decimal("0.03")),
    ]
    assert row["charge"] == sum(line["charge"] for line in row["usage_lines"])
    classes = ("fresh_input_tokens", "cache_read_tokens", "output_tokens")
    assert [row[name] for name in classes] == [123_000, 80_000, 4_500] == [sum(line[name] or 0 for line in row["usage_lines"]) for name in classes]
    assert (row["input_tokens"], row["total_tokens"], row["token_details"]["cache_read_input_tokens"]) == (203_000, 207_500, 80_000)
    assert row["usage_lines"][2]["rates"]["use_kcount"] == SEARCH.use_kcount


def test_rows_of_all_sorts_keep_their_own_lines():
    """Plain, itemised, unused and unpriced answers beside each other, in any order."""
    plain, tiered = Usage(input_tokens=1, output_tokens=2), Usage(input_tokens=3, output_tokens=4, tier="flex", charge_reported=0.25)
    usages = [plain, None, ITEMISED, tiered, ITEMISED, plain]

    for order in (usages, usages[::-1], [plain, None], [None], [ITEMISED, None]):
        made = rows(*order)
        alone = [rows(usage)[0] for usage in order]
        assert [row["usage_lines"] for row in made] == [row["usage_lines"] for row in alone]
    [none, flex] = rows(None, tiered)
    assert (none["usage_lines"], none["charge_status"]) == ([], "none")
    assert (flex["service_tier"], flex["charge_status"], flex["charge"], flex["charge_reported"]) == ("flex", "unpriced", None, Decimal("0.25"))
    assert [(line["tier"], line["output_tokens"], line["charge"], line["rates"]) for line in flex["usage_lines"]] == [("flex", 4, None, None)]


def test_no_rows_have_no_lines():
    """An empty tail is a table too."""
    assert rows() == []
