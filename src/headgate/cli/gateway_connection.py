"""One HTTP request of a command: the connection, TLS, a proxy where the environment names one, and failures in words for people.

It trusts the system's certificate authorities, and those of the files in SSL_CERT_FILE and NODE_EXTRA_CA_CERTS, which agents read too.
"""

import http.client
import os
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from headgate.cli.gateway import Answered
from headgate.core.errors import BadRequest, Unavailable
from headgate.core.loopback import is_loopback

_BYTES_MAX = 256 << 20
# OpenSSL's codes of a chain that ends in an unknown authority (https://docs.openssl.org/master/man1/openssl-verification-options/).
_UNKNOWN_AUTHORITY = frozenset({18, 19, 20, 21})

Request = tuple[str, str, Mapping[str, str], bytes | None]
"""Method, path, headers and body."""


def exchange(url: str, request: Request, timeout_s: float) -> Answered:
    """Send one request to a gateway's address. Raises BadRequest for an address that is none, Unavailable if no answer came."""
    parts = urlsplit(url)
    method, path, headers, content = request
    try:
        connection, prefix = _connection(parts, timeout_s)
        try:
            connection.request(method, prefix + parts.path.rstrip("/") + path, content, dict(headers))
            answer = connection.getresponse()
            fields = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, answer.reason, fields, answer.read(_BYTES_MAX))
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(failure_text(url, error)) from error


def failure_text(url: str, error: Exception) -> str:
    """Why no answer came, and what to do."""
    match error:
        case ssl.SSLCertVerificationError() if error.verify_code in _UNKNOWN_AUTHORITY:
            return (
                f"This machine does not trust the certificate of {url} ({error.verify_message}). If your organisation has a certificate authority "
                "of its own, save its certificate as a PEM file and set SSL_CERT_FILE=/path/to/ca.pem."
            )
        case ssl.SSLCertVerificationError():
            return f"The certificate of {url} is not valid ({error.verify_message}). Check the address, or ask your Headgate administrator."
        case ssl.SSLError():
            return f"{url} does not speak TLS ({getattr(error, 'reason', None) or error}). Is the address http:// and not https://?"
        case socket.gaierror():
            return f"No host has the name in {url} ({error.strerror}). Check the address; do you need a VPN?"
        case TimeoutError():
            return f"No answer came from {url} in time. Check the address; do you need a VPN or a proxy?"
        case _:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            return f"No gateway answers at {url} ({reason}). Is `headgate up` running there?"


def proxy_for(parts: SplitResult, environ: Mapping[str, str]) -> SplitResult | None:
    """The proxy that the environment names for this address; `None` for none. A loopback address has none."""
    named, host = named_proxy(parts, environ), parts.hostname or ""
    if not named or is_loopback(host) or is_without_proxy(host, environ):
        return None
    return urlsplit(named if "://" in named else f"http://{named}")


def named_proxy(parts: SplitResult, environ: Mapping[str, str]) -> str:
    """What the environment names as the proxy of the address's scheme; empty for none."""
    return environ.get(f"{parts.scheme}_proxy") or environ.get(f"{parts.scheme.upper()}_PROXY", "")


def is_without_proxy(host: str, environ: Mapping[str, str]) -> bool:
    """Whether NO_PROXY has the host."""
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # ruff: ignore[import-outside-top-level] slow to load, seldom needed

    return bool(proxy_bypass_environment(host, {"no": environ.get("no_proxy") or environ.get("NO_PROXY", "")}))


def _connection(parts: SplitResult, timeout_s: float) -> tuple[http.client.HTTPConnection, str]:
    """A connection to the address, through its proxy; and what each path begins with on it."""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadRequest(f"{parts.geturl()!r} is no address of a gateway, which is like https://gate.example or http://127.0.0.1:8484.")
    proxy = proxy_for(parts, os.environ)
    reached = parts if proxy is None else proxy
    host, port = reached.hostname or "", reached.port
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=timeout_s), "" if proxy is None else f"http://{parts.netloc}"
    secured = http.client.HTTPSConnection(host, port or (8080 if proxy is not None else 443), timeout=timeout_s, context=_tls())
    if proxy is not None:
        secured.set_tunnel(parts.hostname, parts.port or 443, _proxy_headers(proxy))
    return secured, ""


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    import base64  # ruff: ignore[import-outside-top-level] for the few proxies that want a password

    named = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
    return {"proxy-authorization": f"Basic {base64.b64encode(named).decode()}"}


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    more = os.environ.get("NODE_EXTRA_CA_CERTS", "")
    if more and os.path.isfile(more):
        context.load_verify_locations(more)
    return context
