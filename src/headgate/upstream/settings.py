"""What can be set about the way to the providers. The process's environment is never read here: a proxy or an authority counts only if it is in these settings."""

import msgspec

from headgate.core.secret import Secret


class UpstreamSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Limits, authorities and the proxy of the upstream client."""

    connect_timeout_s: float = 5.0  # name lookup, TCP, proxy and TLS together
    idle_connection_s: float = 30.0  # shorter than providers keep theirs, so that one is rarely found dead
    max_idle_per_host: int = 256
    max_header_bytes: int = 65_536
    max_answer_bytes: int = 268_435_456  # of an answer that is no event stream; a stream is bounded by its deadlines
    extra_ca_file: str = ""  # PEM, beside the system's authorities
    proxy_url: Secret | None = None  # http://[user:password@]host:port
    no_proxy: tuple[str, ...] = ("localhost", "127.0.0.0/8", "::1")  # hosts, .domains, networks, host:port, or "*"
    tick_s: float = 0.25  # how finely deadlines are kept
