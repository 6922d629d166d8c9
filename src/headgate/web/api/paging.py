"""Pages of listings whose entries have ids: `page_size` and `page_token` of Databricks' interfaces."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from headgate.core.errors import BadRequest
from headgate.web.api.routes import ApiRequest

PAGE_MAX = 1000
_USUAL = 200

Entry = TypeVar("Entry")


def paged(entries: Sequence[Entry], request: ApiRequest, id_of: Callable[[Entry], str]) -> tuple[Sequence[Entry], str]:
    """The page that a request asks for, and the token of the next one, which is the id of the page's last entry; empty on the last page."""
    asked = request.query.get("page_size", "") or "0"
    if not (asked.isascii() and asked.isdigit()):
        raise BadRequest(f"page_size is a number, not {asked[:32]!r}.", code="INVALID_PARAMETER_VALUE")
    size = min(int(asked[:9]) or _USUAL, PAGE_MAX)
    token = request.query.get("page_token", "")
    start = _after(entries, token, id_of) if token else 0
    page = entries[start : start + size]
    return page, id_of(page[-1]) if start + len(page) < len(entries) else ""


def _after(entries: Sequence[Entry], token: str, id_of: Callable[[Entry], str]) -> int:
    for position, entry in enumerate(entries):
        if id_of(entry) == token:
            return position + 1
    raise BadRequest("The page_token is of no page of this listing. List from the beginning again.", code="INVALID_PARAMETER_VALUE")
