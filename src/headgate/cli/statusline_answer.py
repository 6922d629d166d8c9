"""Answers `headgate statusline`: one line for Claude Code's status line. It waits for nothing longer than a second, and always prints a line.

It loads little, because Claude Code runs it after every message.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from headgate.cli.gateway import RemoteGateway
from headgate.cli.gateway_address import TOKEN_VARIABLE, URL_VARIABLE, GatewayAddress, gateway_address, presented_token, token_for, uses_login
from headgate.cli.output import Paint
from headgate.cli.statusline_memory import Heard, recall, remember
from headgate.cli.statusline_text import status_line
from headgate.core.clock import SystemClock
from headgate.core.errors import GatewayError, Unauthenticated

_Found = TypeVar("_Found")
_WAIT_S = 1.0
_INPUT_BYTES_MAX = 1 << 20
_ROUTE = "/anthropic"
_TOKEN_PREFIX = "hg_"  # ruff: ignore[hardcoded-password-string] what a token begins with


def print_line(url: str = "") -> None:
    """Print the line. The gateway is the one that is named, or that Claude Code uses, or that the user signed in to."""
    session = _within(_WAIT_S, _session) or {}
    now_ms = SystemClock().wall_ns() // 1_000_000
    try:
        heard, trouble = heard_now(_gateway(url, os.environ, now_ms), now_ms, os.environ)
    except Unauthenticated:
        heard, trouble = Heard(), "not signed in: headgate login"
    except GatewayError:
        heard, trouble = Heard(), "no gateway: headgate login"
    print(status_line(session, heard.me, trouble, Paint(not os.environ.get("NO_COLOR"))))


def heard_now(gateway: RemoteGateway, now_ms: int, environ: Mapping[str, str]) -> tuple[Heard, str]:
    """What the gateway says now or said a moment ago, and in a few words what is wrong."""
    key = gateway.token.reveal()[-4:]
    heard = recall(gateway.url, key, environ)
    if heard.is_fresh(now_ms):
        return heard, ""
    if heard.is_away(now_ms):
        return heard, _away(heard)
    asked: dict[str, Any] | GatewayError | None = _within(_WAIT_S, lambda: _ask(gateway))
    if isinstance(asked, Unauthenticated):
        return Heard(), "token refused: headgate login"
    if isinstance(asked, dict):
        heard, trouble = Heard({"budgets": asked["budgets"], "limits": asked["limits"]}, now_ms), ""
    else:
        heard = Heard(heard.me, heard.at_ms, now_ms)
        trouble = _away(heard)
    remember(gateway.url, key, heard, environ)
    return heard, trouble


def _away(heard: Heard) -> str:
    return "gateway does not answer" + (", last known" if heard.me is not None else "")


def _ask(gateway: RemoteGateway) -> dict[str, Any] | GatewayError:
    try:
        return gateway.me(_WAIT_S)
    except GatewayError as error:
        return error


def _gateway(url: str, environ: Mapping[str, str], now_ms: int) -> RemoteGateway:
    """The gateway that was named, or that Claude Code uses, or that the user signed in to; and the token for it."""
    base = environ.get("ANTHROPIC_BASE_URL", "").rstrip("/")
    if url or environ.get(URL_VARIABLE) or not base.endswith(_ROUTE):
        address = gateway_address(url, environ)
        return RemoteGateway(url=address.url, token=token_for(address, environ, now_ms), signed_in=uses_login(address, environ))
    address = GatewayAddress(gateway_address(base.removesuffix(_ROUTE), environ).url, is_own=False)
    own = environ.get("ANTHROPIC_AUTH_TOKEN", "")
    named = own if own.startswith(_TOKEN_PREFIX) else ""
    token = presented_token(named, environ, address)
    if token is None:
        raise Unauthenticated(f"There is no token for {address.url}.")
    return RemoteGateway(url=address.url, token=token, signed_in=not named and not environ.get(TOKEN_VARIABLE))


def _session() -> dict[str, Any]:
    """What Claude Code says of its session; nothing in a terminal, or where it cannot be read."""
    if sys.stdin is None or sys.stdin.isatty():
        return {}
    try:
        found = json.loads(sys.stdin.buffer.read(_INPUT_BYTES_MAX))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _within(seconds: float, act: Callable[[], _Found]) -> _Found | None:
    """What it returns, or `None` if that takes longer. The thread is left behind: it ends with the process, also in a look-up of a name that hangs."""
    found: list[_Found] = []
    thread = threading.Thread(target=lambda: found.append(act()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None
