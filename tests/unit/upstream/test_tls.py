"""The TLS context: always verifying, and deaf to the environment."""

import ssl

import pytest
import trustme

from headgate.upstream import tls
from headgate.upstream.tls import Authorities, client_context


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


def _authority(path):
    trustme.CA().cert_pem.write_to_path(str(path))


def _subjects(context):
    return {bytes(each) for each in context.get_ca_certs(binary_form=True)}


def test_a_replaced_bundle_counts_without_a_restart(tmp_path):
    """Within ten seconds, also where an authority was taken out of it; until then nothing is read again."""
    path = tmp_path / "ca.pem"
    _authority(path)
    authorities = Authorities(str(path))
    first = authorities.context(100.0)
    assert authorities.context(109.0) is first
    path.unlink()
    _authority(path)
    assert authorities.context(109.9) is first
    second = authorities.context(110.0)

    assert second is authorities.context(125.0)
    assert len(_subjects(first) - _subjects(second)) == len(_subjects(second) - _subjects(first)) == 1


@pytest.mark.parametrize("spoil", [lambda path: path.write_text("half a certif"), lambda path: path.unlink()])
def test_a_bundle_that_is_spoilt_changes_nothing(tmp_path, spoil, caplog):
    """The last good one stays, with one line in the log, until a good one comes."""
    path = tmp_path / "ca.pem"
    _authority(path)
    authorities = Authorities(str(path))
    first = authorities.context(0.0)
    spoil(path)

    assert [authorities.context(at_s) is first for at_s in (11.0, 22.0, 33.0)] == [True] * 3
    assert len(caplog.messages) == 1
    _authority(path)
    assert authorities.context(44.0) is not first
