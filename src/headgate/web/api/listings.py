"""Listings a page at a time: how many entries, from where, and the token for the next page."""

import bisect
import itertools
from collections.abc import Sequence

from headgate.catalog.entries import Entry
from headgate.core.errors import BadRequest
from headgate.web.api.routes import ApiRequest

PAGE_MAX = 1000
_COLUMNS_CHARS_MAX = 1 << 20  # of the schema strings of one page; the answer is a few times as long


def page_of(entries: Sequence[Entry], request: ApiRequest, usual: int = PAGE_MAX, *, columns: bool = False) -> tuple[Sequence[Entry], str | None]:
    """The page that a request asks for, and the token of the next one. Entries are in the order of their names; a token is the last name of its page.

    A page that is to have the tables' columns ends early where these grow large: it has at least one table, and the token leads to the rest.
    """
    asked = request.query.get("max_results", "") or "0"
    if not (asked.isascii() and asked.isdigit()):
        raise BadRequest(f"max_results is a number, not {asked[:32]!r}.", code="INVALID_PARAMETER_VALUE")
    size = min(int(asked[:9]) or usual, PAGE_MAX)
    token = request.query.get("page_token", "")
    start = bisect.bisect_right(entries, tuple(token.split(".")), key=lambda entry: entry.name.parts) if token else 0
    page = entries[start : start + size]
    if columns:
        page = page[: max(1, _fitting(page))]
    return page, str(page[-1].name) if len(entries) > start + len(page) else None


def _fitting(entries: Sequence[Entry]) -> int:
    """How many of the entries have columns that fit a page together."""
    sizes = itertools.accumulate(len(entry.table.columns) if entry.table is not None else 0 for entry in entries)
    return sum(1 for size in sizes if size <= _COLUMNS_CHARS_MAX)
