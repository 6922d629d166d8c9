"""Values of Arrow tables as JSON takes them: times in ISO 8601 UTC, decimals as numbers, nested values nested."""

import datetime as dt
from decimal import Decimal


def plain(value: object) -> object:
    """One value."""
    match value:
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        case dt.date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value
