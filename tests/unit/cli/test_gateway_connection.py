"""The connection of a command to a gateway, and its failures in words."""

import socket
import ssl
import threading
from urllib.parse import urlsplit

import pytest
import trustme

from headgate.cli.gateway_connection import exchange, failure_text, proxy_for
from headgate.core.errors import BadRequest, Unavailable
from tests.unit.cli.answering import answering

URL = "https://gate.example"
GET = ("GET", "/api/x", {}, None)


def refused_certificate(code):
    """How Python reports a certificate that it does not trust."""
    error = ssl.SSLCertVerificationError(1, "failed")
    error.verify_code, error.verify_message = code, "why"
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (refused_certificate(20), "does not trust the certificate of https://gate.example (why)"),
        (refused_certificate(19), "set SSL_CERT_FILE=/path/to/ca.pem"),
        (refused_certificate(10), "is not valid (why)"),
        (ssl.SSLError(1, "wrong version"), "Is the address http:// and not https://?"),
        (socket.gaierror(-2, "Name or service not known"), "No host has the name in https://gate.example (Name or service not known)"),
        (TimeoutError(), "No answer came from https://gate.example in time"),
        (ConnectionRefusedError(111, "Connection refused"), "No gateway answers at https://gate.example (Connection refused)"),
        (ValueError(), "No gateway answers at https://gate.example (ValueError)"),
    ],
)
def test_failures_say_what_to_do(error, words):
    """One sentence for what happened, one for what to try."""
    assert words in failure_text(URL, error)


def test_no_address():
    """Is refused before anything is sent."""
    with pytest.raises(BadRequest, match="is no address of a gateway"):
        exchange("ftp://gate.example", GET, 1)
    with pytest.raises(Unavailable, match=r"No gateway answers at http://127.0.0.1:1 "):
        exchange("http://127.0.0.1:1", GET, 1)


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        (URL, {}, ""),
        (URL, {"HTTPS_PROXY": "http://proxy:3128"}, "proxy"),
        (URL, {"https_proxy": "proxy:3128"}, "proxy"),
        (URL, {"HTTP_PROXY": "http://proxy:3128"}, ""),
        (URL, {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": ".example"}, ""),
        (URL, {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "other.example"}, "proxy"),
        ("http://127.0.0.1:8484", {"HTTP_PROXY": "http://proxy:3128"}, ""),
        ("http://localhost:8484", {"HTTP_PROXY": "http://proxy:3128"}, ""),
        ("http://127.0.0.1.example:8484", {"HTTP_PROXY": "http://proxy:3128"}, "proxy"),
    ],
)
def test_the_proxy_of_the_environment(url, environ, proxy):
    """As other programs choose it; this machine is reached without one."""
    found = proxy_for(urlsplit(url), environ)
    assert ("" if found is None else found.hostname) == proxy


def test_a_request_goes_through_its_proxy(monkeypatch):
    """With the whole address in its first line, for a plain one."""
    with answering({"http://gate.example/api/x": {}}) as (url, asked):
        monkeypatch.setenv("HTTP_PROXY", url)
        for name in ("NO_PROXY", "no_proxy", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert exchange("http://gate.example", GET, 5).status == 200
    assert asked[0]["host"] == "gate.example"


@pytest.fixture(scope="module")
def private():
    """A certificate authority of its own, and a server with a certificate of it that answers each connection alike."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield authority, f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"])
def test_a_private_authority(private, tmp_path, monkeypatch, variable):
    """Is trusted where one of the two variables names its certificate, and refused with the cure where none does."""
    authority, url = private
    with pytest.raises(Unavailable, match="set SSL_CERT_FILE"):
        exchange(url, GET, 5)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv(variable, str(tmp_path / "ca.pem"))
    assert exchange(url, GET, 5).body == b"{}"
