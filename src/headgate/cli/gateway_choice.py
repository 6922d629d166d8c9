"""Decides what a command works on: a gateway that it asks over HTTP, or this machine's own store.

In this order: `--url` or `--data` as typed, HEADGATE_URL, HEADGATE_DATA, a login, this machine.
"""

import os
from collections.abc import Mapping

import typer

from headgate.cli.gateway import RemoteGateway
from headgate.cli.gateway_address import DATA_VARIABLE, URL_VARIABLE, GatewayAddress, gateway_address, token_for, uses_login
from headgate.cli.logins import read_logins
from headgate.core.clock import SystemClock


def gateway_or_store(url: str, data: str, environ: Mapping[str, str] = os.environ) -> RemoteGateway | None:
    """The gateway to ask, or `None` for the store that `data` names or this machine has. Both options have their variable's value if they were not typed."""
    url_typed, data_typed = url not in {"", environ.get(URL_VARIABLE)}, data not in {"", environ.get(DATA_VARIABLE)}
    if url_typed and data_typed:
        raise typer.BadParameter("choose one of --url, for a gateway, and --data, for this machine's store", param_hint="'--url'")
    if data_typed or (data and not url):
        return None
    if not url and read_logins(environ).find() is None:
        return None
    return asked_gateway(url, environ)


def asked_gateway(url: str = "", environ: Mapping[str, str] = os.environ) -> RemoteGateway:
    """The gateway for a command that always asks one. Raises Unauthenticated without a token for it."""
    return gateway_at(gateway_address(url, environ), environ)


def gateway_at(address: GatewayAddress, environ: Mapping[str, str] = os.environ) -> RemoteGateway:
    """The gateway at an address that was found, with the token for it: if the login named the address, that of the login."""
    token = token_for(address, environ, SystemClock().wall_ns() // 1_000_000)
    return RemoteGateway(url=address.url, token=token, signed_in=uses_login(address, environ))
