"""The pages without a frame: signing in, and refusals. They are for anyone and show nothing of this gateway."""

from http import HTTPStatus

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.web.edge import Answer, retry_after
from headgate.web.ui.answers import BROWSER_HEADERS, PageAnswer, page
from headgate.web.ui.templating import render

LINK_SPENT = "This link was used before, is older than ten minutes, or its token was revoked."


def sign_in_page(status: int = 200, *, problem: str = "", next_path: str = "/", contact: str = "") -> PageAnswer:
    """How a browser is signed in. `problem` says why the last try failed; `next_path` is the page to go to afterwards; `contact` is whom to ask."""
    return page(render("sign_in.html", title="Sign in", problem=problem, next_path=next_path, contact=contact), status)


def confirm_sign_in(secret: str) -> PageAnswer:
    """A one-time link as it is opened: one button, which spends it."""
    return page(render("confirm_sign_in.html", title="Sign in", secret=secret))


def for_browser(headers: Headers) -> bool:
    """Whether the client asks for HTML, as browsers do for a page and agents and SDKs never do."""
    return any(name == b"accept" and b"text/html" in value for name, value in headers)


def refused_page(error: GatewayError, contact: str = "") -> Answer:
    """The page that shows a refusal to a person. `contact` is whom to ask."""
    headers = [*BROWSER_HEADERS, *retry_after(error), (b"content-type", b"text/html; charset=utf-8")]
    title = HTTPStatus(error.status).phrase
    return error.status, headers, render("refused.html", title=title, problem=error.message, contact=contact).encode()
