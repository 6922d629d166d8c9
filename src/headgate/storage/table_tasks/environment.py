"""Which variables a process that touches tables gets: how to run, and how object storage is reached. No provider's key is among them."""

from collections.abc import Mapping

_VARIABLES = frozenset({"PATH", "HOME", "LANG", "TMPDIR", "TZ", "VIRTUAL_ENV", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
                        "http_proxy", "https_proxy", "no_proxy", "GOOGLE_APPLICATION_CREDENTIALS"})  # fmt: skip
_VARIABLE_PREFIXES = ("AWS_", "AZURE_", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_BUCKET", "PYTHON", "RUST_", "LD_LIBRARY_PATH", "DYLD_")


def table_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables for a process that touches tables."""
    return {name: value for name, value in environ.items() if name in _VARIABLES or name.startswith(_VARIABLE_PREFIXES)}
