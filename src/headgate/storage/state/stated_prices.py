"""Passes the prices of the accepted configuration between processes. The serving process writes them to a file in the data directory, as a whole or not at
all; processes that price rows read it, and check whether it has changed.
"""

import logging
import os

import msgspec

from headgate.core.price_rule import PriceRule

_FILE = "prices.json"
_LOG = logging.getLogger(__name__)


def write_rules(data_dir: str, rules: tuple[PriceRule, ...]) -> None:
    """Replace the rules. If that fails, the old ones stay in use and the log has the reason: serving does not depend on prices."""
    path = os.path.join(data_dir, _FILE)
    if read_rules(data_dir) == rules:
        return
    try:
        with open(f"{path}.tmp", "wb") as file:
            file.write(msgspec.json.encode(rules))
        os.replace(f"{path}.tmp", path)
    except OSError:
        _LOG.exception("the stated prices could not be written down; rows are priced as before")


def read_rules(data_dir: str) -> tuple[PriceRule, ...]:
    """The rules as they are now; none where none were ever stated."""
    try:
        with open(os.path.join(data_dir, _FILE), "rb") as file:
            return msgspec.json.decode(file.read(), type=tuple[PriceRule, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError) as error:
        _LOG.error("the stated prices cannot be read, list prices are used: %s", error)
        return ()


def stamp(data_dir: str) -> tuple[int, int]:
    """Changes when the rules do; zero where there are none."""
    try:
        found = os.stat(os.path.join(data_dir, _FILE))
    except OSError:
        return (0, 0)
    return found.st_ino, found.st_mtime_ns
