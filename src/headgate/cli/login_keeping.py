"""Keeps the token of a login in one place, the keyring or the file, and removes it from the other one."""

from collections.abc import Mapping
from typing import Any

from headgate.cli.gateway import RemoteGateway
from headgate.cli.keyring_tokens import delete_token, store_token
from headgate.cli.logins import KeptIn, Login, read_logins, write_logins


def keep_login(gateway: RemoteGateway, me: Mapping[str, Any], where: KeptIn) -> Login:
    """Make this the current login. `me` is what the gateway says of its token."""
    logins = read_logins()
    earlier = logins.find(gateway.url)
    if where == "keyring":
        store_token(gateway.url, gateway.token)
    elif earlier is not None and earlier.kept_in == "keyring":
        delete_token(gateway.url)
    made = Login(
        url=gateway.url,
        principal=me["principal"]["name"],
        token_id=me["token"]["id"],
        token_name=me["token"]["name"],
        expires_at=me["token"]["expires_at"] or "",
        kept_in=where,
        secret=gateway.token if where == "file" else None,
    )
    write_logins(logins.with_login(made))
    return made
