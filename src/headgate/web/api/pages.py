"""Listings a page at a time: how many entries, from where, and the token for the next page."""

import bisect
from collections.abc import Sequence

from headgate.catalog.entries import Entry
from headgate.core.errors import BadRequest
from headgate.web.api.routes import ApiRequest

PAGE_MAX = 1000


def page_of(entries: Sequence[Entry], request: ApiRequest, usual: int = PAGE_MAX) -> tuple[Sequence[Entry], str | None]:
    """The page that a request asks for, and the token of the next one. Entries are in the order of their names; a token is the last name of its page."""
    asked = request.query.get("max_results", "") or "0"
    if not (asked.isascii() and asked.isdigit()):
        raise BadRequest(f"max_results is a number, not {asked[:32]!r}.", code="INVALID_PARAMETER_VALUE")
    size = min(int(asked[:9]) or usual, PAGE_MAX)
    token = request.query.get("page_token", "")
    start = bisect.bisect_right(entries, tuple(token.split(".")), key=lambda entry: entry.name.parts) if token else 0
    page = entries[start : start + size]
    return page, str(page[-1].name) if len(entries) > start + size else None
