"""What a page answers: HTML, JSON or a redirect, under the one policy that all pages have."""

from collections.abc import Callable

import msgspec

from headgate.core.headers import Headers
from headgate.exchange.ports import ClientStream

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
BROWSER_HEADERS: Headers = [
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]


class PageAnswer(msgspec.Struct, frozen=True):
    """Status, headers without the length, and body."""

    status: int
    headers: Headers
    body: bytes = b""


class PageStream(msgspec.Struct, frozen=True):
    """An answer that goes on after the page was made. `begin` is given the browser's stream and owns it from there: it watches it, begins the answer,
    and ends it; or raises before it has begun.
    """

    begin: Callable[[ClientStream], None]


def page(text: str, status: int = 200, extra: Headers | None = None) -> PageAnswer:
    """A page of HTML under the policy of all pages."""
    return PageAnswer(status, [*BROWSER_HEADERS, *(extra or ()), (b"content-type", b"text/html; charset=utf-8")], text.encode())


def json_answer(value: object, status: int = 200, extra: Headers | None = None) -> PageAnswer:
    """JSON, for scripts of pages and for machines that look here."""
    return PageAnswer(status, [(b"content-type", b"application/json"), *(extra or ())], msgspec.json.encode(value))


def download(body: bytes, content_type: str, name: str) -> PageAnswer:
    """A file for the browser to save. Only letters, digits, dots, dashes and underscores of the name are used."""
    safe = "".join(character if character.isascii() and (character.isalnum() or character in "._-") else "-" for character in name)
    disposition = f'attachment; filename="{safe}"'
    headers: Headers = [*BROWSER_HEADERS, (b"content-type", content_type.encode()), (b"content-disposition", disposition.encode())]
    return PageAnswer(200, headers, body)


def redirect(path: str, cookie: str = "") -> PageAnswer:
    """Redirect the browser to another of Headgate's pages, with a cookie to keep."""
    cookies: Headers = [(b"set-cookie", cookie.encode())] if cookie else []
    return PageAnswer(303, [*BROWSER_HEADERS, (b"location", path.encode()), *cookies])
