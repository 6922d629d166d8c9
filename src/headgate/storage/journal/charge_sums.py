"""What the flusher has written to the usage table since it was started, summed by endpoint, provider and charge status, in a small file for `/metrics`.

Light: the serving process reads it. It is no record: the usage table has the rows.
"""

import contextlib
import os
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from headgate.storage.journal import journal_dir

_FILE: Final = "charges.json"
SUMS_MAX: Final = 1000
OTHER: Final = "other"


class SumKey(NamedTuple):
    """What a sum is for. Empty where the rows have no endpoint or no provider."""

    endpoint: str
    provider: str
    charge_status: str


class ChargeSum(msgspec.Struct):
    """Rows, and the sum of their charges in US dollars."""

    rows: int = 0
    charge: Decimal = Decimal(0)


class ChargeSums:
    """Adds up what is written. Bounded: beyond `SUMS_MAX` keys, further ones are summed as `other`."""

    def __init__(self) -> None:
        self._sums: dict[SumKey, ChargeSum] = {}

    def add(self, written: Iterable[tuple[SumKey, ChargeSum]]) -> None:
        """Add what was written just now."""
        for key, more in written:
            known = key if key in self._sums or len(self._sums) < SUMS_MAX else SumKey(OTHER, OTHER, key.charge_status)
            held = self._sums.setdefault(known, ChargeSum())
            held.rows += more.rows
            held.charge += more.charge

    def write(self, directory: str) -> None:
        """Replace the file. Not durable, and silent on a full disk."""
        with contextlib.suppress(OSError):
            journal_dir.replace_file(os.path.join(directory, _FILE), msgspec.json.encode(list(self._sums.items())))


def read_charges(directory: str) -> list[tuple[SumKey, ChargeSum]]:
    """The sums of the flusher that runs, or ran last; none where none did."""
    try:
        with open(os.path.join(directory, _FILE), "rb") as file:
            return msgspec.json.decode(file.read(), type=list[tuple[SumKey, ChargeSum]])
    except (OSError, msgspec.DecodeError):
        return []
