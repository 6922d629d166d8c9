"""The ASGI application of a serving process: pages and health on their exact paths, the doors of the workspace by their prefixes, all else to the gateway.

Every route says who may call it, here and behind each door; `check_routes` is run at start and refuses one that does not.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from headgate.core.clock import Clock
from headgate.core.principal import Principal
from headgate.exchange.ports import Headers
from headgate.exchange.snapshot import Snapshot
from headgate.web import session
from headgate.web.asgi import Receive, Scope, Send
from headgate.web.direct_cycle import Opens, Take
from headgate.web.gateway import Gateway
from headgate.web.routes import Access
from headgate.web.ui import pages

Page = Callable[[Request], Awaitable[Response]]
Door = Callable[[Scope, Receive, Send], Awaitable[None]]

_PAGE_HEADERS = {
    "content-security-policy": pages.CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_STATIC = {"/static/page.css": "text/css", "/static/icon.svg": "image/svg+xml"}
_STATIC_HEADERS = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'"}


class PageRoute(msgspec.Struct, frozen=True):
    """A page: who may see it, and what makes it."""

    path: str
    access: Access
    page: Page


class Warned(msgspec.Struct, frozen=True):
    """What is wrong while the gateway serves. `told` is for anyone, and names no file and no table; `details` are for administrators."""

    told: str
    details: str


class Workspace(msgspec.Struct, frozen=True):
    """What the pages are given. `redeem` says who signs in with a one-time code; `troubles` lists why the gateway is not ready, for anyone to read,
    `warnings` what is wrong while it serves.
    """

    url: str
    pepper: bytes
    clock: Clock
    snapshot: Callable[[], Snapshot]
    redeem: Callable[[str], Awaitable[Principal | None]]
    troubles: Callable[[], list[str]]
    warnings: Callable[[], list[Warned]]


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
        if request.method not in {"GET", "HEAD"}:
            response: Response = JSONResponse({"error": {"message": "Only GET and HEAD are served here."}}, status_code=405)
        else:
            response = await route.page(request)
        await response(scope, receive, send)  # type: ignore[arg-type]

    def _door(self, path: str) -> Door:
        """The door whose prefix is the longest, one without a slash at its end standing for that very path; the gateway where none is."""
        return next((door for prefix, door in self._doors if path == prefix or (prefix.endswith("/") and path.startswith(prefix))), self._gateway)


def check_routes(routes: Sequence[PageRoute]) -> dict[str, PageRoute]:
    """The pages by path. Raises ValueError for one without an access rule, or two on one path."""
    by_path: dict[str, PageRoute] = {}
    for route in routes:
        if route.access not in {"public", "inference", "admin"} or route.path in by_path:
            raise ValueError(f"page {route.path} does not say who may see it, or stands twice")
        by_path[route.path] = route
    return by_path


def page_routes(workspace: Workspace) -> tuple[PageRoute, ...]:
    """The pages and health checks of this release."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        troubles = workspace.troubles()
        told = {"ready": not troubles, "reasons": troubles, "warnings": [warned.told for warned in workspace.warnings()]}
        return JSONResponse(told, status_code=503 if troubles else 200)

    async def home(request: Request) -> Response:
        principal_id = session.read(workspace.pepper, request.headers.get("cookie", ""), workspace.clock.wall_ns() / 1e9)
        principal = workspace.snapshot().tokens.principal(principal_id) if principal_id else None
        if principal is None:
            return HTMLResponse(pages.sign_in(), status_code=401, headers=_PAGE_HEADERS)
        shown = pages.Home(
            url=_address(request, workspace.url),
            user=principal.name,
            endpoints=workspace.snapshot().endpoints.everything(),
            troubles=workspace.troubles(),
            warnings=[warned.details for warned in workspace.warnings()],
        )
        return HTMLResponse(pages.home(shown), headers=_PAGE_HEADERS)

    async def login(request: Request) -> Response:
        principal = await workspace.redeem(request.query_params.get("t", ""))
        if principal is None:
            return HTMLResponse(pages.link_spent(), status_code=401, headers=_PAGE_HEADERS)
        cookie = session.issue(workspace.pepper, principal.id, workspace.clock.wall_ns() / 1e9)
        return RedirectResponse("/", status_code=303, headers={"set-cookie": cookie, **_PAGE_HEADERS})

    async def static(request: Request) -> Response:
        path: str = request.scope["path"]
        return Response(pages.asset(path.removeprefix("/static/")), media_type=_STATIC[path], headers=_STATIC_HEADERS)

    return (
        PageRoute("/healthz", "public", healthz),
        PageRoute("/readyz", "public", readyz),
        PageRoute("/login", "public", login),
        PageRoute("/", "public", home),  # tells a stranger only how to sign in
        *(PageRoute(path, "public", static) for path in _STATIC),
    )


def _address(request: Request, listening: str) -> str:
    """Where this browser reaches the gateway, to be shown to it and for nothing else: by the Host it sent, and by the scheme of a proxy in front."""
    host = request.headers.get("host", "")
    scheme = request.headers.get("x-forwarded-proto", "http")
    return f"{scheme}://{host}" if host and scheme in {"http", "https"} else listening
