"""Numbers and tables as people read them. Pure."""

import datetime as dt
from collections.abc import Sequence


def tokens(count: int) -> str:
    """`212`, `1.2k`, `28.4k`, `3.1M`."""
    for size, letter in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)


def usd(amount: float) -> str:
    """`$12.40`, `$0.031`, `$0.00042`: two digits that say something, at least."""
    if amount >= 1 or not amount:
        return f"${amount:,.2f}"
    digits = 3
    while amount * 10**digits < 10 and digits < 6:
        digits += 1
    return f"${amount:.{digits}f}"


def seconds(milliseconds: int) -> str:
    """`0.8s`, `41s`, `3m05s`."""
    if milliseconds < 10_000:
        return f"{milliseconds / 1000:.1f}s"
    whole = round(milliseconds / 1000)
    return f"{whole}s" if whole < 120 else f"{whole // 60}m{whole % 60:02d}s"


def printable(text: str, length: int) -> str:
    """One line of at most this length that cannot steer a terminal."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= length else f"{line[: length - 1]}…"


def iso(milliseconds: int) -> str | None:
    """A time as ISO 8601 in UTC; `None` for 0, which is never."""
    if not milliseconds:
        return None
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Lines with aligned columns; the columns in `right` are numbers and end together."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]
