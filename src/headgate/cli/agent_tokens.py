"""The token that an agent is given: the one that the user gives, else a new one, of this machine's own store or of the gateway that the user is signed in to."""

import getpass
import os
import socket
import sys
from collections.abc import Mapping

from headgate.admin.token_request import TokenRequest
from headgate.agents.setting import Agent
from headgate.cli.connected import AgentToken
from headgate.cli.gateway_address import TOKEN_VARIABLE, GatewayAddress
from headgate.cli.gateway_choice import asked_gateway, gateway_at
from headgate.cli.remote_tokens import RemoteTokens
from headgate.cli.store import existing_store
from headgate.cli.token_access import stored_tokens
from headgate.core.errors import GatewayError, Unauthenticated
from headgate.core.secret import Secret

FROM_INPUT = "-"
_NAME_CHARS_MAX = 64


def given_token(asked: str, environ: Mapping[str, str], address: GatewayAddress) -> Secret | None:
    """The token of `--token` or HEADGATE_TOKEN, if there is one. `-` asks for it, or reads a line of standard input where that is no terminal.

    The variable's token belongs to the address that the variables name, so it is not sent to that of a login.
    """
    if asked != FROM_INPUT:
        is_of_variable = asked == environ.get(TOKEN_VARIABLE, "")
        return Secret(asked) if asked and not (is_of_variable and address.signed_in) else None
    token = getpass.getpass("Token: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not token.strip():
        raise Unauthenticated("No token came from standard input.")
    return Secret(token.strip())


def new_token(agent: Agent, address: GatewayAddress, data: str, user: str) -> AgentToken:
    """A token that is made for the agent. Raises Unauthenticated for another machine's gateway that the user is not signed in to."""
    name = f"{agent.recorded_as} on {socket.gethostname()}"[:_NAME_CHARS_MAX]
    if not address.is_own:
        made = RemoteTokens(gateway_at(address)).create(TokenRequest(name=name, user=user))
        return AgentToken(url=address.url, token=made.token, token_id=made.row.id)
    root = str(existing_store(data).root)
    with stored_tokens(root) as tokens:
        made = tokens.create(TokenRequest(name=name, user=user or getpass.getuser()))
    return AgentToken(url=address.url, token=made.token, token_id=made.row.id, data=root)


def revoke_made(token: AgentToken) -> bool:
    """Revoke a token that was made for an agent; whether that was done."""
    if not token.token_id:
        return False
    try:
        if not token.data:
            RemoteTokens(asked_gateway(token.url)).revoke(token.token_id)
        elif os.path.isdir(token.data):
            with stored_tokens(token.data) as tokens:
                tokens.revoke(token.token_id)
    except GatewayError:  # it is revoked already, or this user may not
        return False
    return True
