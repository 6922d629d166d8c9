"""The service of pages and health checks: finds the route, asks whose browser it is, reads a small form, and words refusals for people.

A page is added by a row in a table and the function that makes it. The service sees to sessions and to forms that another site sent.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from headgate.core.acting import Acting, acting_as
from headgate.core.clock import Clock
from headgate.core.errors import GatewayError, NotFound
from headgate.core.headers import Headers
from headgate.core.ids import new_id
from headgate.core.scopes import PUBLIC
from headgate.exchange.headers import value_of
from headgate.exchange.ports import ClientStream
from headgate.policy.attribute import user_agent
from headgate.policy.networks import require_network
from headgate.web.edge import Answer, Edge, answer, retry_after
from headgate.web.path_table import PathTable
from headgate.web.proxies import base_url
from headgate.web.service import OnBody, Opened, Request
from headgate.web.session import Sessions
from headgate.web.ui import pages
from headgate.web.ui.pages import for_browser, refused_page
from headgate.web.ui.routes import PageAnswer, PageRequest, PageRoute, json_answer, page

_FORM_BYTES_MAX = 4096
_SAFE = frozenset({"GET", "HEAD"})  # these change nothing


class Browsers(msgspec.Struct, frozen=True):
    """How the service knows a browser. `public_url` is the configured address, or empty; `url` is where Headgate listens.

    `looked` is called for each page that a signed-in browser asks for, before the page is made.
    """

    sessions: Sessions
    url: str
    public_url: str = ""
    looked: Callable[[], None] = lambda: None


class _Call(msgspec.Struct, frozen=True):
    """One request at this service."""

    request: Request
    stream: ClientStream
    url: str
    request_id: str

    def worded(self, error: GatewayError) -> Answer:
        """The error as a page for a person, as JSON for a machine."""
        if for_browser(self.request.headers):
            return refused_page(error)
        told = json_answer({"error": {"message": error.message}}, error.status, retry_after(error))
        return told.status, told.headers, told.body

    def give(self, given: PageAnswer) -> None:
        """Answer."""
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
        """Find the page, and whose browser asks for it. A stranger is shown how to sign in; so is one whose form another site sent."""
        url = base_url(request, self._browsers.public_url, self._browsers.url)
        call = _Call(request, stream, url, new_id("req", self._clock.wall_ns()))
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
            call.give(_wrong_method(methods))
            return None
        if request.method == "POST" and not _is_own_form(request.headers):
            call.give(page(pages.sign_in(), 403))
            return None
        cookie, token = value_of(request.headers, b"cookie").decode("latin-1"), None
        if route.access != PUBLIC:
            token = self._browsers.sessions.token(cookie, secure=call.url.startswith("https:"))
            if token is None or route.access not in token.principal.scopes:
                call.give(page(pages.sign_in(), 401))
                return None
            if token.networks:
                require_network(token, request.address)
            self._browsers.looked()
        request.body_bytes_max = _FORM_BYTES_MAX
        names = [segment[1:-1] for segment in route.path.split("/") if segment.startswith("{")]
        asked = PageRequest(
            path=request.path,
            url=call.url,
            address=request.address,
            cookie=cookie,
            token=token,
            parameters=dict(zip(names, values, strict=True)),
            query=dict(parse_qsl(request.query, keep_blank_values=True)),
        )
        return partial(self._run, call, route, asked)

    def _run(self, call: _Call, route: PageRoute, asked: PageRequest, body: bytes) -> Coroutine[Any, Any, None]:
        # A form that is larger than any of Headgate's has no fields.
        form = dict(parse_qsl(body.decode("latin-1"))) if 0 < len(body) <= _FORM_BYTES_MAX else {}
        return self._make(call, route, msgspec.structs.replace(asked, form=form))

    async def _make(self, call: _Call, route: PageRoute, asked: PageRequest) -> None:
        actor = Acting(
            who=asked.token.principal.name if asked.token is not None else self._signed_in(call, asked),
            address=asked.address,
            user_agent=user_agent(call.request.headers),
            request_id=call.request_id,
        )
        task = asyncio.current_task()
        if call.request.method in _SAFE and task is not None:
            call.stream.watch(_Reader(task))
        try:
            with acting_as(actor):
                call.give(await route.call(asked))
        except Exception as error:  # ruff: ignore[blind-except] the edge words it
            self._refuse(call, error)

    def _signed_in(self, call: _Call, asked: PageRequest) -> str:
        """Whose browser sends a form of a public page: signing out is one."""
        token = self._browsers.sessions.token(asked.cookie, secure=asked.secure) if call.request.method == "POST" else None
        return token.principal.name if token is not None else ""

    def _refuse(self, call: _Call, error: Exception) -> None:
        self._edge.refuse(call.stream, error, call.request_id, call.worded)


def _wrong_method(methods: Iterable[str]) -> PageAnswer:
    served = sorted({*methods, "HEAD"})
    text = f"Only {', '.join(served[:-1])} and {served[-1]} are served here."
    return json_answer({"error": {"message": text}}, 405, [(b"allow", ", ".join(served).encode())])


def _is_own_form(headers: Headers) -> bool:
    """Whether one of Headgate's forms was sent, as far as the browser says. `Sec-Fetch-Site` is missing over plain HTTP; `Origin` is `null` without a referrer."""
    first = dict(reversed(headers))
    site = first.get(b"sec-fetch-site", b"").lower()
    if site:
        return site in {b"same-origin", b"none"}
    origin = first.get(b"origin", b"null")
    return origin == b"null" or urlsplit(origin.decode("latin-1")).netloc == first.get(b"host", b"").decode("latin-1")
