"""The ASGI application of a serving process: pages and health on their exact paths, the doors of the workspace by their prefixes, all else to the gateway.

Every route says who may call it, here and behind each door; `check_routes` is run at start and refuses one that does not.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.core.scopes import check_access
from headgate.web.asgi import Receive, Scope, Send
from headgate.web.direct_cycle import Opens, Take
from headgate.web.gateway import Gateway
from headgate.web.refused_page import for_browser, refused_page

Page = Callable[[Request], Awaitable[Response]]
Door = Callable[[Scope, Receive, Send], Awaitable[None]]


class PageRoute(msgspec.Struct, frozen=True):
    """A page: who may see it, what makes it, and what a form that is posted to it does."""

    path: str
    access: str  # a scope, or PUBLIC
    page: Page
    post: Page | None = None


class Application:
    """Dispatches a request by its exact path."""

    def __init__(
        self,
        gateway: Gateway,
        routes: Sequence[PageRoute],
        doors: Mapping[str, Door] | None = None,
        short: Mapping[str, Opens] | None = None,
    ) -> None:
        self._gateway = gateway
        self._pages = check_routes(routes)
        self._doors = sorted((doors or {}).items(), key=lambda door: -len(door[0]))
        self._short = [(prefix.encode(), opens) for prefix, opens in (short or {}).items()]

    def opens(self, target: bytes, headers: Headers, address: str) -> Take | None:
        """The short way of the doors that have one, by their prefixes, and else the gateway's: none of its exchanges' paths is a page's or a door's."""
        for prefix, opens in self._short:
            if target.startswith(prefix):
                return opens(target, headers, address)
        return self._gateway.open(target, headers, address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; web sockets and lifespans are not spoken."""
        if scope["type"] != "http":
            return
        route = self._pages.get(scope["path"])
        if route is None:
            await self._door(scope["path"])(scope, receive, send)
            return
        request = Request(scope, receive)  # type: ignore[arg-type] # Starlette types the same mapping as mutable
        page = route.page if request.method in {"GET", "HEAD"} else route.post if request.method == "POST" else None
        try:
            response = _wrong_method(route) if page is None else await page(request)
        except GatewayError as error:
            response = _refusal(scope, error)
        await response(scope, receive, send)  # type: ignore[arg-type]

    def _door(self, path: str) -> Door:
        """The door whose prefix is the longest, one without a slash at its end standing for that very path; the gateway where none is."""
        return next((door for prefix, door in self._doors if path == prefix or (prefix.endswith("/") and path.startswith(prefix))), self._gateway)


def check_routes(routes: Sequence[PageRoute]) -> dict[str, PageRoute]:
    """The pages by path. Raises ValueError for one without an access rule, or two on one path."""
    by_path: dict[str, PageRoute] = {}
    for route in routes:
        check_access(f"page {route.path}", route.access)
        if route.path in by_path:
            raise ValueError(f"two pages have the path {route.path}")
        by_path[route.path] = route
    return by_path


def _refusal(scope: Scope, error: GatewayError) -> Response:
    if for_browser(scope):
        status, headers, body = refused_page(error)
        return Response(body, status, {name.decode(): value.decode() for name, value in headers})
    wait = {} if error.retry_after_s is None else {"retry-after": f"{max(1, round(error.retry_after_s))}"}
    return JSONResponse({"error": {"message": error.message}}, status_code=error.status, headers=wait)


def _wrong_method(route: PageRoute) -> Response:
    served = "GET and HEAD" if route.post is None else "GET, HEAD and POST"
    allow = {"allow": served.replace(" and", ",")}
    return JSONResponse({"error": {"message": f"Only {served} are served here."}}, status_code=405, headers=allow)
