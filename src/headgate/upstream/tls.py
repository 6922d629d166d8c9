"""The TLS context of the upstream client: the system's authorities and those handed in, always verified, for the right host."""

import os
import ssl
import sys

# Where distributions keep the bundle, for interpreters whose own default path names nothing on this machine.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def client_context(extra_ca_file: str = "") -> ssl.SSLContext:
    """A verifying client context. Raises OSError (ssl.SSLError is one) if the extra file cannot be read.

    `ssl.create_default_context` would heed SSL_CERT_FILE and write keys to SSLKEYLOGFILE; whoever sets the environment shall not choose whom we trust.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies chain and host name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    _load_system(context)
    if extra_ca_file:
        context.load_verify_locations(cafile=extra_ca_file)
    return context


def _load_system(context: ssl.SSLContext) -> None:
    if sys.platform == "win32":
        context.load_default_certs()  # the machine's certificate store
        return
    paths = ssl.get_default_verify_paths()
    if os.path.isdir(paths.openssl_capath):
        context.load_verify_locations(capath=paths.openssl_capath)
    for bundle in (paths.openssl_cafile, *_BUNDLES):
        if os.path.isfile(bundle):
            context.load_verify_locations(cafile=bundle)
            return
