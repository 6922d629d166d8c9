"""Words for people: what went wrong between Headgate and a provider. Names the provider and the host, never a path, a query or a secret."""

import socket
import ssl

from headgate.core.endpoint import Provider
from headgate.core.errors import UpstreamFailed
from headgate.upstream.proxy import ProxyRefused


def refused(provider: Provider, reason: str) -> UpstreamFailed:
    """Headgate itself would not write the request."""
    return UpstreamFailed(f"The request to provider {provider.name} was not sent: {reason}.", code="bad_request", sent=False)


def misplaced(provider: Provider, reason: str) -> UpstreamFailed:
    """The provider's base URL cannot be used."""
    return UpstreamFailed(f"Provider {provider.name} cannot be reached: its base_url is wrong, {reason}.", code="bad_base_url", sent=False)


def unreachable(provider: Provider, address: str, error: Exception) -> UpstreamFailed:
    """No connection came about."""
    code, reason = _reason(error)
    return UpstreamFailed(f"Provider {provider.name} cannot be reached: {reason} ({address}).", code=code, sent=False)


def unconnected(provider: Provider, address: str, timeout_s: float) -> UpstreamFailed:
    """No connection came about in time."""
    message = f"Provider {provider.name} cannot be reached: no connection within {timeout_s:g} s ({address})."
    return UpstreamFailed(message, status=504, code="connect_timeout", sent=False)


def unanswered(provider: Provider, timeout_s: float, *, sent: bool) -> UpstreamFailed:
    """No head of an answer in time."""
    return UpstreamFailed(
        f"Provider {provider.name} did not begin to answer within {timeout_s:g} s.", status=504, code="first_byte_timeout", sent=sent
    )


def silent(provider: Provider, timeout_s: float) -> UpstreamFailed:
    """Nothing came for too long in the middle of an answer."""
    message = f"Provider {provider.name} broke off: nothing came for {timeout_s:g} s in the middle of its answer."
    return UpstreamFailed(message, status=504, code="idle_timeout")


def endless(provider: Provider, timeout_s: float, *, sent: bool) -> UpstreamFailed:
    """The whole exchange took too long."""
    return UpstreamFailed(f"Provider {provider.name} did not finish its answer within {timeout_s:g} s.", status=504, code="total_timeout", sent=sent)


def malformed(provider: Provider, reason: str) -> UpstreamFailed:
    """The answer is not what HTTP/1.1 allows, or not what we take."""
    return UpstreamFailed(f"Provider {provider.name} sent an answer that cannot be read: {reason}.", code="bad_answer")


def oversized(provider: Provider, max_bytes: int) -> UpstreamFailed:
    """The answer is larger than we take."""
    return UpstreamFailed(f"Provider {provider.name} sent an answer of more than {max_bytes} bytes.", code="answer_too_large")


def cut(provider: Provider, received_bytes: int | None) -> UpstreamFailed:
    """The connection was lost after the request was written: it may have been billed, so it is never sent again.

    `received_bytes` is None where no answer had begun.
    """
    if received_bytes is None:
        return UpstreamFailed(f"Provider {provider.name} closed the connection before it answered.", code="cut")
    return UpstreamFailed(f"Provider {provider.name} broke off its answer after {received_bytes} bytes.", code="cut")


def closing(provider: Provider, *, sent: bool) -> UpstreamFailed:
    """Headgate is shutting down."""
    return UpstreamFailed(f"The request to provider {provider.name} was given up: Headgate is shutting down.", code="closing", sent=sent)


def broken(provider: Provider) -> UpstreamFailed:
    """A bug in Headgate while an answer was passed on; the exchange must still be settled."""
    return UpstreamFailed(f"The answer of provider {provider.name} could not be passed on.", code="internal")


def _reason(error: Exception) -> tuple[str, str]:
    """A code and the words for what kept a connection from coming about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "bad_certificate", f"its certificate is not accepted, {error.verify_message.rstrip('.')}"
    if isinstance(error, ssl.SSLError):
        return "tls_failed", f"the TLS handshake failed, {(error.reason or 'no reason given').lower().replace('_', ' ')}"
    if isinstance(error, ProxyRefused):
        return "proxy_refused", str(error)
    if isinstance(error, socket.gaierror):
        return "unknown_host", "its host name is unknown"
    if isinstance(error, ConnectionRefusedError):
        return "unreachable", "connection refused"
    if isinstance(error, ConnectionResetError | ConnectionAbortedError):
        return "unreachable", "the connection was closed before it was open"
    strerror = error.strerror if isinstance(error, OSError) else None
    return "unreachable", (strerror or type(error).__name__).lower()
