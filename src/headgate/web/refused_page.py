"""A refusal as a page, for a person who opened the address in a browser. Clients that do not ask for HTML get JSON elsewhere. It decides nothing."""

from headgate.core.errors import GatewayError
from headgate.core.headers import Headers
from headgate.web.asgi import Scope
from headgate.web.ui import pages


def for_browser(scope: Scope) -> bool:
    """Whether the client asks for HTML, as browsers do for a page and agents and SDKs never do."""
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def refused_page(error: GatewayError) -> tuple[int, Headers, bytes]:
    """Status, headers and body of the page that shows this refusal."""
    headers = [(name.encode(), value.encode()) for name, value in pages.HEADERS.items()]
    if error.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % max(1, round(error.retry_after_s))))
    return error.status, [*headers, (b"content-type", b"text/html; charset=utf-8")], pages.refused(error.status, error.message).encode()
