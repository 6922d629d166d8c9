"""What a URL in the configuration may be made of."""

import re
from urllib.parse import SplitResult, urlsplit

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_URL_PATH = re.compile(r"(?:/[A-Za-z0-9._~@:-]+)*")


def split_url(url: str) -> tuple[str, SplitResult | None]:
    """The parts of an http(s) URL that has only a scheme, host, port and path; or the reason why the URL is not like that."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"is no URL: {error}", None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "must begin with http:// or https:// and a host", None
    if "@" in parts.netloc:
        return "must not hold a user name or password", None
    if parts.query or parts.fragment or "?" in url or "#" in url:
        return "must not have a query or fragment", None
    climbs = any(segment in {".", ".."} for segment in parts.path.split("/"))
    if port == 0 or not _HOST.fullmatch(parts.hostname) or not _URL_PATH.fullmatch(parts.path.rstrip("/")) or climbs:
        return "has a host, port or path that no provider's URL has", None
    return "", parts
