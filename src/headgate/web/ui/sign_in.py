"""Signing in and out: by a one-time link, or with an access token. A session acts as that token, and ends with it."""

from collections.abc import Awaitable, Callable

import msgspec

from headgate.admin.token_ports import EndedSession
from headgate.core.access_token import AccessToken
from headgate.core.errors import Unauthenticated
from headgate.core.scopes import ANY, PUBLIC
from headgate.web.guesses import Guesses
from headgate.web.session import Sessions, removal
from headgate.web.ui.answers import PageAnswer, redirect
from headgate.web.ui.bare_pages import LINK_SPENT, confirm_sign_in, sign_in_page
from headgate.web.ui.routes import PageRequest, PageRoute

_UNKNOWN_TOKEN = "Headgate does not know this token, or it was revoked or has expired."  # ruff: ignore[hardcoded-password-string] a sentence


class SignIn(msgspec.Struct, frozen=True):
    """What signing in is given. `redeem` uses up a one-time code and returns its token, if that lives; `present` finds the token of a secret that a browser
    at this address presents, or raises Unauthenticated; `end_session` stores that a session has ended, and `sessions` knows it afterwards; `link_refused`
    hears the address of a browser whose link was not good; `contact` is whom to ask.
    """

    sessions: Sessions
    guesses: Guesses
    redeem: Callable[[str], Awaitable[AccessToken | None]]
    present: Callable[[str, str], Awaitable[AccessToken]]
    end_session: Callable[[EndedSession], Awaitable[None]]
    link_refused: Callable[[str], None] = lambda _address: None
    contact: str = ""


def sign_in_routes(parts: SignIn) -> tuple[PageRoute, ...]:
    """`/login` and `/logout`."""

    async def show(request: PageRequest) -> PageAnswer:
        """A one-time link as it is opened. It shows a button and spends nothing: mail scanners and chat previews open links too."""
        secret = request.query.get("t", "")
        return confirm_sign_in(secret) if secret else sign_in_page(next_path=_next(request.query.get("next", "")), contact=parts.contact)

    async def sign_in(request: PageRequest) -> PageAnswer:
        next_path = _next(request.form.get("next", ""))
        presented = request.form.get("token", "").strip()
        if presented and "t" not in request.form:
            try:
                token: AccessToken | None = await parts.present(presented, request.address)
            except Unauthenticated:
                return sign_in_page(401, problem=_UNKNOWN_TOKEN, next_path=next_path, contact=parts.contact)
        else:
            token = await _redeemed(parts, request)
        if token is None:
            return sign_in_page(401, problem=LINK_SPENT, next_path=next_path, contact=parts.contact)
        return redirect(next_path, parts.sessions.issue(token, secure=request.secure))

    async def leave(_request: PageRequest) -> PageAnswer:
        return redirect("/")

    async def sign_out(request: PageRequest) -> PageAnswer:
        """End the session. If that cannot be stored, the browser stays signed in, and the page says so."""
        session = parts.sessions.to_end(request.cookie, secure=request.secure)
        if session is not None:
            await parts.end_session(session)
        return redirect("/login", removal(secure=request.secure))

    return (
        PageRoute("GET", "/login", PUBLIC, show),
        PageRoute("POST", "/login", PUBLIC, sign_in),
        PageRoute("GET", "/logout", ANY, leave),
        PageRoute("POST", "/logout", ANY, sign_out),
    )


async def _redeemed(parts: SignIn, request: PageRequest) -> AccessToken | None:
    secret = request.form.get("t", "")
    parts.guesses.check(request.address, secret)
    token = await parts.redeem(secret)
    if token is None:
        parts.guesses.failed(request.address, secret)
        parts.link_refused(request.address)
    return token


def _next(path: str) -> str:
    """A page of this gateway to go to; the start page for anything else, such as another site's address."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") and not path.startswith("/log") else "/"
