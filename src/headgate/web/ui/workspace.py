"""The workspace's pages and health checks: readiness, the start page, signing in and out. It makes no HTML itself and decides nothing about traffic."""

from collections.abc import Awaitable, Callable

import msgspec

from headgate.admin.token_ports import EndedSession
from headgate.core.access_token import AccessToken
from headgate.core.errors import Unauthenticated
from headgate.core.scopes import ADMIN, PUBLIC
from headgate.exchange.snapshot import Snapshot
from headgate.policy.permit import allowed_names
from headgate.web.guesses import Guesses
from headgate.web.session import Sessions, removal
from headgate.web.ui import pages
from headgate.web.ui.routes import PageAnswer, PageRequest, PageRoute, json_answer, page, redirect

_STATIC = {"/static/page.css": b"text/css; charset=utf-8", "/static/icon.svg": b"image/svg+xml"}
_STATIC_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"content-security-policy", b"default-src 'none'")]


class Warned(msgspec.Struct, frozen=True):
    """What is wrong while the gateway serves. `told` is for anyone, and names no file and no table; `details` are for administrators."""

    told: str
    details: str


class Workspace(msgspec.Struct, frozen=True):
    """What the pages are given. `redeem` uses up a one-time code and returns its token, if that lives; `end_session` stores that a session has
    ended, and `sessions` knows it afterwards; `troubles` lists why the gateway is not ready, for anyone to read, `warnings` what is wrong while it
    serves. `restarts` says how often each process ended by itself; `link_refused` hears the address of a browser whose link was not good.
    """

    sessions: Sessions
    guesses: Guesses
    snapshot: Callable[[], Snapshot]
    redeem: Callable[[str], Awaitable[AccessToken | None]]
    end_session: Callable[[EndedSession], Awaitable[None]]
    troubles: Callable[[], list[str]]
    warnings: Callable[[], list[Warned]]
    restarts: Callable[[], dict[str, int]]
    link_refused: Callable[[str], None] = lambda _address: None


def page_routes(workspace: Workspace) -> tuple[PageRoute, ...]:
    """The pages and health checks of this release."""
    made = _Pages(workspace)
    return (
        PageRoute("GET", "/healthz", PUBLIC, made.healthz),
        PageRoute("GET", "/readyz", PUBLIC, made.readyz),
        PageRoute("GET", "/login", PUBLIC, made.link),
        PageRoute("POST", "/login", PUBLIC, made.sign_in),
        PageRoute("GET", "/logout", ADMIN, made.home),
        PageRoute("POST", "/logout", PUBLIC, made.sign_out),
        PageRoute("GET", "/", ADMIN, made.home),
        *(PageRoute("GET", path, PUBLIC, made.static) for path in _STATIC),
    )


class _Pages:
    """What makes each page."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def healthz(self, _request: PageRequest) -> PageAnswer:
        """That the process answers at all."""
        return json_answer({"status": "ok"})

    async def readyz(self, _request: PageRequest) -> PageAnswer:
        """Whether traffic may come, and why not."""
        troubles = self._workspace.troubles()
        warnings = [warned.told for warned in self._workspace.warnings()]
        told = {"ready": not troubles, "reasons": troubles, "warnings": warnings, "restarts": self._workspace.restarts()}
        return json_answer(told, 503 if troubles else 200)

    async def home(self, request: PageRequest) -> PageAnswer:
        """The start page."""
        if request.token is None:
            raise Unauthenticated("Sign in first.")
        snapshot = self._workspace.snapshot()
        allowed = allowed_names(request.token, snapshot.permissions, snapshot.endpoints.names_of)
        shown = pages.Home(
            url=request.url,
            user=request.token.principal.name,
            endpoints=[endpoint for endpoint in snapshot.endpoints.everything() if allowed(endpoint.name)],
            troubles=self._workspace.troubles(),
            warnings=[warned.details for warned in self._workspace.warnings()],
        )
        return page(pages.home(shown))

    async def link(self, request: PageRequest) -> PageAnswer:
        """A one-time link as it is opened. It shows a button and spends nothing: mail scanners and chat previews open links too."""
        secret = request.query.get("t", "")
        return page(pages.confirm_sign_in(secret)) if secret else page(pages.sign_in(), 401)

    async def sign_in(self, request: PageRequest) -> PageAnswer:
        """Spend the link, and begin a session on its token."""
        secret, guesses = request.form.get("t", ""), self._workspace.guesses
        guesses.check(request.address, secret)
        token = await self._workspace.redeem(secret)
        if token is None or not token.principal.is_administrator:
            guesses.failed(request.address, secret)
            self._workspace.link_refused(request.address)
            return page(pages.link_spent(), 401)
        return redirect("/", self._workspace.sessions.issue(token, secure=request.secure))

    async def sign_out(self, request: PageRequest) -> PageAnswer:
        """End the session. If that cannot be stored, the browser stays signed in, and the page says so."""
        session = self._workspace.sessions.to_end(request.cookie, secure=request.secure)
        if session is None:
            return redirect("/")
        await self._workspace.end_session(session)
        return redirect("/", removal(secure=request.secure))

    async def static(self, request: PageRequest) -> PageAnswer:
        """A file that pages refer to."""
        content = pages.asset(request.path.removeprefix("/static/"))
        return PageAnswer(200, [(b"content-type", _STATIC[request.path]), *_STATIC_HEADERS], content)
