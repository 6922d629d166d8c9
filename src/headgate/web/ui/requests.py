"""The page of requests: every exchange of the range, newest first, under a histogram of how they ended. New rows come in while the page is open."""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence

import msgspec

from headgate.admin.page_queries import PageQueries
from headgate.core.clock import Clock
from headgate.core.scopes import ANY
from headgate.web.ui.answers import PageAnswer, json_answer
from headgate.web.ui.filters import Filters, read_filters
from headgate.web.ui.histogram import histogram
from headgate.web.ui.relations import RowScope
from headgate.web.ui.request_list import ROWS_MAX, ended_since_query, histogram_query, known_position, page_of, page_query, step_s
from headgate.web.ui.request_outcomes import TITLES
from headgate.web.ui.routes import PageRequest, PageRoute
from headgate.web.ui.row_positions import read_position

PATH = "/requests"


class RequestPages(msgspec.Struct, frozen=True):
    """What makes the list. `members_of` lists the users of a group."""

    queries: PageQueries
    members_of: Callable[[str], Sequence[str]]
    clock: Clock

    async def listed(self, request: PageRequest) -> PageAnswer:
        """`/requests`: a page of rows and the histogram."""
        filters, outcome = self._filters(request), self._outcome(request)
        scope = self._scope(request, filters)
        before, after = (known_position(read_position(request.query.get(name, ""))) for name in ("before", "after"))
        counted, found = await asyncio.gather(
            self.queries.rows(histogram_query(scope), request.principal),
            self.queries.rows(page_query(scope, outcome, before, after), request.principal),
        )
        page = page_of(list(found.records()), before, after)
        path = f"{PATH}?outcome={outcome}" if outcome else PATH
        return request.framed(
            "requests.html",
            "Requests",
            filters=filters,
            outcome=outcome,
            outcome_title=TITLES.get(outcome, ""),
            page=page,
            histogram=histogram(counted.rows(), filters, step_s(filters), PATH),
            titles=TITLES,
            live=filters.at(f"{PATH}/rows{path.removeprefix(PATH)}") if filters.range and before is None and after is None else "",
            since=_ms(self._now()),
            all_outcomes=filters.at(PATH),
            older=filters.at(_with(path, "before", page.older)) if page.older else "",
            newer=filters.at(_with(path, "after", page.newer)) if page.newer else "",
        )

    async def rows(self, request: PageRequest) -> PageAnswer:
        """`/requests/rows`: what has ended since a moment, for the script: rows as HTML, the newest first, and the moment to go on from."""
        now = self._now()
        scope, since = self._scope(request, self._filters(request)), _since(request.query.get("since", ""), now)
        found = await self.queries.rows(ended_since_query(scope, self._outcome(request), since), request.principal)
        html = request.frame.fragment("request_rows.html", rows=list(found.records())[:ROWS_MAX], titles=TITLES)
        return json_answer({"html": html, "since": _ms(now)}, extra=[(b"cache-control", b"no-store")])

    def _filters(self, request: PageRequest) -> Filters:
        pairs = ((name, value) for name in request.query for value in request.query.all(name))
        return read_filters(pairs, self._now())

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.clock.wall_ns() / 1e9, dt.UTC)

    def _scope(self, request: PageRequest, filters: Filters) -> RowScope:
        members = tuple(member for group in filters.group for member in self.members_of(group))
        return RowScope(filters=filters, everyone=request.principal.reads_all_usage, members=members)

    @staticmethod
    def _outcome(request: PageRequest) -> str:
        outcome = request.query.get("outcome", "")
        return outcome if outcome in TITLES else ""


def request_routes(pages: RequestPages) -> tuple[PageRoute, ...]:
    """The list. Rows are those that the principal may read, so every signed-in principal may look."""
    return (PageRoute("GET", PATH, ANY, pages.listed), PageRoute("GET", f"{PATH}/rows", ANY, pages.rows))


def _since(text: str, now: dt.datetime) -> dt.datetime:
    """The moment that a script names in milliseconds, at most an hour ago; now where it names none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        return now
    return min(now, max(now - dt.timedelta(hours=1), dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(milliseconds=int(text))))


def _ms(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)


def _with(path: str, name: str, value: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{name}={value}"
