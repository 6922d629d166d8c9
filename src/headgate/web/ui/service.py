"""The service of pages and health checks: finds the route, asks whose browser it is, reads a small form, and words refusals for people.

A page is added by a row in a table and the function that makes it. The service sees to sessions and to forms that another site sent.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.acting import Acting, acting_as
from headgate.core.clock import Clock
from headgate.core.errors import Forbidden, GatewayError, NotFound
from headgate.core.headers import Headers
from headgate.core.ids import new_id
from headgate.core.scopes import ADMIN, INFERENCE, PUBLIC, SQL, TELEMETRY, VIEWER
from headgate.exchange.headers import value_of
from headgate.exchange.ports import ClientStream
from headgate.policy.attribute import user_agent
from headgate.policy.networks import require_network
from headgate.web.edge import Answer, Edge, answer, retry_after
from headgate.web.path_table import PathTable
from headgate.web.proxies import base_url
from headgate.web.service import OnBody, Opened, Request
from headgate.web.session import OpenSession, Sessions
from headgate.web.ui.answers import PageAnswer, PageStream, json_answer, redirect
from headgate.web.ui.bare_pages import for_browser, refused_page, sign_in_page
from headgate.web.ui.fields import Fields
from headgate.web.ui.frame import PageFrame, theme_of
from headgate.web.ui.navigation import navigation_for
from headgate.web.ui.routes import PageRequest, PageRoute, may_open

_SAFE = frozenset({"GET", "HEAD"})  # these change nothing
_FORM_BYTES_MAX = 64 << 10
_FORM_TOKEN = "form_token"  # ruff: ignore[hardcoded-password-string] the name of a field
_HOMES = ("/", "/me", "/connect")  # where a person begins: the first of them that they may open

_NEEDS = {
    ADMIN: "This page is for administrators. An administrator can give you the role: headgate role give admin NAME.",
    VIEWER: "This page shows the usage of everyone. An administrator can give you the role viewer: headgate role give viewer NAME.",
    **{scope: f"This page needs a token with the scope {scope}. Sign in with another token." for scope in (SQL, INFERENCE, TELEMETRY)},
}


class Browsers(msgspec.Struct, frozen=True):
    """How the service knows a browser. `public_url` is the configured address, or empty; `url` is where Headgate listens; `demo` says that what pages
    show is the demo's; `contact` is whom to ask; `notices` are what is wrong, for administrators.

    `looked` is called for each page that a signed-in browser asks for, before the page is made.
    """

    sessions: Sessions
    url: str
    public_url: str = ""
    looked: Callable[[], None] = lambda: None
    demo: bool = False
    contact: str = ""
    notices: Callable[[], Iterable[str]] = tuple


class _Call(msgspec.Struct, frozen=True):
    """One request at this service."""

    request: Request
    stream: ClientStream
    url: str
    request_id: str
    contact: str = ""

    def worded(self, error: GatewayError) -> Answer:
        """The error as a page for a person, as JSON for a machine."""
        if for_browser(self.request.headers):
            return refused_page(error, self.contact)
        told = json_answer({"error": {"message": error.message}}, error.status, retry_after(error))
        return told.status, told.headers, told.body

    def give(self, given: PageAnswer | PageStream) -> None:
        """Answer, or hand the stream to what goes on answering. A stream has no HEAD: there is no end at which its length was known."""
        if isinstance(given, PageStream):
            if self.request.method == "HEAD":
                given = PageAnswer(204, [])
            else:
                given.begin(self.stream)
                return
        answer(self.stream, given.status, given.headers, given.body)


class _Reader:
    """Ends the making of a page when its reader leaves, and with it the queries that the page waits for. What changes something is always done to its end."""

    __slots__ = ("_task",)

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task

    def client_gone(self) -> None:
        """The page has no reader any more."""
        self._task.cancel()

    def client_slow(self) -> None:
        """A page is written whole, however slowly it is read."""

    def client_ready(self) -> None:
        """Nothing waits for that."""


class Pages:
    """The service of every path in `paths`."""

    def __init__(self, routes: Iterable[PageRoute], browsers: Browsers, clock: Clock) -> None:
        self._table: PathTable[PageRoute] = PathTable(routes)
        self._browsers = browsers
        self._clock = clock
        self._edge = Edge(clock)

    @property
    def paths(self) -> frozenset[str]:
        """What is served here, as `Application` takes it: a pattern stands for all paths below its fixed part."""
        return frozenset(route.path.partition("{")[0] for route in self._table)

    def open(self, request: Request, stream: ClientStream) -> Opened:
        """Find the page, and whose browser asks for it. A browser without a session is shown how to sign in; so is one whose form another site sent."""
        url = base_url(request, self._browsers.public_url, self._browsers.url)
        call = _Call(request, stream, url, new_id("req", self._clock.wall_ns()), self._browsers.contact)
        try:
            return self._open(call)
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)
            return None

    def _open(self, call: _Call) -> OnBody | None:
        request = call.request
        methods, values = self._table.at(request.path)
        if not methods:
            raise NotFound("There is no page at this address.")
        route = methods.get("GET" if request.method == "HEAD" else request.method)
        if route is None:
            call.give(_wrong_method(call, methods))
            return None
        if request.method == "POST" and not _is_own_form(request.headers):
            call.give(sign_in_page(403, contact=call.contact))
            return None
        cookie = value_of(request.headers, b"cookie").decode("latin-1")
        session = self._browsers.sessions.find(cookie, secure=call.url.startswith("https:"))
        if not self._may_go_on(call, route, session):
            return None
        if route.access != PUBLIC:
            self._browsers.looked()
        request.body_bytes_max = _FORM_BYTES_MAX
        names = [segment[1:-1] for segment in route.path.split("/") if segment.startswith("{")]
        asked = PageRequest(
            path=request.path,
            url=call.url,
            address=request.address,
            cookie=cookie,
            token=session.token if session is not None else None,
            parameters=dict(zip(names, values, strict=True)),
            query=Fields.parse(request.query),
            form_token=session.form_token if session is not None else "",
            make_frame=partial(self._frame, request.path, cookie, session),
            headers=request.headers,
        )
        return partial(self._run, call, route, asked)

    def _may_go_on(self, call: _Call, route: PageRoute, session: OpenSession | None) -> bool:
        """Whether this browser may have the page. If not, it has been answered."""
        if route.access == PUBLIC:
            return True
        if session is None:
            asked = call.request.path + (f"?{call.request.query}" if call.request.query else "")
            call.give(sign_in_page(401, next_path=asked if call.request.method == "GET" else "/", contact=call.contact))
            return False
        if session.token.networks:
            require_network(session.token, call.request.address)
        if may_open(session.token, route.access):
            return True
        if route.path == "/":
            call.give(redirect(next(path for path in _HOMES if self._opens(session.token, path))))
            return False
        raise Forbidden(_NEEDS[route.access])

    def _opens(self, token: AccessToken, path: str) -> bool:
        """Whether there is a page at this path that the token may open."""
        route = self._table.at(path)[0].get("GET")
        return route is not None and may_open(token, route.access)

    def _frame(self, path: str, cookie: str, session: OpenSession | None) -> PageFrame:
        if session is None:
            return PageFrame(path=path, theme=theme_of(cookie))
        token, principal = session.token, session.token.principal
        return PageFrame(
            path=path,
            groups=navigation_for(partial(self._opens, token)),
            user=principal.name,
            role="administrator" if principal.is_administrator else "viewer" if principal.reads_all_usage else "member",
            form_token=session.form_token,
            theme=theme_of(cookie),
            demo=self._browsers.demo,
            notices=tuple(self._browsers.notices()) if principal.is_administrator else (),
        )

    def _run(self, call: _Call, route: PageRoute, asked: PageRequest, body: bytes) -> Coroutine[Any, Any, None]:
        # A form that is larger than any of Headgate's has no fields, and so proves nothing.
        form = Fields.parse(body.decode("latin-1") if 0 < len(body) <= _FORM_BYTES_MAX else "")
        return self._make(call, route, msgspec.structs.replace(asked, form=form))

    async def _make(self, call: _Call, route: PageRoute, asked: PageRequest) -> None:
        actor = Acting(
            who=asked.token.principal.name if asked.token is not None else "",
            address=asked.address,
            user_agent=user_agent(call.request.headers),
            request_id=call.request_id,
        )
        task = asyncio.current_task()
        if call.request.method in _SAFE and task is not None:
            call.stream.watch(_Reader(task))
        try:
            if call.request.method == "POST" and route.access != PUBLIC:
                _require_form_token(asked)
            with acting_as(actor):
                call.give(await route.call(asked))
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)

    def _refuse(self, call: _Call, error: Exception) -> None:
        self._edge.refuse(call.stream, error, call.request_id, call.worded)


def _require_form_token(asked: PageRequest) -> None:
    """Raise `Forbidden` unless the form was made for this session. Another site knows no such text."""
    if not compare_digest(asked.form.get(_FORM_TOKEN, "").encode(), asked.form_token.encode()):
        raise Forbidden("This form is from an earlier session, or its fields did not arrive. Load the page again, and send it once more.")


def _wrong_method(call: _Call, methods: Iterable[str]) -> PageAnswer:
    served = sorted({*methods, "HEAD"})
    error = NotFound(f"Only {', '.join(served[:-1])} and {served[-1]} are served here.", status=405)
    status, headers, body = call.worded(error)
    return PageAnswer(status, [*headers, (b"allow", ", ".join(served).encode())], body)


def _is_own_form(headers: Headers) -> bool:
    """Whether one of Headgate's forms was sent, as far as the browser says. `Sec-Fetch-Site` is missing over plain HTTP; `Origin` is `null` without a referrer."""
    first = dict(reversed(headers))
    site = first.get(b"sec-fetch-site", b"").lower()
    if site:
        return site in {b"same-origin", b"none"}
    origin = first.get(b"origin", b"null")
    return origin == b"null" or urlsplit(origin.decode("latin-1")).netloc == first.get(b"host", b"").decode("latin-1")
