"""Prints the caller's own token for a gateway. It asks no gateway, and loads little: programs run it often, and wait for it."""

import os

from headgate.cli.gateway_address import gateway_address, token_for
from headgate.core.clock import SystemClock


def print_token(url: str = "") -> None:
    """Print it. Raises Unauthenticated if there is none, or if it has ended."""
    address = gateway_address(url, os.environ)
    print(token_for(address, os.environ, SystemClock().wall_ns() // 1_000_000).reveal())
