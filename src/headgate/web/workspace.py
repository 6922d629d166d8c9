"""The workspace's pages and health checks: readiness, the start page, signing in and out. It makes no HTML itself and decides nothing about traffic."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from headgate.admin.token_ports import EndedSession
from headgate.core.access_token import AccessToken
from headgate.core.errors import TooLarge
from headgate.core.principal import Principal
from headgate.core.scopes import PUBLIC
from headgate.exchange.snapshot import Snapshot
from headgate.web.asgi import client_address, read_body
from headgate.web.guesses import Guesses
from headgate.web.proxies import base_url
from headgate.web.server import PageRoute
from headgate.web.session import Sessions, removal
from headgate.web.ui import pages

_STATIC = {"/static/page.css": "text/css", "/static/icon.svg": "image/svg+xml"}
_STATIC_HEADERS = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'"}
_FORM_BYTES_MAX = 4096


class Warned(msgspec.Struct, frozen=True):
    """What is wrong while the gateway serves. `told` is for anyone, and names no file and no table; `details` are for administrators."""

    told: str
    details: str


class Workspace(msgspec.Struct, frozen=True):
    """What the pages are given. `redeem` uses up a one-time code and returns its token, if that lives; `end_session` stores that a session has
    ended, and `sessions` knows it afterwards; `troubles` lists why the gateway is not ready, for anyone to read, `warnings` what is wrong while it
    serves. `restarts` says how often each process ended by itself. `public_url` is the configured address, or empty; `url` is where it listens.
    """

    url: str
    public_url: str
    sessions: Sessions
    guesses: Guesses
    snapshot: Callable[[], Snapshot]
    redeem: Callable[[str], Awaitable[AccessToken | None]]
    end_session: Callable[[EndedSession], Awaitable[None]]
    troubles: Callable[[], list[str]]
    warnings: Callable[[], list[Warned]]
    restarts: Callable[[], dict[str, int]]


def page_routes(workspace: Workspace) -> tuple[PageRoute, ...]:
    """The pages and health checks of this release."""
    made = _Pages(workspace)
    return (
        PageRoute("/healthz", PUBLIC, made.healthz),
        PageRoute("/readyz", PUBLIC, made.readyz),
        PageRoute("/login", PUBLIC, made.link, post=made.sign_in),
        PageRoute("/logout", PUBLIC, made.home, post=made.sign_out),
        PageRoute("/", PUBLIC, made.home),  # a stranger learns only how to sign in
        *(PageRoute(path, PUBLIC, made.static) for path in _STATIC),
    )


class _Pages:
    """What makes each page."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def healthz(self, _request: Request) -> Response:
        """That the process answers at all."""
        return JSONResponse({"status": "ok"})

    async def readyz(self, _request: Request) -> Response:
        """Whether traffic may come, and why not."""
        troubles = self._workspace.troubles()
        warnings = [warned.told for warned in self._workspace.warnings()]
        told = {"ready": not troubles, "reasons": troubles, "warnings": warnings, "restarts": self._workspace.restarts()}
        return JSONResponse(told, status_code=503 if troubles else 200)

    async def home(self, request: Request) -> Response:
        """The start page, or how to sign in."""
        principal = self._principal(request)
        if principal is None or not principal.is_administrator:
            return _page(pages.sign_in(), 401)
        shown = pages.Home(
            url=self._url(request),
            user=principal.name,
            endpoints=self._workspace.snapshot().endpoints.everything(),
            troubles=self._workspace.troubles(),
            warnings=[warned.details for warned in self._workspace.warnings()],
        )
        return _page(pages.home(shown))

    async def link(self, request: Request) -> Response:
        """A one-time link as it is opened. It shows a button and spends nothing: mail scanners and chat previews open links too."""
        secret = request.query_params.get("t", "")
        return _page(pages.confirm_sign_in(secret)) if secret else _page(pages.sign_in(), 401)

    async def sign_in(self, request: Request) -> Response:
        """Spend the link, and begin a session on its token."""
        if not _is_own_form(request):
            return _page(pages.sign_in(), 403)
        secret, address, guesses = await _field(request, "t"), client_address(request.scope), self._workspace.guesses
        guesses.check(address, secret)
        token = await self._workspace.redeem(secret)
        if token is None or not token.principal.is_administrator:
            guesses.failed(address, secret)
            return _page(pages.link_spent(), 401)
        return _to_home(self._workspace.sessions.issue(token, secure=self._secure(request)))

    async def sign_out(self, request: Request) -> Response:
        """End the session. Where that cannot be stored the browser stays signed in, and is told."""
        if not _is_own_form(request):
            return _page(pages.sign_in(), 403)
        secure = self._secure(request)
        session = self._workspace.sessions.to_end(request.headers.get("cookie", ""), secure=secure)
        if session is None:
            return _to_home("")
        await self._workspace.end_session(session)
        return _to_home(removal(secure=secure))

    async def static(self, request: Request) -> Response:
        """A file that pages refer to."""
        path: str = request.scope["path"]
        return Response(pages.asset(path.removeprefix("/static/")), media_type=_STATIC[path], headers=_STATIC_HEADERS)

    def _principal(self, request: Request) -> Principal | None:
        """Who is signed in, with the scopes of the token that the session stands for."""
        token = self._workspace.sessions.token(request.headers.get("cookie", ""), secure=self._secure(request))
        return token.principal if token is not None else None

    def _url(self, request: Request) -> str:
        return base_url(request.scope, self._workspace.public_url, self._workspace.url)

    def _secure(self, request: Request) -> bool:
        return self._url(request).startswith("https:")


def _page(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status_code=status, headers=pages.HEADERS)


def _to_home(cookie: str) -> Response:
    headers = {"set-cookie": cookie, **pages.HEADERS} if cookie else pages.HEADERS
    return RedirectResponse("/", status_code=303, headers=headers)


def _is_own_form(request: Request) -> bool:
    """Whether a form of ours was sent, as far as the browser says. `Sec-Fetch-Site` is missing over plain HTTP; `Origin` is `null` without a referrer."""
    site = request.headers.get("sec-fetch-site", "").lower()
    if site:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.headers.get("host", "")


async def _field(request: Request, name: str) -> str:
    """One field of a small form; empty where the form has none or is larger than any of ours."""
    try:
        body = await read_body(request.receive, _FORM_BYTES_MAX)  # type: ignore[arg-type] # Starlette types the same messages as mutable mappings
    except TooLarge:
        return ""
    return dict(parse_qsl(body.decode("latin-1"))).get(name, "")
