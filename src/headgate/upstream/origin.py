"""Where a provider is: its base URL, read once and strictly. Pure text work; opens nothing."""

import ipaddress
import re
from urllib.parse import urlsplit

import msgspec

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\.?")


class BadUrl(ValueError):
    """A URL that cannot be used; the message says why and never repeats the URL, which may hold a secret."""


class Origin(msgspec.Struct, frozen=True):
    """A base URL in its parts. `path` is the prefix of every target, without a trailing slash."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def address(self) -> str:
        """Host and port, as people read it and as `CONNECT` takes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        """The value of the `host` header: the port only where it is not the scheme's own (RFC 9110 section 7.2)."""
        if self.port == _DEFAULT_PORTS[self.scheme]:
            return f"[{self.host}]" if ":" in self.host else self.host
        return self.address


def parse_base_url(base_url: str) -> Origin:
    """Read a provider's base URL. Raises BadUrl."""
    if not base_url.isprintable() or " " in base_url:  # urlsplit drops some of these silently
        raise BadUrl("it holds a space or a control character")
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadUrl("its host or port cannot be read") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise BadUrl("it must begin with http:// or https://")
    if "@" in parts.netloc:
        raise BadUrl("it must not hold a user or password")
    if "?" in base_url or "#" in base_url:
        raise BadUrl("it must end with its path")
    path = parts.path.rstrip("/")
    if not _PATH.fullmatch(path):
        raise BadUrl("its path holds a character that must be escaped")
    if port == 0:
        raise BadUrl("its host or port cannot be read")
    return Origin(scheme=parts.scheme, host=_host(host), port=port or _DEFAULT_PORTS[parts.scheme], path=path)


def _host(host: str) -> str:
    """A host name in ASCII, or an address as it is."""
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise BadUrl("its host or port cannot be read") from None
        return host
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise BadUrl("its host name cannot be read") from None
    if not _HOST.fullmatch(name):
        raise BadUrl("its host name cannot be read")
    return name
