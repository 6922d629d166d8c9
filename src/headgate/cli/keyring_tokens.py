"""Tokens in the system's keyring, with the library `keyring` where it is installed (the extra `headgate[keyring]`).

It is imported only when it is used: it takes longer to load than most commands take to run.
"""

from headgate.core.errors import NotFound, Unavailable
from headgate.core.secret import Secret

_SERVICE = "headgate"


def is_usable() -> bool:
    """Whether the library is installed and has found a keyring on this machine."""
    try:
        import keyring  # ruff: ignore[import-outside-top-level] see the module's head
    except ImportError:
        return False
    return float(keyring.get_keyring().priority) > 0


def store_token(url: str, token: Secret) -> None:
    """Put the token of a gateway into the keyring. Raises Unavailable if that fails."""
    import keyring  # ruff: ignore[import-outside-top-level] see the module's head
    from keyring.errors import KeyringError  # ruff: ignore[import-outside-top-level] see the module's head

    try:
        keyring.set_password(_SERVICE, url, token.reveal())
    except KeyringError as error:
        raise Unavailable(f"The keyring does not take the token ({error}). `headgate login --keep-in file` keeps it in a file.") from error


def read_token(url: str) -> Secret:
    """The token of a gateway. Raises NotFound if the keyring has none, Unavailable if it cannot be read."""
    try:
        import keyring  # ruff: ignore[import-outside-top-level] see the module's head
        from keyring.errors import KeyringError  # ruff: ignore[import-outside-top-level] see the module's head
    except ImportError as error:
        raise Unavailable(f"Your token is in the keyring, which needs headgate[keyring]. Install it, or run `headgate login {url}` again.") from error
    try:
        found = keyring.get_password(_SERVICE, url)
    except KeyringError as error:
        raise Unavailable(f"The keyring cannot be read ({error}). Is it locked?") from error
    if found is None:
        raise NotFound(f"The keyring has no token for {url}. Sign in again: `headgate login {url}`.")
    return Secret(found)


def delete_token(url: str) -> None:
    """Take the token of a gateway out of the keyring, if it is there."""
    try:
        import keyring  # ruff: ignore[import-outside-top-level] see the module's head
        from keyring.errors import KeyringError, PasswordDeleteError  # ruff: ignore[import-outside-top-level] see the module's head
    except ImportError:
        return
    try:
        keyring.delete_password(_SERVICE, url)
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise Unavailable(f"The keyring cannot be changed ({error}). Is it locked?") from error
