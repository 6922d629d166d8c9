"""The TLS context of the upstream client: the system's authorities and those of the settings, always verified, for the right host."""

import logging
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


_LOOK_EVERY_S = 10.0
_LOG = logging.getLogger("headgate.upstream")


class Authorities:
    """The context that new connections verify with. It follows its files: one that is replaced counts within ten seconds, without a restart.

    A file that cannot be read any more changes nothing: the authorities that were read last stay.
    """

    def __init__(self, extra_ca_file: str = "") -> None:
        """Raises OSError if the extra file cannot be read. The system's authorities are read when a provider first needs them: that takes some 30 ms."""
        self._extra_ca_file = extra_ca_file
        self._stamp: tuple[object, ...] = ()
        self._look_at_s = 0.0
        self._context: ssl.SSLContext | None = None
        if extra_ca_file:
            self._stamp, self._context = self._files(), client_context(extra_ca_file)

    def context(self, now_s: float) -> ssl.SSLContext:
        """The context as the files are now, or were within the last ten seconds. `now_s` is of a monotonic clock."""
        known = self._context
        if known is not None and now_s < self._look_at_s:
            return known
        self._look_at_s = now_s + _LOOK_EVERY_S
        stamp = self._files()
        if known is not None and stamp == self._stamp:
            return known
        self._stamp = stamp
        try:
            known = client_context(self._extra_ca_file)
        except OSError as error:
            if known is None:
                raise
            _LOG.warning("the changed certificate authorities cannot be read (%s); the old ones stay in use", error)
        else:
            if self._context is not None:
                _LOG.warning("the certificate authorities have changed; new connections to providers use them")
        self._context = known
        return known

    def _files(self) -> tuple[object, ...]:
        return tuple(_stamp(path) for path in (*_system_files(), self._extra_ca_file) if path)


def client_context(extra_ca_file: str = "") -> ssl.SSLContext:
    """A verifying client context. Raises OSError (ssl.SSLError is one) if the extra file cannot be read.

    `ssl.create_default_context` would heed SSL_CERT_FILE and write keys to SSLKEYLOGFILE; a user who can set the environment must not choose which authorities Headgate trusts.
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
    folder = ssl.get_default_verify_paths().openssl_capath
    if os.path.isdir(folder):
        context.load_verify_locations(capath=folder)
    for bundle in _system_files():
        if os.path.isfile(bundle):
            context.load_verify_locations(cafile=bundle)
            return


def _system_files() -> tuple[str, ...]:
    """Where the system's bundle may be, in order."""
    return () if sys.platform == "win32" else (ssl.get_default_verify_paths().openssl_cafile, *_BUNDLES)


def _stamp(path: str) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)
