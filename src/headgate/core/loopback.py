"""Whether an address leads to this machine itself, by its text alone: no name is looked up."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_SHORTENED = re.compile(r"127\.[0-9.]+")  # as `127.1`, which systems understand and `ipaddress` does not


def is_loopback(host: str) -> bool:
    """Whether a host, with or without the brackets of IPv6, is this machine's own. A name that only begins like one is not."""
    plain = host.lower().removeprefix("[").removesuffix("]")
    try:
        return ip_address(plain).is_loopback
    except ValueError:
        return plain == "localhost" or _SHORTENED.fullmatch(plain) is not None


def is_loopback_url(url: str) -> bool:
    """Whether the host of a URL is this machine's own. What is no URL has none."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False
