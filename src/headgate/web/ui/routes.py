"""A row of the table of pages: method, path pattern, who may see it, and what makes it; and what a page is given."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from headgate.core.access_token import AccessToken
from headgate.core.errors import Unauthenticated
from headgate.core.headers import Headers
from headgate.core.principal import Principal
from headgate.core.scopes import VIEWER, opens
from headgate.web.ui.answers import PageAnswer, PageStream
from headgate.web.ui.fields import NO_FIELDS, Fields
from headgate.web.ui.frame import PageFrame


class PageRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a browser, read whole. `token` is the one that its session was begun with; none on a public page without a session.

    `url` is the address at which the browser reaches Headgate; `frame` is what surrounds the page for this principal.
    """

    path: str
    url: str
    address: str = ""
    cookie: str = ""
    token: AccessToken | None = None
    headers: Headers = []
    parameters: Mapping[str, str] = {}
    query: Fields = NO_FIELDS
    form: Fields = NO_FIELDS
    form_token: str = ""
    make_frame: Callable[[], PageFrame] = PageFrame

    @property
    def frame(self) -> PageFrame:
        """What surrounds a page for this principal. It is made when a page asks for it: most answers, such as tiles and static files, have none."""
        return self.make_frame()

    @property
    def secure(self) -> bool:
        """Whether the browser comes over TLS."""
        return self.url.startswith("https:")

    @property
    def caller(self) -> AccessToken:
        """The token of the session. Raises Unauthenticated without one, which a route that needs a token never meets."""
        if self.token is None:
            raise Unauthenticated("Sign in first.")
        return self.token

    @property
    def principal(self) -> Principal:
        """The principal that looks."""
        return self.caller.principal

    def framed(self, template: str, title: str, /, *, status: int = 200, **values: object) -> PageAnswer:
        """A page of this template in the frame."""
        return self.frame.answer(template, title, status=status, **values)


Page = Callable[[PageRequest], Awaitable[PageAnswer | PageStream]]


class PageRoute(msgspec.Struct, frozen=True):
    """One row. A page for GET also answers HEAD."""

    method: str
    path: str
    access: str  # a scope, `ANY`, `VIEWER` or `PUBLIC`
    call: Page


def may_open(token: AccessToken, access: str) -> bool:
    """Whether a session with this token satisfies the access rule of a page."""
    if access == VIEWER:
        return token.principal.reads_all_usage
    return opens(token.principal.scopes, access)
