"""How many examples a property is tried with: a part of its number in the default run, all of it where `HEADGATE_EXAMPLES` says `all` (`make whole`)."""

import os

from hypothesis import settings

ALL = os.environ.get("HEADGATE_EXAMPLES", "") == "all"
_SHARE, _FEW = 4, 3


def count(number: int) -> int:
    """How many of so many examples are drawn in this run."""
    return number if ALL else max(min(number, _FEW), number // _SHARE)


def examples(number: int) -> settings:
    """The setting of a test with this number of examples."""
    return settings(max_examples=count(number))
