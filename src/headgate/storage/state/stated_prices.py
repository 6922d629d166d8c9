"""The prices of the accepted configuration, for the processes that price rows."""

from headgate.core.price_rule import PriceRule
from headgate.storage.state.stated_file import StatedFile

_FILE: StatedFile[tuple[PriceRule, ...]] = StatedFile("prices.json", tuple[PriceRule, ...], "the stated prices", ())


def write_rules(data_dir: str, rules: tuple[PriceRule, ...]) -> None:
    """Replace the rules, where they have changed."""
    _FILE.write(data_dir, rules)


def read_rules(data_dir: str) -> tuple[PriceRule, ...]:
    """The rules as they are now; none where none were ever stated."""
    return _FILE.read(data_dir)


def stamp(data_dir: str) -> tuple[int, int]:
    """Changes when the rules do; zero where there are none."""
    return _FILE.stamp(data_dir)
