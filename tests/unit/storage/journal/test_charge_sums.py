"""What the flusher has written, as other processes read it."""

from decimal import Decimal

from headgate.storage.journal.charge_sums import OTHER, SUMS_MAX, ChargeSum, ChargeSums, SumKey, read_charges

OPUS = SumKey("opus", "anthropic", "priced")
CENT = ChargeSum(2, Decimal("0.010000000001"))


def test_sums_are_exact(tmp_path):
    """To the last digit of a charge, over the file."""
    sums = ChargeSums()
    sums.add([(OPUS, CENT), (SumKey("", "", "none"), ChargeSum(1))])
    sums.add([(OPUS, CENT)])
    sums.write(str(tmp_path))

    assert read_charges(str(tmp_path)) == [(OPUS, ChargeSum(4, Decimal("0.020000000002"))), (SumKey("", "", "none"), ChargeSum(1))]


def test_there_is_a_limit_to_their_number(tmp_path):
    """Beyond it, rows are summed together, and none is left out."""
    sums = ChargeSums()
    sums.add((SumKey(f"e{number}", "p", "priced"), CENT) for number in range(SUMS_MAX + 5))
    sums.write(str(tmp_path))
    found = dict(read_charges(str(tmp_path)))

    assert found[SumKey(OTHER, OTHER, "priced")].rows == 10
    assert sum(one.rows for one in found.values()) == 2 * (SUMS_MAX + 5)


def test_what_cannot_be_read_is_nothing(tmp_path):
    """No flusher has run, or the file is broken; and a folder that is gone stops no flusher."""
    assert read_charges(str(tmp_path)) == []
    (tmp_path / "charges.json").write_text("[[", encoding="utf-8")
    assert read_charges(str(tmp_path)) == []
    ChargeSums().write(str(tmp_path / "absent"))
