"""A row of the table of pages: method, path pattern, who may see it, and what makes it; and what a page is given and gives."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.headers import Headers
from headgate.web.ui.pages import BROWSER_HEADERS


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a browser, read whole. `token` is the one that its session was begun with; none on a public page.

    `url` is the address at which the browser reaches Headgate.
    """

    path: str
    url: str
    address: str = ""
    cookie: str = ""
    token: AccessToken | None = None
    parameters: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    form: Mapping[str, str] = {}

    @property
    def secure(self) -> bool:
        """Whether the browser comes over TLS."""
        return self.url.startswith("https:")


class PageAnswer(msgspec.Struct, frozen=True):
    """Status, headers without the length, and body."""

    status: int
    headers: Headers
    body: bytes = b""


Page = Callable[[PageRequest], Awaitable[PageAnswer]]


class PageRoute(msgspec.Struct, frozen=True):
    """One row. A page for GET also answers HEAD."""

    method: str
    path: str
    access: str  # a scope, or PUBLIC
    call: Page


def page(text: str, status: int = 200) -> PageAnswer:
    """A page of HTML under the policy of all pages."""
    return PageAnswer(status, [*BROWSER_HEADERS, (b"content-type", b"text/html; charset=utf-8")], text.encode())


def json_answer(value: object, status: int = 200, extra: Headers | None = None) -> PageAnswer:
    """JSON, for machines that look here."""
    return PageAnswer(status, [(b"content-type", b"application/json"), *(extra or ())], msgspec.json.encode(value))


def redirect(path: str, cookie: str = "") -> PageAnswer:
    """Redirect the browser to another of Headgate's pages, with a cookie to keep."""
    cookies: Headers = [(b"set-cookie", cookie.encode())] if cookie else []
    return PageAnswer(303, [*BROWSER_HEADERS, (b"location", path.encode()), *cookies])
