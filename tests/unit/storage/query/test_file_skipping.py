"""Which files are left out."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from headgate.catalog.types import Decimal as DecimalType
from headgate.catalog.types import Field, Primitive, Structure
from headgate.storage.query import file_skipping
from headgate.storage.query.bounds import NEVER, ColumnComparison, Constant, ConstantStep, Either, Every, Nullness
from headgate.storage.query.file_facts import DataFileFacts
from headgate.storage.query.table_files import DataFile, TableVersion

MOMENT = dt.datetime(2026, 1, 31, 12, 0, 0, 123_000, tzinfo=dt.UTC)
TIME = ConstantStep("cast", "timestamp")


def _is_left(kind, bound, least=None, greatest=None, *, nulls=0, rows=10):
    """Whether a file with these statistics of its column `a` is read."""
    actions = {"size_bytes": [1], "num_records": [rows], "null_count.a": [nulls], "min.a": [least], "max.a": [greatest]}
    facts = DataFileFacts(pa.table(actions), ["/f"])
    typed = kind if isinstance(kind, DecimalType) else Primitive(kind)
    opened = TableVersion(1, Structure((Field("a", typed),)), (DataFile("/f"),), facts=facts)
    return bool(file_skipping.left(opened, bound, 0).files)


def _compared(operator, kind, text, *steps):
    return ColumnComparison("a", operator, Constant(kind, text, steps))


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        ("<", "5", False), ("<", "6", True), ("<=", "4", False), ("<=", "5", True), ("=", "4", False), ("=", "5", True), ("=", "9", True),
        ("=", "10", False), (">=", "9", True), (">=", "10", False), (">", "9", False), (">", "8", True), ("=", "x", True), ("=", "4.5", True),
        ("=", "2.5", False), (">", "11.5", False),
    ],
)  # fmt: skip
def test_whole_numbers(operator, text, expected):
    """From 5 to 9. A fraction may be rounded, and what is no number is no reason."""
    assert _is_left("long", _compared(operator, "number", text), 5, 9) is expected


def test_large_numbers():
    """They are compared exactly with whole numbers, and not with others."""
    assert not _is_left("long", _compared("=", "number", str(2**53 + 1)), 2**53, 2**53)
    assert _is_left("long", _compared("=", "number", str(2**53 + 1), ConstantStep("cast", "double")), 2**53, 2**53)


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        ("<", "-1", False), ("<=", "0", True), ("=", "0", True), ("=", "1.5", True), ("=", "1.6", False), (">", "9", True), (">=", "9", True),
        ("=", "9007199254740993", False),
    ],
)  # fmt: skip
def test_floating_numbers(operator, text, expected):
    """From -0.0 to 1.5. NaN is above all and in no statistics."""
    assert _is_left("double", _compared(operator, "number", text), -0.0, 1.5) is expected


def test_statistics_of_nan():
    """Say nothing."""
    assert _is_left("double", _compared("=", "number", "5"), float("nan"), float("nan"))
    assert _is_left("float", _compared("=", "number", "0.1"), 0.10000000149011612, 0.10000000149011612)


def test_decimals():
    """A writer may have rounded them by one in the last place."""
    kind = DecimalType(10, 2)
    assert _is_left(kind, _compared("=", "number", "1.11"), Decimal("1.10"), Decimal("1.10"))
    assert not _is_left(kind, _compared("=", "number", "1.12"), Decimal("1.10"), Decimal("1.10"))


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        ("=", "b", False), ("=", "m", True), ("=", "za", True), ("=", "zz", True), ("=", "é", False), (">", "z", True), (">", "é", False),
        ("<", "c", False), ("<", "ca", True), ("=", "C", False),
    ],
)  # fmt: skip
def test_texts(operator, text, expected):
    """From c to z, of which either may be cut."""
    assert _is_left("string", _compared(operator, "text", text), "c", "z") is expected


def test_texts_that_were_cut():
    """With a character behind them that makes them greater, or in the middle of one."""
    assert _is_left("string", _compared("=", "text", "zé"), "a", "z\u7fff")
    assert _is_left("string", _compared("=", "text", "z\U0001f600"), "a", "z\u7fff")
    assert _is_left("string", _compared("=", "text", "aé"), "a\ufffd", "z")


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        (">", "2026-01-31 12:00:00.123500", True), (">", "2026-01-31 12:00:00.124000", False), ("<", "2026-01-31 12:00:00.123", False),
        ("<=", "2026-01-31T12:00:00.123Z", True), ("=", "2026-01-31 14:00:00.1234+02:00", True), ("=", "2026-01-31 12:00:00.1234+02:00", False),
    ],
)  # fmt: skip
def test_times(operator, text, expected):
    """Statistics have milliseconds, and a value may be anywhere in the last of them."""
    assert _is_left("timestamp", _compared(operator, "text", text, TIME), MOMENT, MOMENT) is expected
    assert _is_left("timestamp", _compared(operator, "text", text), MOMENT, MOMENT) is expected


def test_times_before_1970():
    """Some writers cut them upwards."""
    least = dt.datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=dt.UTC)
    assert _is_left("timestamp", _compared("<", "text", "1969-12-31 23:59:59.9985", TIME), least, least)


def test_dates():
    """Compared with dates, times and texts of dates."""
    day = dt.date(2026, 1, 31)
    assert _is_left("date", _compared("=", "text", "2026-01-31"), day, day)
    assert not _is_left("date", _compared("<", "text", "2026-01-31"), day, day)
    assert not _is_left("date", _compared(">=", "text", "2026-01-31 00:00:01", TIME), day, day)
    assert _is_left("date", _compared("=", "text", "x"), day, day)


def test_what_compares_other_types_is_no_reason():
    """A text with a number, a number with a text, a column of another kind."""
    assert _is_left("long", _compared("=", "text", "7"), 1, 2)
    assert _is_left("string", _compared("=", "number", "7"), "a", "b")
    assert _is_left("date", _compared("=", "text", "2020-01-01", ConstantStep("cast", "string")), dt.date(2026, 1, 31), dt.date(2026, 1, 31))
    assert _is_left("binary", _compared("=", "text", "z"))
    assert not _is_left("boolean", _compared("=", "text", "true", ConstantStep("cast", "boolean")), False, False)


def test_nulls():
    """Only counts say that there are none, or nothing else."""
    assert _is_left("long", Nullness("a", null=True), nulls=1)
    assert _is_left("long", Nullness("a", null=True), nulls=None)
    assert not _is_left("long", Nullness("a", null=True), nulls=0)
    assert not _is_left("long", Nullness("a", null=False), nulls=10)
    assert _is_left("long", Nullness("a", null=False), nulls=10, rows=None)
    assert not _is_left("long", _compared("=", "number", "5"), nulls=10)


def test_statistics_that_are_missing():
    """One end may be known."""
    assert _is_left("long", _compared("=", "number", "5"), nulls=None, rows=None)
    assert not _is_left("long", _compared("<", "number", "5"), 5, None)
    assert _is_left("long", _compared(">", "number", "5"), 5, None)
    assert _is_left("long", ColumnComparison("z", "=", Constant("number", "5")), 1, 2)


def test_conditions_together():
    """All of them, or one of them."""
    no, yes = _compared("=", "number", "1"), _compared("=", "number", "5")
    assert not _is_left("long", Every((yes, no)), 5, 9)
    assert _is_left("long", Either((yes, no)), 5, 9)
    assert not _is_left("long", NEVER, 5, 9)
    assert _is_left("long", None, 5, 9)


def _left_partitions(kind, bound, *values):
    files = tuple(DataFile(f"/p{number}", (("a", value),)) for number, value in enumerate(values))
    facts = DataFileFacts(pa.table({"size_bytes": [1] * len(files), "num_records": [1] * len(files)}), [file.path for file in files])
    opened = TableVersion(1, Structure((Field("a", Primitive(kind)),)), files, ("a",), facts=facts)
    return [dict(file.partition)["a"] for file in file_skipping.left(opened, bound, 0).files]


def test_partitions():
    """A partition's value is exact. Of a text that readers take for null or not, nothing is said."""
    assert _left_partitions("string", _compared("=", "text", "ab"), "a", "ab", None, "", "NULL") == ["ab", "", "NULL"]
    assert _left_partitions("string", Nullness("a", null=True), "a", None, "") == [None, ""]
    assert _left_partitions("date", _compared(">", "text", "2026-01-30"), "2026-01-30", "2026-01-31", "x") == ["2026-01-31", "x"]
    assert _left_partitions("integer", _compared("<", "number", "5"), "4", "5", "1e3") == ["4", "1e3"]
    assert _left_partitions("double", _compared("<", "number", "5"), "4", "NaN") == ["4", "NaN"]


def test_files_of_which_the_log_says_nothing():
    """Sums of files are read whatever is asked."""
    facts = DataFileFacts(pa.table({"size_bytes": [1], "num_records": [1], "min.a": [1], "max.a": [1]}), ["/f"])
    opened = TableVersion(1, Structure((Field("a", Primitive("long")),)), (DataFile("/sums"), DataFile("/f")), facts=facts)
    assert file_skipping.left(opened, _compared("=", "number", "5"), 0).files == (DataFile("/sums"),)
    bare = TableVersion(1, opened.schema, opened.files)
    assert file_skipping.left(bare, NEVER, 0) is bare
