"""The gateways that this user is signed in to, and the token for each: a file for its owner alone in the user's configuration directory.

A token is in that file, or in the system's keyring; then the file says only that. Nothing here asks a gateway.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from headgate.cli.private_file import PRIVATE, read_file, replace_file
from headgate.config.paths import user_config_directory
from headgate.core.errors import Forbidden, NotFound
from headgate.core.secret import Secret

FILE_NAME = "logins.json"
KeptIn = Literal["file", "keyring"]


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """One gateway's login. `expires_at` is the token's end in ISO 8601, or empty. `secret` is `None` if the token is in the keyring."""

    url: str
    principal: str
    token_id: str = ""
    token_name: str = ""
    expires_at: str = ""
    kept_in: KeptIn = "file"
    secret: Secret | None = None


class LoginFile(msgspec.Struct, frozen=True):
    """All logins, and the address of the one that counts where none is named."""

    current: str = ""
    logins: tuple[Login, ...] = ()

    def find(self, url: str = "") -> Login | None:
        """The login for a gateway's address; without one, the current login."""
        wanted = plain_url(url) if url else self.current
        return next((login for login in self.logins if login.url == wanted), None)

    def with_login(self, login: Login) -> "LoginFile":
        """With this login, as the current one, in the place of an earlier one for the same gateway."""
        return LoginFile(login.url, (*self._others(login.url), login))

    def without(self, url: str) -> "LoginFile":
        """Without the login for this address. The latest of the others is the current one."""
        others = self._others(url)
        current = self.current if self.current != url else others[-1].url if others else ""
        return LoginFile(current, others)

    def _others(self, url: str) -> tuple[Login, ...]:
        return tuple(login for login in self.logins if login.url != url)


def login_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the logins are."""
    return user_config_directory(environ) / FILE_NAME


def read_logins(environ: Mapping[str, str] = os.environ) -> LoginFile:
    """The logins; none if there is no file. Raises Forbidden if others can read the file, because it holds tokens."""
    path = login_path(environ)
    found = read_file(path)
    if found is None:
        return LoginFile()
    if found.mode & 0o077:
        raise Forbidden(f"{path} holds your tokens, and others can read it. Run: chmod 600 {path}")
    try:
        return msgspec.json.decode(found.text, type=LoginFile, dec_hook=_secret)
    except msgspec.MsgspecError as error:
        raise NotFound(f"{path} cannot be read as logins ({error}). Delete it and sign in again: `headgate login URL`.") from error


def write_logins(logins: LoginFile, environ: Mapping[str, str] = os.environ) -> None:
    """Replace the file in one step. Only its owner can read it."""
    text = msgspec.json.format(msgspec.json.encode(logins, enc_hook=_revealed), indent=2)
    replace_file(login_path(environ), text.decode(), PRIVATE)


def plain_url(url: str) -> str:
    """An address in the one form that logins have: no slash at the end, scheme and host in lower case."""
    scheme, separator, rest = url.strip().rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{separator}{host.lower()}{slash}{path}"


def _revealed(value: object) -> object:
    if isinstance(value, Secret):
        return value.reveal()
    raise NotImplementedError(type(value).__name__)


def _secret(kind: type, value: object) -> object:
    if kind is Secret:
        return Secret(str(value))
    raise NotImplementedError(kind.__name__)
