"""Times as JSON and tables show them, and read again. Reads no clock."""

import datetime as dt


def utc_text(milliseconds: int, timespec: str = "seconds") -> str:
    """A wall-clock time as ISO 8601 in UTC: `2026-11-30T09:00:00Z`. `timespec` is how exact, as `datetime.isoformat` takes it."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def moment_of(value: object) -> dt.datetime | None:
    """The moment that ISO 8601 text names, in UTC where it names no zone; `None` for anything else."""
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
