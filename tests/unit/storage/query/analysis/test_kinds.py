"""The types that several values have in common, and which casts are implicit."""

import pytest

from headgate.catalog.types import Array, Decimal, Map
from headgate.storage.query.analysis import kinds
from headgate.storage.query.analysis.kinds import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INT,
    SMALLINT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    TINYINT,
    VARIANT,
    VOID,
)


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        (TINYINT, SMALLINT, SMALLINT),
        (INT, BIGINT, BIGINT),
        (INT, Decimal(5, 2), Decimal(12, 2)),
        (Decimal(10, 2), Decimal(5, 4), Decimal(12, 4)),
        (Decimal(38, 0), Decimal(38, 10), Decimal(38, 6)),
        (FLOAT, BIGINT, DOUBLE),
        (Decimal(5, 2), FLOAT, DOUBLE),
        (STRING, INT, BIGINT),
        (STRING, Decimal(5, 2), DOUBLE),
        (STRING, DATE, DATE),
        (DATE, TIMESTAMP, TIMESTAMP),
        (DATE, TIMESTAMP_NTZ, TIMESTAMP_NTZ),
        (VOID, VARIANT, VARIANT),
        (Array(INT), Array(BIGINT), Array(BIGINT)),
        (Map(STRING, INT), Map(STRING, VOID), Map(STRING, INT)),
        (BOOLEAN, INT, None),
        (DATE, INT, None),
        (VARIANT, STRING, None),
    ],
)
def test_in_common(left, right, found):
    """Whichever comes first."""
    assert kinds.common(left, right) == found
    assert kinds.common(right, left) == found


@pytest.mark.parametrize(
    ("given", "wanted", "taken"),
    [
        (BIGINT, INT, True),
        (DOUBLE, INT, False),
        (STRING, INT, True),
        (INT, STRING, True),
        (STRING, TIMESTAMP, True),
        (BOOLEAN, INT, False),
        (DATE, TIMESTAMP, True),
        (INT, DATE, False),
        (Array(INT), Array(STRING), True),
        (Array(INT), STRING, False),
        (VARIANT, STRING, False),
        (VOID, Array(INT), True),
    ],
)
def test_implicit_casts(given, wanted, taken):
    """What a function takes where it wants another type."""
    assert kinds.takes(given, wanted) is taken
