"""Decides what a command works on: a gateway that it asks over HTTP, or this machine's own store.

In this order: `--url` or `--data` as typed, HEADGATE_URL, HEADGATE_DATA, a login, this machine.
"""

import os
from collections.abc import Mapping

import typer

from headgate.cli.gateway import RemoteGateway
from headgate.cli.gateway_address import DATA_VARIABLE, TOKEN_VARIABLE, URL_VARIABLE, gateway_address, presented_token
from headgate.core.errors import Unauthenticated


def gateway_or_store(url: str, data: str, environ: Mapping[str, str] = os.environ) -> RemoteGateway | None:
    """The gateway to ask, or `None` for the store that `data` names or this machine has. Both options have their variable's value if they were not typed."""
    url_typed, data_typed = url not in {"", environ.get(URL_VARIABLE)}, data not in {"", environ.get(DATA_VARIABLE)}
    if url_typed and data_typed:
        raise typer.BadParameter("choose one of --url, for a gateway, and --data, for this machine's store", param_hint="'--url'")
    if data_typed or (data and not url):
        return None
    if not url and not gateway_address("", environ).signed_in:
        return None
    return asked_gateway(url, environ)


def asked_gateway(url: str = "", environ: Mapping[str, str] = os.environ) -> RemoteGateway:
    """The gateway for a command that always asks one. Raises Unauthenticated without a token for it."""
    address = gateway_address(url, environ)
    token = presented_token("", environ, address)
    if token is None and address.is_own:
        message = f"This asks a running gateway, and you are signed in to none: run `headgate login URL`, or set {TOKEN_VARIABLE}"
        raise Unauthenticated(f"{message}, and {URL_VARIABLE} if the gateway is not on this machine.")
    if token is None:
        message = f"You are not signed in to {address.url}. Run `headgate login {address.url}`, or set {TOKEN_VARIABLE} to your token."
        raise Unauthenticated(message)
    signed_in = address.signed_in or not environ.get(TOKEN_VARIABLE)
    return RemoteGateway(url=address.url, token=token, signed_in=signed_in)
