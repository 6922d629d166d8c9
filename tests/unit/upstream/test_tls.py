"""The TLS context: always verifying, and deaf to the environment."""

import ssl

import pytest
import trustme

from headgate.upstream import tls
from headgate.upstream.tls import client_context


def test_it_verifies():
    """Chain and host name, TLS 1.2 at least."""
    context = client_context()

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_an_extra_file(tmp_path):
    """Its authority is added, none is lost."""
    path = tmp_path / "ca.pem"
    trustme.CA(organization_name="Lab").cert_pem.write_to_path(str(path))

    assert client_context(str(path)).cert_store_stats()["x509"] == client_context().cert_store_stats()["x509"] + 1


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_cannot_be_read(tmp_path, content):
    """An error at once, not at the first request."""
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(OSError):
        client_context(str(path))


def test_the_environment_changes_nothing(tmp_path, monkeypatch):
    """Neither whom we trust, nor where keys are written."""
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    before = client_context().cert_store_stats()
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = client_context()

    assert context.cert_store_stats() == before
    assert context.keylog_filename is None


def test_an_interpreter_that_knows_no_place(monkeypatch):
    """The usual places of the bundle are looked at."""
    nowhere = ssl.DefaultVerifyPaths(None, None, "", "/nowhere/cert.pem", "", "/nowhere/certs")
    monkeypatch.setattr(tls.ssl, "get_default_verify_paths", lambda: nowhere)
    monkeypatch.setattr(tls, "_BUNDLES", ())

    assert client_context().cert_store_stats()["x509"] == 0
