"""Stated prices between processes."""

import os

from headgate.core.price_rule import PriceRule
from headgate.storage.state.stated_prices import read_rules, stamp, write_rules

RULES = (PriceRule(model="claude-*", provider="lab", from_ns=7, input_mtok=0.1, output_mtok=0.0), PriceRule(factor=0.8))


def test_what_is_written_is_read(tmp_path):
    """Every field; and that it changed can be told without reading."""
    seen = [stamp(str(tmp_path))]
    assert read_rules(str(tmp_path)) == ()
    for rules in (RULES, RULES[:1], ()):
        write_rules(str(tmp_path), rules)
        assert read_rules(str(tmp_path)) == rules
        seen.append(stamp(str(tmp_path)))
    assert len(set(seen)) == 4


def test_what_has_not_changed_is_left_alone(tmp_path):
    """No file where none was needed, and no new one for the same rules."""
    write_rules(str(tmp_path), ())
    assert os.listdir(tmp_path) == []
    write_rules(str(tmp_path), RULES)
    before = stamp(str(tmp_path))
    write_rules(str(tmp_path), RULES)
    assert stamp(str(tmp_path)) == before


def test_trouble_with_the_file_stops_nobody(tmp_path, caplog):
    """What cannot be read or written is told in the log."""
    (tmp_path / "prices.json").write_bytes(b"[{")
    assert read_rules(str(tmp_path)) == ()
    write_rules(str(tmp_path / "nowhere"), RULES)
    assert ["cannot be read" in caplog.text, "could not be written" in caplog.text] == [True, True]
