"""The words of failures."""

import socket
import ssl

import pytest

from headgate.core.endpoint import Provider
from headgate.core.secret import Secret
from headgate.upstream import failure
from headgate.upstream.proxy import ProxyRefused

LAB = Provider(name="lab", dialect="anthropic", base_url="http://127.0.0.1:9000/secret-path", api_key=Secret("geheim"))


def _unverified():
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = "certificate has expired"
    return error


def _handshake():
    error = ssl.SSLError(1, "x")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "unreachable", "connection refused"),
        (ConnectionResetError(104, "x"), "unreachable", "the connection was closed before it was open"),
        (ConnectionAbortedError(), "unreachable", "the connection was closed before it was open"),
        (OSError(113, "No route to host"), "unreachable", "no route to host"),
        (OSError(), "unreachable", "oserror"),
        (socket.gaierror(-2, "Name or service not known"), "unknown_host", "its host name is unknown"),
        (_unverified(), "bad_certificate", "its certificate is not accepted, certificate has expired"),
        (_handshake(), "tls_failed", "the TLS handshake failed, wrong version number"),
        (ProxyRefused("its proxy answered 407"), "proxy_refused", "its proxy answered 407"),
    ],
)
def test_unreachable(error, code, reason):
    """What happened, where, and that nothing was sent."""
    failed = failure.unreachable(LAB, "127.0.0.1:9000", error)

    assert failed.message == f"Provider lab cannot be reached: {reason} (127.0.0.1:9000)."
    assert (failed.status, failed.code, failed.sent) == (502, code, False)


@pytest.mark.parametrize(
    ("failed", "status", "code", "sent"),
    [
        (failure.refused(LAB, "why"), 502, "bad_request", False),
        (failure.misplaced(LAB, "why"), 502, "bad_base_url", False),
        (failure.unconnected(LAB, "h:1", 5.0), 504, "connect_timeout", False),
        (failure.unanswered(LAB, 600.0, sent=True), 504, "first_byte_timeout", True),
        (failure.silent(LAB, 300.0), 504, "idle_timeout", True),
        (failure.endless(LAB, 3600.0, sent=False), 504, "total_timeout", False),
        (failure.malformed(LAB, "why"), 502, "bad_answer", True),
        (failure.oversized(LAB, 5), 502, "answer_too_large", True),
        (failure.cut(LAB, None), 502, "cut", True),
        (failure.cut(LAB, 7), 502, "cut", True),
        (failure.closing(LAB, sent=False), 502, "closing", False),
        (failure.broken(LAB), 502, "internal", True),
    ],
)
def test_every_failure(failed, status, code, sent):
    """A sentence that names the provider, and neither its path nor its secret."""
    assert (failed.status, failed.code, failed.sent) == (status, code, sent)
    assert "rovider lab" in failed.message
    assert failed.message.endswith(".")
    assert "secret" not in failed.message
    assert "geheim" not in failed.message


def test_numbers_are_told_plainly():
    """Seconds and bytes as people write them."""
    assert failure.unanswered(LAB, 0.5, sent=True).message == "Provider lab did not begin to answer within 0.5 s."
    assert failure.silent(LAB, 300.0).message == "Provider lab broke off: nothing came for 300 s in the middle of its answer."
    assert failure.cut(LAB, 0).message == "Provider lab broke off its answer after 0 bytes."
    assert failure.cut(LAB, None).message == "Provider lab closed the connection before it answered."
