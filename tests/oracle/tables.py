"""The tables that statements of the corpus may read: Arrow data, given to Spark as temporary views and to Headgate as rows of tables of its catalog."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa

_UTC = dt.UTC


def _at(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=_UTC)  # type: ignore[arg-type]


def tables() -> dict[str, pa.Table]:
    """Each table by its name."""
    return {"requests": _requests(), "people": _people(), "edges": _edges()}


def _people() -> pa.Table:
    columns = {
        "id": pa.array([1, 2, 3, 4, 5], pa.int32()),
        "name": pa.array(["Ada", "Ben", "Cleo", "Ada", None]),
        "team": pa.array(["red", "blue", "red", None, "green"]),
        "joined": pa.array([dt.date(2024, 2, 29), dt.date(2025, 12, 31), None, dt.date(2026, 1, 1), dt.date(1999, 6, 15)]),
        "budget": pa.array([Decimal("100.00"), Decimal("99.95"), None, Decimal("0.00"), Decimal("-1.50")], pa.decimal128(10, 2)),
    }
    return pa.table(columns)


def _requests() -> pa.Table:
    columns = {
        "id": pa.array(range(1, 13), pa.int64()),
        "person": pa.array([1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 9, None], pa.int32()),
        "model": pa.array(["opus", "haiku", "opus", "gpt", "opus", "haiku", "gpt", None, "opus", "gpt", "opus", "haiku"]),
        "at": pa.array([_at(2026, 1, 5, hour, 30) if hour % 5 else None for hour in range(12)], pa.timestamp("us", "UTC")),
        "tokens": pa.array([10, 200, None, 40, 50, 0, -7, 80, 90, 1000, 11, 12], pa.int64()),
        "cost": pa.array([0.1, 0.25, 1.5, None, float("nan"), 0.0, -0.0, 3.25, 2.5, 7.125, 0.5, 0.75], pa.float64()),
        "tags": pa.array(
            [[("a", "1")], [], None, [("a", "2"), ("b", None)], *[[("c", str(n))] for n in range(8)]], pa.map_(pa.string(), pa.string())
        ),
        "parts": pa.array([[1, 2], [], None, [3, None], *[[n, n * n] for n in range(8)]], pa.list_(pa.int32())),
    }
    return pa.table(columns)


def _edges() -> pa.Table:
    columns = {
        "d": pa.array([1.5, float("nan"), float("inf"), float("-inf"), 0.0, -0.0, None], pa.float64()),
        "i": pa.array([2147483647, -2147483648, 0, 1, -1, None, 7], pa.int32()),
        "s": pa.array(["", " ", "é", "e\u0301", "👩‍💻", None, "A"]),
        "b": pa.array([True, False, None, True, False, None, True], pa.bool_()),
        "n": pa.array(
            [Decimal("0.001"), Decimal("-999999.999"), Decimal("999999.999"), None, Decimal(1), Decimal(0), Decimal("0.500")], pa.decimal128(9, 3)
        ),
    }
    return pa.table(columns)
