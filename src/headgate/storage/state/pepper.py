"""The pepper: the key that tokens are hashed with, in a file of its own beside the store. A copy of the store without it verifies no guess."""

import os
import secrets
import stat
from pathlib import Path

_BYTES = 32


class PepperRefused(Exception):
    """The pepper file cannot be used; the message says why and what to do."""


def load_pepper(path: Path) -> bytes:
    """The pepper, made on first use. Refuses a file that others can read or write, or that holds something else."""
    if not path.exists():
        _create(path)
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(4 * _BYTES)
    except OSError as error:
        raise PepperRefused(f"{path} cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise PepperRefused(f"{path} is open to others (mode {mode:04o}); the tokens' key must be its owner's alone. Run: chmod 600 {path}")
    try:
        pepper = bytes.fromhex(content.decode("ascii"))
    except ValueError:
        pepper = b""
    if len(pepper) != _BYTES:
        raise PepperRefused(f"{path} does not hold {_BYTES} bytes in hex. Restore it from a backup; without it the tokens of the store are lost.")
    return pepper


def _create(path: Path) -> None:
    """Write a new file aside and link it in: it appears whole, and of two processes that try at once one wins for both."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(aside, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_hex(_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PepperRefused(f"{path} cannot be written: {error.strerror}") from error
    try:
        os.link(aside, path)
    except FileExistsError:
        return  # another process was first; its pepper counts
    finally:
        aside.unlink()
