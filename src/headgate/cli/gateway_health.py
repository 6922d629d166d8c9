"""What a gateway says of itself to anyone (`/readyz`), and what to do about it. It needs no token."""

import datetime as dt
import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec

from headgate.cli.finding import Finding, failure, ok, warning
from headgate.cli.gateway_connection import exchange, is_without_proxy, named_proxy
from headgate.core.errors import GatewayError
from headgate.core.loopback import is_loopback

_TIMEOUT_S = 5.0
_SKEW_S = 60.0
_LOG = "read the log (`journalctl -u headgate` where it is a service)"


class GatewayHealth(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. `reached` says that something answered, and `is_headgate` that it was Headgate. `trouble` says why not, in words."""

    url: str
    reached: bool = False
    is_headgate: bool = False
    ready: bool = False
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    skew_s: float = 0.0
    trouble: str = ""


def health_of(url: str, now: dt.datetime) -> GatewayHealth:
    """Ask the gateway at an address."""
    try:
        answered = exchange(url, ("GET", "/readyz", {"accept": "application/json"}, None), _TIMEOUT_S)
    except GatewayError as error:
        return GatewayHealth(url=url, trouble=error.message)
    try:
        told = json.loads(answered.body)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("ready"), bool):
        said = told.get("message") if isinstance(told, dict) else None
        what = said if isinstance(said, str) else f"status {answered.status}"
        return GatewayHealth(url=url, reached=True, trouble=f"What answers at {url} is not a gateway that this command knows: {what}")
    return GatewayHealth(
        url=url,
        reached=True,
        is_headgate=True,
        ready=told["ready"],
        reasons=tuple(map(str, told.get("reasons", ()))),
        warnings=tuple(map(str, told.get("warnings", ()))),
        skew_s=_skew_s(answered.headers, now),
    )


def gateway_findings(health: GatewayHealth, *, is_own: bool, running: bool = False) -> list[Finding]:
    """Whether it answers, whether it is ready, and what it warns of. `running` says that one works on this machine's store."""
    if not health.reached and is_own and running:
        fix = "name its address: --url URL (it was started with another --port or --host than the configuration has)"
        return [failure("gateway", f"A gateway works on this store, but none answers at {health.url}.", fix)]
    if not health.reached:
        fix = "start it: headgate up" if is_own else "check the address and the network, or ask your Headgate administrator"
        return [failure("gateway", health.trouble, fix)]
    if not health.is_headgate:
        fix = "stop the other program, or choose another port: `headgate up --port N`" if is_own else "check the address"
        return [failure("gateway", health.trouble, fix)]
    found = [failure("gateway", f"{health.url} takes no requests: {reason}", _LOG) for reason in health.reasons]
    if not found:
        found.append(ok("gateway", f"ready at {health.url}"))
    found += [warning("gateway", each, _fix_of(each)) for each in health.warnings]
    return found


def clock_finding(health: GatewayHealth) -> Finding | None:
    """Whether this machine's clock and the gateway's agree; `None` where that is not known."""
    if not health.is_headgate:
        return None
    if abs(health.skew_s) > _SKEW_S:
        fix = "set this machine's clock by the network (timedatectl set-ntp true)"
        return warning("clock", f"This machine's clock differs from the gateway's by {abs(health.skew_s):.0f} s.", fix)
    return ok("clock", "as the gateway's")


def transport_finding(url: str) -> Finding:
    """Whether others on the way can read tokens."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return ok("tls", f"{parts.hostname} has a certificate that this machine trusts")
    if is_loopback(parts.hostname or ""):
        return ok("tls", "not needed: the gateway is on this machine")
    return warning(
        "tls", f"{url} is not encrypted: anyone on the way can read tokens.", "put a proxy with TLS in front, and use its https:// address"
    )


def proxy_findings(url: str, environ: Mapping[str, str]) -> list[Finding]:
    """Whether agents reach the gateway through a proxy that the environment names: Node asks it for addresses of this machine too."""
    parts = urlsplit(url)
    if not named_proxy(parts, environ):
        return [ok("proxy", "none in the environment")]
    host = parts.hostname or ""
    if is_without_proxy(host, environ):
        return [ok("proxy", f"{host} is in NO_PROXY")]
    text = f"{parts.scheme.upper()}_PROXY is set and NO_PROXY does not have {host}: agents send their requests to the gateway through that proxy."
    if is_loopback(host):
        return [failure("proxy", text, f'export NO_PROXY="{host},$NO_PROXY"')]
    return [warning("proxy", text, f'if the gateway is inside your network: export NO_PROXY="{host},$NO_PROXY"')]


def _fix_of(text: str) -> str:
    return "run `headgate check`, and correct the file" if "configuration is refused" in text else _LOG


def _skew_s(headers: Mapping[str, str], now: dt.datetime) -> float:
    try:
        return (now - parsedate_to_datetime(headers["date"])).total_seconds()
    except (KeyError, ValueError, TypeError):
        return 0.0
